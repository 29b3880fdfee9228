"""Digits as a locale writes them: its symbols and short forms from Babel, read once, since numbers are many.

Babel's own functions look the locale and the pattern up again for each number, which took half of a report's time.
"""

from __future__ import annotations

import functools
from decimal import Decimal

Symbols = tuple[str, str]
_SYMBOLS = "latn"


def decimal_text(number: float, decimals: int, least: int, locale: str) -> str:
    """``number`` with at most ``decimals`` digits after the point and at least ``least``, in groups."""
    return _grouped(repr(round(number, decimals)), max(decimals, least), least, _symbols(locale))


@functools.lru_cache(maxsize=20_000)
def _grouped(number: str, decimals: int, least: int, symbols: Symbols) -> str:
    """The same for a number in Python's digits, which languages with the same symbols write alike."""
    return _localised(trimmed(f"{Decimal(number):,.{decimals}f}", least), symbols)


def compact_text(number: float, decimals: int, least: int, locale: str) -> str:
    """``number`` in the locale's short form (2.788M, 278.8 萬), with ``least`` to ``decimals`` digits after the point.

    A number below the least short form is written as it is.
    """
    exact = Decimal(repr(number))
    divisor, before, after = next(
        (step[1:] for step in _short_forms(locale) if abs(exact) >= step[0]), (Decimal(1), "", "")
    )
    digits = trimmed(f"{round(exact / divisor, decimals):.{decimals}f}", least)
    return f"{before}{_localised(digits, _symbols(locale))}{after}"


def trimmed(digits: str, least: int) -> str:
    """A number in Python's digits without zeros at its end, but for those among the ``least`` after the point."""
    whole, _, part = digits.partition(".")
    part = part[:least] + part[least:].rstrip("0")
    return f"{whole}.{part}" if part else whole


@functools.cache
def _symbols(locale: str) -> Symbols:
    """What parts groups of digits, and what stands before the decimals."""
    from babel import Locale

    written = Locale.parse(locale).number_symbols[_SYMBOLS]
    return written["group"], written["decimal"]


def _localised(digits: str, symbols: Symbols) -> str:
    """Digits as Python writes them, with a locale's symbols."""
    group, point = symbols
    return digits if digits.isdigit() else digits.translate({ord(","): group, ord("."): point, ord("-"): "−"})


@functools.cache
def _short_forms(locale: str) -> list[tuple[int, Decimal, str, str]]:
    """From the largest: from which size on, what is counted, and the words around the count."""
    from babel import Locale

    patterns = Locale.parse(locale).compact_decimal_formats["short"]["other"]
    found = []
    for size in sorted(map(int, patterns), reverse=True):
        pattern = patterns[str(size)]
        if pattern.pattern != "0":  # the locale counts in ones
            counted = size // 10 ** (pattern.pattern.count("0") - 1)
            found.append((size, Decimal(counted), pattern.prefix[0], pattern.suffix[0]))
    return found
