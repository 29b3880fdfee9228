"""Units. Pint is the authority; what it has answered once is remembered, so that a run rarely imports it.

Beyond pint's own units: ``USD`` (money), ``FLOP`` (operations) and ``token`` are dimensions of their own;
``GPU`` is a count, so that ``USD/hour`` and ``USD/GPU/hour`` are the same kind of price.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from waterline.core.errors import UnitError
from waterline.core.files import read_cache, write_cache

if TYPE_CHECKING:
    import pint

TEXT = "text"
DATE = "date"
LONGEST = 100  # characters of a unit
LARGEST_EXPONENT = 99  # pint works powers out as whole numbers
MOST_REMEMBERED = 2000  # answers kept for later runs, then begun anew; each new one writes all of them

DEFINITIONS = (
    "USD = [money]",
    "FLOP = [operation]",
    "token = [text_token]",
    "GPU = []",
    "fraction = []",
    "probability = []",
)
_OTHER_MONEY = re.compile(r"\b(EUR|GBP|JPY|CNY|RMB|CHF|TWD|KRW|INR|CAD|AUD)\b|[€£¥$]")
# Names, 1 and plain exponents, with products and quotients between them. Pint computes whatever else it can read while
# it reads: 9**9**9**9 never ends, nor does 1,1**1,1**1,1**1,1, since it drops commas
_DIGITS = "[0-9]{1,2}"
_EXPONENT = (
    rf"(?:\*\*|\^)\s*(?:[-+]?{_DIGITS}(?:\.{_DIGITS})?|\([-+]?{_DIGITS}(?:[/.]{_DIGITS})?\))"
    r"(?![\w.])(?!\s*(?:\*\*|\^))"
)
_UNIT = re.compile(rf"(?:{_EXPONENT}|[^\W\d]\w*+|1(?![\w.])|[*/·()°%\s])*+")
_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_PLAIN = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_MEMORY = f"units-{hashlib.blake2b(repr(DEFINITIONS).encode(), digest_size=6).hexdigest()}.json"


@functools.cache
def registry() -> pint.UnitRegistry[Any]:
    """Pint's registry with Waterline's dimensions added."""
    import pint

    units: pint.UnitRegistry[Any] = pint.UnitRegistry(autoconvert_offset_to_baseunit=False)
    for definition in DEFINITIONS:
        units.define(definition)
    return units


def conversion_factor(source: str, target: str) -> float:
    """Number by which a magnitude in ``source`` is multiplied to be in ``target``.

    Raises UnitError when one is not a unit or the dimensions differ.
    """
    if source == target:
        return 1.0
    answers = _remembered()
    question = f"{source} -> {target}"
    answer = answers.get(question)
    if answer is None:
        answer = _ask_pint(source, target)
        if len(answers) >= MOST_REMEMBERED:
            answers.clear()
            registry.cache_clear()  # it remembers every unit that it has ever read
        answers[question] = answer
        write_cache(_MEMORY, json.dumps(answers, sort_keys=True).encode())
    return answer


@functools.cache
def _remembered() -> dict[str, float]:
    stored = read_cache(_MEMORY)
    if stored is None:
        return {}
    try:
        answers = json.loads(stored)
        return {str(question): float(answer) for question, answer in answers.items()}
    except (ValueError, AttributeError, TypeError):
        return {}


def _ask_pint(source: str, target: str) -> float:
    if source in (TEXT, DATE) or target in (TEXT, DATE):
        raise UnitError(f"{source!r} is not {target!r}")
    import pint

    known = registry()
    units = parse(source, known), parse(target, known)
    try:
        fits = units[0].dimensionality == units[1].dimensionality
        factor = float((1.0 * units[0]).to(units[1]).magnitude) if fits else 0.0
    except (pint.errors.PintError, OverflowError) as problem:  # a logarithm or an offset within a product; Ym**16
        raise UnitError(f"{source!r} cannot be converted to {target!r}: {problem}") from problem
    if not fits or factor == 0.0:
        raise UnitError(f"{source!r} cannot be converted to {target!r}")
    return factor


def parse(text: str, known: pint.UnitRegistry[Any] | None = None) -> Any:
    """Pint's unit for ``text``, of the registry that is known or of the present one: units of two do not mix.

    Raises UnitError when it is not a unit (a number in it is not one either).
    """
    known = known or registry()
    if len(text) > LONGEST:  # pint tries every way to cut a word into prefix and unit
        raise UnitError(f"{text[:40]!r}… is not a unit")
    plain = _SUPERSCRIPT.sub(lambda found: "**" + found[0].translate(_PLAIN), text)
    money = "; money is in USD, at the rate of the day" if _OTHER_MONEY.search(text) else ""
    if not _UNIT.fullmatch(plain):
        how = ": it has names with * or / between them, and exponents of at most two digits"
        raise UnitError(f"{text[:40]!r} is not a unit{money or how}")
    try:
        parts: Any = known.parse_units_as_container(plain)
    except Exception as problem:  # pint's tokenizer leaks tokenize and recursion errors on hostile text
        raise UnitError(f"{text[:40]!r} is not a unit{money}") from problem
    if any(abs(exponent) > LARGEST_EXPONENT for exponent in parts.values()):  # ((hour**99)**99)**99
        raise UnitError(f"{text[:40]!r} is not a unit: an exponent is at most {LARGEST_EXPONENT}")
    return known.Unit(parts)
