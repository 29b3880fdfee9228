"""Digits come out as Babel writes them, which looks everything up again for each number."""

from __future__ import annotations

import pytest
from babel.numbers import format_compact_decimal, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from waterline.report.figures import figures
from waterline.report.numerals import compact_text, decimal_text

LOCALES = ("en", "zh_Hant", "zh_Hans")
NUMBERS = st.one_of(st.floats(-1e17, 1e17), st.floats(-100, 100), st.integers(-(10**15), 10**15).map(float))


@given(NUMBERS, st.integers(0, 4), st.integers(0, 2), st.sampled_from(LOCALES))
def test_a_number_is_written_as_babel_does(number: float, decimals: int, least: int, locale: str) -> None:
    pattern = ("#,##0." + "0" * least + "#" * max(0, decimals - least)).rstrip(".")
    expected = format_decimal(round(number, decimals), format=pattern, locale=locale).replace("-", "−")
    assert decimal_text(number, decimals, least, locale) == expected


@given(NUMBERS.filter(lambda number: abs(number) >= 10_000), st.integers(0, 4), st.sampled_from(LOCALES))
def test_a_short_form_is_written_as_babel_does(number: float, decimals: int, locale: str) -> None:
    expected = format_compact_decimal(number, locale=locale, fraction_digits=decimals).replace("-", "−")
    assert compact_text(number, decimals, 0, locale) == expected


@pytest.mark.parametrize(("locale", "text"), [("en", "2.788M"), ("zh_Hant", "278.8萬"), ("zh_Hans", "278.8万")])
def test_each_language_counts_in_its_own_steps(locale: str, text: str) -> None:
    assert compact_text(2_788_000.0, 3, 0, locale) == text


@pytest.mark.parametrize(
    ("median", "low", "high", "unit", "name", "value", "interval"),
    [
        (0.7, 0.52, 0.95, "fraction", "hour_cost_ratio", "0.70×", "0.52–0.95×"),
        (2.0, 1.3, 3.4, "USD/hour", "rental_price", "$2.00 per hour", "$1.30–$3.40 per hour"),
        (2.8e9, 2e9, 3.9e9, "USD", "programme_cost", "$2.8B", "$2.0B–$3.9B"),
        (0.7, 0.7, 0.7, "fraction", "hour_cost_ratio", "0.7×", ""),
        (-0.0516, -0.0607, -0.0458, "fraction", "gain_share", "−5.2%", "−6.1% to −4.6%"),
        (-1.8e-05, -0.4, 0.4, "", "elasticity_error", "0.00", "−0.40 to 0.40"),
        (4e11, 2e11, 8e11, "bit/s", "scale_out_rate", "400 Gbit/s", "200–800 Gbit/s"),
        (2.0, 2.0, 2.0, "USD/hour", "rental_price", "$2 per hour", ""),
    ],
)
def test_zeros_say_how_exact_an_uncertain_number_is(
    median: float, low: float, high: float, unit: str, name: str, value: str, interval: str
) -> None:
    shown = figures("en").shown({"median": median, "p05": low, "p95": high}, unit, name)
    assert (shown.value, shown.interval) == (value, interval)


@pytest.mark.parametrize(
    ("median", "low", "high", "unit", "value", "interval"),
    [
        (3e4, 8300.0, 9.9e4, "USD", "3.0萬美元", "8,300美元～9.9萬美元"),
        (7.1e7, 3.8e7, 1.5e8, "USD", "7100萬美元", "3800萬～1.5億美元"),
        (22.0, 1.3, 1200.0, "month", "22個月", "1.3～1,200個月"),
        (200.0, 200.0, 200.0, "USD/month", "200美元/月", ""),
        (989.4e12, 989.4e12, 989.4e12, "FLOP/s", "989.4 TFLOP/s", ""),
    ],
)
def test_a_chinese_unit_follows_its_number_without_a_gap(
    median: float, low: float, high: float, unit: str, value: str, interval: str
) -> None:
    shown = figures("zh-Hant").shown({"median": median, "p05": low, "p95": high}, unit)
    assert (shown.value, shown.interval.replace("\u2060", "")) == (value, interval)
