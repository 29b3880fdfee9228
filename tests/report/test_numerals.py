"""Digits come out as Babel writes them, which looks everything up again for each number."""

from __future__ import annotations

import pytest
from babel.numbers import format_compact_decimal, format_decimal
from hypothesis import given
from hypothesis import strategies as st

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
    assert compact_text(number, decimals, locale) == expected


@pytest.mark.parametrize(("locale", "text"), [("en", "2.788M"), ("zh_Hant", "278.8萬"), ("zh_Hans", "278.8万")])
def test_each_language_counts_in_its_own_steps(locale: str, text: str) -> None:
    assert compact_text(2_788_000.0, 3, locale) == text
