"""A request's query string as the terms of a question: who fills the roles, what is set, which date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from waterline.core.errors import InputError
from waterline.core.scenario import DEFAULT_SAMPLES, SMALLEST_SAMPLES, Scenario, parse_override
from waterline.questions.session import today

MOST_SAMPLES = 65_536
MOST_VALUES = 40  # roles and values of one question
LONGEST_VALUE = 120
SET, OVER = "set.", "over."
_LARGEST_SEED = 2**31

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Terms:
    """What a query string says. ``as_of`` and the like are None where it is silent."""

    bindings: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, str], ...]
    over: tuple[tuple[str, str], ...]
    as_of: date | None
    samples: int
    seed: int

    def scenario(self, day: date | None = None) -> Scenario:
        """The scenario, as of ``day`` where the query names no date. Raises InputError for a value not readable."""
        given = {name: parse_override(name, text) for name, text in self.values}
        return Scenario(self.as_of or day or today(), dict(self.bindings), given, self.samples, self.seed)

    def query(self) -> str:
        """The terms as a query string, always in the same order."""
        pairs = [
            *self.bindings,
            *((SET + name, text) for name, text in self.values),
            *((OVER + name, text) for name, text in self.over),
            *([("as_of", self.as_of.isoformat())] if self.as_of else []),
            *([("samples", str(self.samples))] if self.samples != DEFAULT_SAMPLES else []),
            *([("seed", str(self.seed))] if self.seed != 1 else []),
        ]
        return urlencode(pairs)


def read_terms(pairs: Pairs, apart: Iterable[str] = ()) -> Terms:
    """Read a query's pairs; those named ``apart`` belong to the page and are passed over.

    Raises InputError for a name given twice, too many or too long values, or a number out of its limits.
    """
    known = {*apart, "as_of", "samples", "seed"}
    single: dict[str, str] = {}
    for name, text in pairs:
        if name in single:
            raise InputError(f"{name!r} is given twice")
        if name not in apart and not 0 < len(text) <= LONGEST_VALUE:
            raise InputError(f"{name[:40]!r} takes a value of 1 to {LONGEST_VALUE} characters")
        single[name] = text
    questions = {name: text.strip() for name, text in single.items() if name not in known}
    if len(questions) > MOST_VALUES:
        raise InputError(f"a question takes at most {MOST_VALUES} roles and values")
    return Terms(
        bindings=_sorted(questions, ""),
        values=_sorted(questions, SET),
        over=_sorted(questions, OVER),
        as_of=_day(single.get("as_of")),
        samples=_whole(single, "samples", DEFAULT_SAMPLES, SMALLEST_SAMPLES, MOST_SAMPLES),
        seed=_whole(single, "seed", 1, 0, _LARGEST_SEED),
    )


def _sorted(questions: dict[str, str], prefix: str) -> tuple[tuple[str, str], ...]:
    if prefix:
        found = [(name.removeprefix(prefix), text) for name, text in questions.items() if name.startswith(prefix)]
    else:
        found = [(name, text) for name, text in questions.items() if not name.startswith((SET, OVER))]
    if prefix and any(not name for name, _ in found):
        raise InputError(f"{prefix} needs a name")
    return tuple(sorted(found) if prefix != OVER else found)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"as_of={text[:40]!r} is not a date YYYY-MM-DD") from None


def _whole(single: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    if name not in single:
        return default
    text = single[name]
    if not (text.isascii() and text.isdigit()) or not low <= int(text[:12]) <= high:
        raise InputError(f"{name} is a whole number from {low:,} to {high:,}, not {text[:40]!r}")
    return int(text)
