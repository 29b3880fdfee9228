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
# A plain exponent. Others are computed while pint reads them: 9**9**9**9 never ends
_EXPONENT = re.compile(
    r"(?:\*\*|\^)\s*(?:[-+]?\d{1,2}(?:\.\d{1,2})?|\([-+]?\d{1,2}(?:/\d{1,2}|\.\d{1,2})?\))(?![\w.])(?!\s*(?:\*\*|\^))",
    re.ASCII,
)
_NUMBER = re.compile(r"(?<!\w)(?!1(?![\w.]))\.?\d")
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

    units = parse(source), parse(target)
    try:
        fits = units[0].dimensionality == units[1].dimensionality
        factor = float((1.0 * units[0]).to(units[1]).magnitude) if fits else 0.0
    except (pint.errors.PintError, OverflowError) as problem:  # a logarithm or an offset within a product; Ym**16
        raise UnitError(f"{source!r} cannot be converted to {target!r}: {problem}") from problem
    if not fits or factor == 0.0:
        raise UnitError(f"{source!r} cannot be converted to {target!r}")
    return factor


def parse(text: str) -> Any:
    """Pint's unit for ``text``. Raises UnitError when it is not a unit (a number in it is not one either)."""
    if len(text) > LONGEST:  # pint tries every way to cut a word into prefix and unit
        raise UnitError(f"{text[:40]!r}… is not a unit")
    if _NUMBER.search(_EXPONENT.sub("", text)):
        raise UnitError(f"{text[:40]!r} is not a unit: a number in it is an exponent of at most two digits")
    try:
        return registry().Unit(text)
    except Exception as problem:  # pint's tokenizer leaks tokenize and recursion errors on hostile text
        money = "; money is in USD, at the rate of the day" if _OTHER_MONEY.search(text) else ""
        raise UnitError(f"{text[:40]!r} is not a unit{money}") from problem
