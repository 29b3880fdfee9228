"""Units convert there and back and say why they do not; what pint has answered is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waterline.core import dimensions, units
from waterline.core.distribution import Point
from waterline.core.errors import UnitError
from waterline.core.files import read_cache, write_cache
from waterline.core.quantity import quantity
from waterline.core.scenario import Override
from waterline.core.units import conversion_factor

KINDS = (
    ("USD", "kUSD", "GUSD"),
    ("hour", "s", "day", "year"),
    ("USD/hour", "USD/GPU/day", "USD/year"),
    ("byte", "bit", "GB", "GiB"),
    ("FLOP/s", "TFLOP/s", "FLOP/hour"),
    ("J", "kWh", "MW*hour"),
    ("fraction", "percent", "GPU", "probability"),
)
pairs = st.sampled_from([(first, second) for kind in KINDS for first in kind for second in kind])


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("USD/GPU/hour", "USD/hour", 1),
        ("TFLOP/s", "FLOP/s", 1e12),
        ("Gbit/s", "byte/s", 1.25e8),
        ("USD/kWh", "USD/kW/hour", 1),
    ],
)
def test_units_convert_as_pint_says(source: str, target: str, factor: float) -> None:
    assert conversion_factor(source, target) == pytest.approx(factor)


@given(pairs)
def test_units_go_there_and_back(pair: tuple[str, str]) -> None:
    there, back = conversion_factor(*pair), conversion_factor(*reversed(pair))
    assert there * back == pytest.approx(1.0, rel=1e-12)
    if pair[0] == pair[1]:
        assert there == 1.0


@given(st.sampled_from(KINDS), st.data())
def test_units_by_way_of_a_third_come_to_the_same(kind: tuple[str, ...], data: st.DataObject) -> None:
    first, second, third = (data.draw(st.sampled_from(kind)) for _ in range(3))
    by_way = conversion_factor(first, second) * conversion_factor(second, third)
    assert conversion_factor(first, third) == pytest.approx(by_way, rel=1e-12)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("text", "USD", r"^'text' is not 'USD'$"),
        ("date", "text", r"^'date' is not 'text'$"),
        ("USD", "text", r"^'USD' is not 'text'$"),
        ("hour", "USD", r"^'hour' cannot be converted to 'USD'$"),
        ("EUR", "USD", r"^'EUR' is not a unit; money is in USD, at the rate of the day$"),
        ("furlongz", "USD", r"^'furlongz' is not a unit$"),
        ("m" * 101, "USD", r"^'m{40}'… is not a unit$"),
        ("degC", "K*USD", r"cannot be converted"),
        ("Ym**16", "m**16", r"cannot be converted"),
        (
            "9**9**9**9",
            "USD",
            r"^'9\*\*9\*\*9\*\*9' is not a unit: it has names with \* or / between them, and exponents of at most two",
        ),
        ("(2*m)**99", "USD", r"not a unit: it has"),
        ("m**(9*9*9*9)", "USD", r"not a unit: it has"),
        ("1,1**1,1**1,1**1,1", "USD", r"not a unit: it has"),
        ("(1+1+1)**(1+1+1)**(1+1+1)**(1+1+1)", "USD", r"not a unit: it has"),
        ("(((((hour**99)**99)**99)**99)**99)", "USD", r"not a unit: an exponent is at most 99$"),
        ("hour⁹⁹⁹⁹⁹⁹⁹⁹⁹⁹", "USD", r"not a unit: it has"),
        ("ym**16", "m**16", r"cannot be converted"),
        ("m**16", "ym**16", r"cannot be converted"),
    ],
)
def test_what_does_not_convert_says_why(source: str, target: str, message: str) -> None:
    with pytest.raises(UnitError, match=message):
        conversion_factor(source, target)


@pytest.mark.parametrize(
    "text", ["dollops", "USD//hour", "((((", "2 USD", "", "__import__('os')", "1e999", "dBW*hour", "h" * 500]
)
def test_what_is_no_unit_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        conversion_factor(text, "USD")


@pytest.mark.parametrize(
    "unit", ["1/year", "m**2", "m^-2", "m**0.5", "m**(1/2)", "cmH2O", "W*s/Gbit", "1", "m·s⁻²", "(m/s)^2 kg"]
)
def test_plain_numbers_in_a_unit_are_read(unit: str) -> None:
    assert conversion_factor(f"kUSD*({unit})", f"USD*({unit})") == pytest.approx(1000.0)


def test_an_override_comes_in_the_unit_of_what_it_replaces() -> None:
    assert Override(Point(2.0), "day").within("hour") == Point(48.0)
    assert Override(Point(2.0)).within("hour") == Point(2.0)


def test_answers_of_pint_are_kept_for_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert conversion_factor("fortnight", "hour") == pytest.approx(336.0)
    units._remembered.cache_clear()
    monkeypatch.setattr(units, "_ask_pint", lambda *_: pytest.fail("asked again"))
    assert conversion_factor("fortnight", "hour") == pytest.approx(336.0)
    for broken in (b"{", b"[1]", b'{"a -> b": "x"}', b'{"a -> b": null}'):
        write_cache(units._MEMORY, broken)
        units._remembered.cache_clear()
        assert units._remembered() == {}
    units._remembered.cache_clear()


def test_what_is_remembered_of_units_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "MOST_REMEMBERED", 2)
    units._remembered.cache_clear()
    write_cache(units._MEMORY, b"{}")
    before = units.registry()
    assert [conversion_factor(f"{unit}*hour", f"{unit}*s") for unit in ("furlong", "bit", "mol")] == [3600.0] * 3
    assert list(units._remembered()) == ["mol*hour -> mol*s"]
    assert units.registry() is not before  # pint keeps all that it has read
    units._remembered.cache_clear()


def test_formulas_that_passed_are_kept_for_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    @quantity("USD", hours="hour", price="USD/hour")
    def newly(hours: np.ndarray, price: np.ndarray) -> np.ndarray:
        """New.

        newly = hours × price
        """
        return hours * price

    dimensions.check_dimensions(newly)
    dimensions.remember_checked()
    assert newly.fingerprint in (read_cache(dimensions._MEMORY) or b"")
    kept = read_cache(dimensions._MEMORY)
    dimensions.remember_checked()
    assert read_cache(dimensions._MEMORY) == kept
    dimensions._passed.cache_clear()
    monkeypatch.setattr(dimensions, "run_with_units", lambda _: pytest.fail("checked again"))
    dimensions.check_dimensions(newly)
    write_cache(dimensions._MEMORY, b"x" * 13)  # of another version
    dimensions._passed.cache_clear()
    assert dimensions._passed() == set()
    assert {0.2 <= dimensions._magnitude(name) <= 0.9 for name in map(str, range(200))} == {True}
