"""Numbers as a language writes them: money, shares, counts, rates and their ranges, in as many digits as they bear."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from waterline.report.numerals import compact_text, decimal_text, trimmed
from waterline.report.wording import Wording, style_of, table, wording

COMPACT_FROM = 1e6  # 278.8 萬 and 2.788M from here on; below it every digit is shown
MONEY_COMPACT_FROM = {"en": COMPACT_FROM, "zh_Hant": 1e4, "zh_Hans": 1e4}  # 57 萬, where English writes 570,000
EXACT_DIGITS = 4  # significant digits of a compacted number that nothing makes uncertain
SPREAD_DIGITS = 2  # digits of the range's width that are shown
CALENDAR_YEARS = range(1900, 2200)
SURE = 0.995  # from it on a probability is written as more than 99%
_STEPS = {"en": (12, 9, 6, 3), "zh_Hant": (12, 8, 4), "zh_Hans": (12, 8, 4)}
_BY_SIZE = ("si", "year")  # styles in which how large the number is decides how it is written
_SI = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_HAN = re.compile(r"[\u3400-\u9fff]")
_GAP_BEFORE_HAN = re.compile(r" (?=[\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as text, and its 90% range as text (empty when nothing under it is uncertain)."""

    value: str
    interval: str = ""


class Figures:
    """Writes numbers in one language."""

    def __init__(self, words: Wording) -> None:
        self._wording = words
        self._locale = words.locale
        self._written = functools.lru_cache(maxsize=20_000)(self._write)  # the same numbers come again and again
        self._writer = functools.lru_cache(maxsize=2_000)(self._make_writer)

    def shown(self, estimate: Mapping[str, Any], unit: str, name: str = "", hint: str = "") -> Shown:
        """Median and range of ``estimate`` (keys ``median, p05, p95``), in ``unit``; a text (key ``text``) as it is."""
        text = estimate.get("text")
        if text is not None:
            return Shown(self._wording.day(text) if unit == "date" else str(text))
        return self._written(*(float(estimate[key]) for key in ("median", "p05", "p95")), unit, name, hint)

    def _write(self, median: float, low: float, high: float, unit: str, name: str, hint: str) -> Shown:
        unit = table("units.yaml")["written"].get(unit, unit)
        style = style_of(unit, name, hint)
        size = max(abs(median), abs(low), abs(high)) if style in _BY_SIZE else 0.0
        write, enclose = self._writer(style, unit, size)
        uncertain = abs(high - low) > 1e-9 * max(abs(high), abs(low))
        spread = high - low if uncertain else 0.0
        centre = 0.0 if low < 0 < high else median  # a median near zero bears no digits of its own
        value = enclose(write(median, _quantum(centre, spread), uncertain), median)
        if not uncertain:
            return Shown(value)
        ends = [write(end, _quantum(end, spread), True) for end in (low, high)]
        if ends[0][-1].isdigit() and _HAN.match(ends[1][-1]):  # 8,300 to 9.9萬: one unit after both would be of either
            ends[0] = enclose(ends[0], low)
        between = self._wording.say("range_below_zero" if low < 0 else "range")
        return Shown(value, enclose(between.format(*ends), high))

    def value(self, number: float, unit: str, name: str = "", hint: str = "") -> str:
        """One number that nothing makes uncertain."""
        return self.shown({"median": number, "p05": number, "p95": number}, unit, name, hint).value

    def tick(self, number: float, unit: str, name: str = "") -> str:
        """A round number on an axis, without the words of its unit."""
        style = style_of(unit, name)
        write, _ = self._writer(style, unit, abs(number) if style in _BY_SIZE else 0.0)
        return _closed(write(number, _quantum(number, 0.0), False))

    def share(self, fraction: float) -> str:
        """A share as a whole percentage."""
        return decimal_text(fraction * 100, 0, 0, self._locale) + "%"

    def fine_share(self, fraction: float) -> str:
        """A share of a whole, with a decimal where it is below ten percent."""
        percent = fraction * 100
        if 0 < percent < 0.1:
            return "<0.1%"
        return decimal_text(percent, 0 if percent >= 10 else 1, 0, self._locale) + "%"

    def probability(self, chance: float | None) -> str:
        """A probability; never written as certain."""
        if chance is None:
            return "–"
        if chance >= SURE:
            return ">99%"
        return "<1%" if chance <= 1 - SURE else self.share(chance)

    def _make_writer(
        self, style: str, unit: str, size: float
    ) -> tuple[Callable[[float, float, bool], str], Callable[[str, float], str]]:
        """A function that writes one number to a quantum, and one that puts the unit's words around it.

        The first is told whether zeros at the end say how exact the number is (0.70) or are left out (0.7).

        ``size`` is the largest of the numbers to be written, for the styles that follow it (`_BY_SIZE`).
        """
        numerator, *denominators = (part.strip() for part in unit.split("/"))
        if style == "percent":
            return (lambda x, q, zeros: self._plain(x * 100, q * 100, zeros) + "%"), lambda text, _: _closed(text)
        if style == "points":
            return (lambda x, q, zeros: self._plain(x, q, zeros) + "%"), lambda text, _: _closed(text)
        if style == "money":
            return self._money, self._per(self._wording.say("money"), denominators)
        if style == "ratio":
            return self._compact, lambda text, _: _closed(self._wording.say("ratio", number=text))
        if style == "scientific":
            return _scientific, self._labelled(numerator, denominators)
        if style == "si":
            factor, prefix = next((step for step in _SI if size >= step[0]), _SI[-1])
            enclose = self._labelled(numerator, denominators, prefix)
            return (lambda x, q, zeros: self._plain(x / factor, q / factor, zeros)), enclose
        if style == "year" and int(size) in CALENDAR_YEARS:
            return (lambda x, _quantum, _zeros: str(round(x))), lambda text, _: text
        return self._compact, self._labelled(numerator, denominators)

    def _labelled(self, numerator: str, denominators: list[str], prefix: str = "") -> Callable[[str, float], str]:
        singular, _, plural = self._unit(numerator).partition("|")

        def enclose(text: str, number: float) -> str:
            word = singular if abs(number) == 1 else plural or singular
            joined = f"{text} {prefix}{word}" if word else text
            return self._divided(joined, denominators)

        return enclose

    def _per(self, pattern: str, denominators: list[str]) -> Callable[[str, float], str]:
        """Money carries its sign on each number where the pattern starts with the symbol, words otherwise."""
        follows = pattern.startswith("{")
        return lambda text, _: self._divided(pattern.format(text) if follows else text, denominators)

    def _money(self, number: float, quantum: float, zeros: bool) -> str:
        pattern = self._wording.say("money")
        cents = 2 if abs(number) < 100 and (number != round(number) or (zeros and quantum < 1)) else 0
        text = self._compact(abs(number), quantum, zeros, cents, MONEY_COMPACT_FROM[self._locale])
        sign = "−" if number < 0 and text.strip("0.") else ""
        return sign + (text if pattern.startswith("{") else pattern.format(text))

    def _divided(self, text: str, denominators: list[str]) -> str:
        for unit in denominators:
            text = self._wording.per(text, unit)
        return _closed(text)

    def _unit(self, unit: str) -> str:
        return self._wording.units.get(unit, unit)

    def _compact(
        self, number: float, quantum: float, zeros: bool, least_decimals: int = 0, compact_from: float = COMPACT_FROM
    ) -> str:
        rounded = round(number / quantum) * quantum
        if abs(rounded) < compact_from:
            return self._plain(number, quantum, zeros, least_decimals)
        exponent = next((step for step in _STEPS[self._locale] if abs(rounded) >= 10**step), 0)
        decimals = min(max(0, exponent - math.floor(math.log10(quantum) + 1e-9)), EXACT_DIGITS)
        return compact_text(rounded, decimals, decimals if zeros else 0, self._locale)

    def _plain(self, number: float, quantum: float, zeros: bool, least_decimals: int = 0) -> str:
        decimals = max(0, -math.floor(math.log10(quantum) + 1e-9))
        least = max(decimals, least_decimals) if zeros else least_decimals
        return decimal_text(round(number / quantum) * quantum, decimals, least, self._locale)


@functools.cache
def figures(language: str) -> Figures:
    """The figures of a language."""
    return Figures(wording(language))


def _quantum(number: float, spread: float) -> float:
    """The step that a number is rounded to: small against its range, or four digits where it has none."""
    own = math.floor(math.log10(abs(number))) if number else 0
    if spread:
        step = math.floor(math.log10(spread)) - (SPREAD_DIGITS - 1)
        return float(10.0 ** min(step, own - (SPREAD_DIGITS - 1))) if number else float(10.0**step)
    exact = own - (EXACT_DIGITS - 1)
    return float(10.0 ** (min(exact, 0) if abs(number) < COMPACT_FROM else exact))


def _scientific(number: float, quantum: float, zeros: bool) -> str:
    if not number:
        return "0"
    exponent = math.floor(math.log10(abs(number)))
    decimals = max(0, exponent - math.floor(math.log10(quantum) + 1e-9))
    mantissa = trimmed(f"{number / 10**exponent:.{decimals}f}", decimals if zeros else 0)
    return f"{mantissa.replace('-', '−')}×10{str(exponent).translate(_SUPERSCRIPTS)}"


def _closed(text: str) -> str:
    """No gap between a number and its Chinese unit: style sheet and typesetter set it, as in the prose around it."""
    return text if text.isascii() else _GAP_BEFORE_HAN.sub("", text)
