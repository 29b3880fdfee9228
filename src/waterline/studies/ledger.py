"""The ledger: every forecast on record, the chance it had by what was known then, what came of it, and the scores.

A chance is asked as of the day it is given for, and refused if anything under it leans on a later day: the as-of wall
is checked here once more, on every leaf. Outcomes count from the forecast's horizon on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from waterline.core.answer import Answer
from waterline.core.errors import InputError, MissingFactError, unknown
from waterline.core.records import source_record
from waterline.core.scenario import Scenario
from waterline.facts.document import Mapping, read_document
from waterline.questions.session import Inquiry, Session
from waterline.studies.claim import COMPARATORS, Claim, Stated
from waterline.studies.read import WRITTEN_LANGUAGES
from waterline.studies.run import standards_of
from waterline.studies.verdict import Standards, holds, judge

SHIPPED = Path(__file__).with_name("ledger.yaml")
CALIBRATION_BINS = 5

_FORECAST_KEYS = ("record", "text", "event", "chance", "outcome")
_NUMBERS = ("value", "low", "high")


@dataclass(frozen=True, slots=True)
class Question:
    """A quantity with what it is asked about, or a text that a fact gives."""

    quantity: str = ""
    fact: str = ""
    bindings: AnyMapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """One forecast: its record in the fact base, the event foretold, what gives its chance and what decides it."""

    id: str
    record: str
    text: AnyMapping[str, str]
    event: Claim
    chance: Question
    outcome: Question | None


@dataclass(frozen=True)
class Entry:
    """A forecast with its chance as of ``given``, and its outcome (None while open) as of the day asked."""

    forecast: Forecast
    forecaster: str
    made: date
    horizon: date
    given: date
    probability: float
    outcome: bool | None
    answer: Answer

    @property
    def brier(self) -> float | None:
        """Square of the distance between chance and outcome; None while open."""
        return None if self.outcome is None else (self.probability - self.outcome) ** 2

    @property
    def log(self) -> float | None:
        """Minus the logarithm of the chance that was given to what came; None while open."""
        if self.outcome is None:
            return None
        return -math.log(self.probability if self.outcome else 1 - self.probability)


@dataclass(frozen=True)
class Ledger:
    """The entries on record as of a day."""

    as_of: date
    entries: tuple[Entry, ...]

    @property
    def decided(self) -> list[Entry]:
        """Entries whose outcome is known."""
        return [entry for entry in self.entries if entry.outcome is not None]

    def to_dict(self) -> dict[str, Any]:
        """The ledger as plain data: ``forecasts`` and ``scores``."""
        return {
            "as_of": self.as_of.isoformat(),
            "forecasts": [_record(entry) for entry in self.entries],
            "scores": self.scores(),
        }

    def scores(self) -> dict[str, Any]:
        """Mean scores of the decided entries (lower is better), the score of always saying a half, and calibration."""
        decided = self.decided
        return {
            "brier": _mean([entry.brier for entry in decided]),
            "log": _mean([entry.log for entry in decided]),
            "n": len(decided),
            "brier_of_one_half": 0.25 if decided else None,
            "log_of_one_half": math.log(2) if decided else None,
            "calibration": calibration(decided),
        }


def calibration(decided: Sequence[Entry]) -> list[dict[str, float | int]]:
    """For each equal range of chances that has entries: how many, their mean chance, and the part that came true."""
    rows: list[dict[str, float | int]] = []
    for place in range(CALIBRATION_BINS):
        low, high = place / CALIBRATION_BINS, (place + 1) / CALIBRATION_BINS
        inside = [e for e in decided if low <= e.probability < high or (high == 1.0 and e.probability == 1.0)]
        if inside:
            rows.append(
                {
                    "low": low,
                    "high": high,
                    "n": len(inside),
                    "probability": float(np.mean([entry.probability for entry in inside])),
                    "frequency": float(np.mean([bool(entry.outcome) for entry in inside])),
                }
            )
    return rows


def ledger(session: Session, as_of: date, samples: int, seed: int, path: Path = SHIPPED) -> Ledger:
    """The forecasts made by ``as_of``, with chances and outcomes. Raises InputError for a wrong file or question."""
    given, bindings, forecasts = _read(path)
    now = session.inquiry(Scenario(as_of, samples=samples, seed=seed))
    standards = standards_of(now)
    entries = []
    for forecast in forecasts:
        made, horizon = (_day(now, forecast.record, name) for name in ("made", "horizon"))
        if made is None or horizon is None or made > as_of:
            continue
        asked = min(max(given, made), as_of)
        filled = {**bindings, **(forecast.chance.bindings or {})}
        inquiry = session.inquiry(Scenario(asked, filled, samples=samples, seed=seed))
        try:
            answer = inquiry.ask(forecast.chance.quantity)
        except MissingFactError:
            continue  # too early for any chance: an early as-of date shows less
        refuse_hindsight(forecast.id, answer, asked)
        outcome = _outcome(forecast, now, session) if as_of >= horizon else None
        who = now.known.text(forecast.record, "forecaster")
        forecaster = "" if who is None else who.text or ""
        chance = _chance(forecast, answer, standards)
        entries.append(Entry(forecast, forecaster, made, horizon, asked, chance, outcome, answer))
    return Ledger(as_of, tuple(entries))


def refuse_hindsight(identity: str, answer: Answer, day: date) -> None:
    """Raise InputError when a chance rests on a fact known later than ``day``, or on an assumption that leans on one.

    An assumption without a day leans on nothing that has one (see `facts.record.Assumption`) and passes.
    """
    for leaf in answer.leaves:
        late = [citation for citation in leaf.citations if citation.known > day]
        if late:
            raise InputError(
                f"forecast {identity}: {late[0].fact} was known only on {late[0].known}, after {day}: hindsight"
            )
        if leaf.is_assumption and not leaf.chosen and leaf.known is not None and leaf.known > day:
            raise InputError(
                f"forecast {identity}: assumption {leaf.name} leans on {leaf.known}, after {day}: hindsight"
            )


def _chance(forecast: Forecast, answer: Answer, standards: Standards) -> float:
    """The chance, drawn towards one half by the weakest grade of fact under it, as for every claim."""
    if answer.unit == "probability":
        share = float(answer.samples.mean())
    else:
        share = float(holds(forecast.event, answer.samples, standards.tolerance).mean())
    found = judge(share, answer.citations, True, standards).probability
    assert found is not None
    return found


def _outcome(forecast: Forecast, now: Inquiry, session: Session) -> bool | None:
    """Whether the event came: None where nothing reports it yet."""
    asked = forecast.outcome
    if asked is None:
        return None
    if asked.fact:
        entity, _, attribute = asked.fact.rpartition(".")
        fact = now.known.text(session.facts.entity(entity).id, attribute)
        return None if fact is None or fact.text is None else fact.text == forecast.event.stated.text
    try:
        answer = now.ask(asked.quantity, asked.bindings)
    except MissingFactError:
        return None
    return bool(holds(forecast.event, answer.samples, 0.0).mean() >= 0.5)


def _day(inquiry: Inquiry, record: str, attribute: str) -> date | None:
    found = inquiry.known.reference(inquiry.known.entity("forecast", record), attribute)
    return None if found is None else date.fromisoformat(found)


def _record(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.forecast.id,
        "text": entry.forecast.text.get("en", entry.forecast.id),
        "texts": dict(entry.forecast.text),
        "forecaster": entry.forecaster,
        "made": entry.made.isoformat(),
        "horizon": entry.horizon.isoformat(),
        "given": entry.given.isoformat(),
        "probability": entry.probability,
        "outcome": None if entry.outcome is None else int(entry.outcome),
        "brier": entry.brier,
        "log": entry.log,
        "quantity": entry.forecast.chance.quantity,
        "undated": _undated(entry.answer),
        "sources": [source_record(citation) for citation in entry.answer.citations],
    }


def _undated(answer: Answer) -> list[str]:
    """Assumptions under a chance that lean on nothing that has a day; what the question itself sets is none."""
    return [leaf.name for leaf in answer.leaves if leaf.is_assumption and not leaf.chosen and leaf.known is None]


def _mean(scores: Sequence[float | None]) -> float | None:
    return float(np.mean([score for score in scores if score is not None])) if scores else None


def _read(path: Path) -> tuple[date, dict[str, str], list[Forecast]]:
    place = path.name
    document = read_document(path, place)
    given, table = document.get("given"), document.get("forecasts")
    if not isinstance(given, date) or not isinstance(table, Mapping):
        raise InputError(f"{place}:1: a ledger needs 'given' (a date) and 'forecasts'")
    bindings = {str(name): str(value) for name, value in (document.get("bindings") or {}).items()}
    return (
        given,
        bindings,
        [_forecast(identity, table[identity], f"{place}:{table.line_of(identity)}") for identity in table],
    )


def _forecast(identity: str, entry: Any, place: str) -> Forecast:
    if not isinstance(entry, Mapping):
        raise InputError(f"{place}: forecast {identity} must be a mapping")
    for key in entry:
        if key not in _FORECAST_KEYS:
            raise InputError(f"{place}: {unknown('key', key, _FORECAST_KEYS)}")
    missing = [key for key in ("record", "text", "event", "chance") if key not in entry]
    if missing:
        raise InputError(f"{place}: forecast {identity} lacks {', '.join(missing)}")
    for language in entry["text"]:  # a comma in a text that is not quoted begins another key
        if language not in WRITTEN_LANGUAGES:
            raise InputError(f"{place}: {unknown('language', language, WRITTEN_LANGUAGES)}")
    event = entry["event"]
    comparator = str(event.get("comparator", ""))
    if comparator not in COMPARATORS:
        raise InputError(f"{place}: {unknown('comparator', comparator, COMPARATORS)}")
    numbers = {key: None if event.get(key) is None else float(event[key]) for key in _NUMBERS}
    stated = Stated(str(event.get("text", "")), unit=str(event.get("unit", "")), **numbers)
    claim = Claim(identity, "forecast", stated, comparator, place=place)
    outcome = None if "outcome" not in entry else _question(entry["outcome"])
    return Forecast(identity, str(entry["record"]), dict(entry["text"]), claim, _question(entry["chance"]), outcome)


def _question(entry: Mapping) -> Question:
    bindings = {str(name): str(value) for name, value in (entry.get("bindings") or {}).items()}
    return Question(str(entry.get("quantity", "")), str(entry.get("fact", "")), bindings)
