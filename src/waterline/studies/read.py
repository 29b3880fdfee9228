"""Reads a study: ``study.yaml`` (claims, scenario, pictures) and a text file per language beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from waterline.core.errors import InputError, unknown
from waterline.facts.assumed import number
from waterline.facts.document import Mapping, parse_document, read_document
from waterline.studies.claim import COMPARATORS, KINDS, Claim, Stated

SHIPPED = Path(__file__).with_name("data")
WRITTEN_LANGUAGES = ("en", "zh-Hant")

_CLAIM_KEYS = (
    "kind", "stated", "comparator", "quantity", "fact", "bindings", "decided_by", "as_of", "cites", "publisher",
)  # fmt: skip
_STUDY_KEYS = (
    "name", "as_of", "earlier_as_of", "bindings", "sections", "claims", "iceberg", "definitions", "pictures", "numbers",
    "text",
)  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A number that a text refers to as ``[[key]]``."""

    quantity: str
    bindings: AnyMapping[str, str]
    format: str


@dataclass(frozen=True)
class StudyPicture:
    """A chart: quantities over entities in a role, or over values of an input, shown after a section's text.

    ``over`` maps each axis to its entities or values, or to ``low:high:count``. ``unit`` is what the picture is drawn
    in where that is not the quantity's own.
    """

    id: str
    chart: str
    section: str
    quantities: tuple[str, ...]
    over: AnyMapping[str, Any]
    bindings: AnyMapping[str, str]
    unit: str = ""
    place: str = ""


@dataclass(frozen=True)
class Study:
    """An ordered set of claims with prose, a scenario and pictures."""

    name: str
    place: str
    bindings: AnyMapping[str, str]
    claims: tuple[Claim, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    numbers: AnyMapping[str, Number]
    iceberg: AnyMapping[str, Any]
    definitions: AnyMapping[str, Any]
    text: AnyMapping[str, Mapping]
    pictures: tuple[StudyPicture, ...] = ()
    as_of: date | None = None
    earlier_as_of: date | None = None


def shipped_studies() -> list[str]:
    """Names of the studies that come with Waterline."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/study.yaml"))


def read_study(name: str) -> Study:
    """Read a shipped study by name, or one from a file. Raises InputError with file:line."""
    path = SHIPPED / name / "study.yaml"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        path = Path(name)
        if not path.is_file():
            problem = unknown("study", name, shipped_studies())
            listed = "" if "did you mean" in str(problem) else f"; shipped are {', '.join(shipped_studies())}"
            raise InputError(f"{problem}{listed}")
    return StudyReader(path).study()


class StudyReader:
    """One study file being read; messages name it and the line."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        """``content`` is the file's, where it does not stand on disk."""
        self._path = path
        self._place = f"{path.parent.name}/{path.name}" if path.is_relative_to(SHIPPED) else str(path)
        if content is None:
            self._document = read_document(path, self._place)
        else:
            self._document = parse_document(content, self._place)

    def study(self) -> Study:
        """The study. Raises InputError for the first thing that is wrong."""
        document = self._document
        self._allowed(document, _STUDY_KEYS)
        name = str(self._needed(document, "name"))
        claims = self._mapping(document, "claims")
        if not claims:
            self._fail(document, "claims", "a study needs at least one claim")
        found = tuple(self._claim(identity, self._mapping(claims, identity)) for identity in claims)
        numbers = self._optional(document, "numbers")
        sections = self._sections(document, {claim.id for claim in found})
        return Study(
            name=name,
            place=self._place,
            bindings=self._texts(document, "bindings"),
            claims=found,
            sections=sections,
            numbers={key: self._number(self._mapping(numbers, key)) for key in numbers},
            iceberg=self._optional(document, "iceberg"),
            definitions=self._optional(document, "definitions"),
            pictures=tuple(self._pictures(document, [key for key, _ in sections])),
            text=self._languages(),
            as_of=self._day(document, "as_of"),
            earlier_as_of=self._day(document, "earlier_as_of"),
        )

    def _claim(self, identity: str, entry: Mapping) -> Claim:
        self._allowed(entry, _CLAIM_KEYS)
        kind = str(entry.get("kind", "fact"))
        if kind not in KINDS:
            self._fail(entry, "kind", str(unknown("kind of claim", kind, KINDS)))
        comparator = str(entry.get("comparator", ""))
        if comparator and comparator not in COMPARATORS:
            self._fail(entry, "comparator", str(unknown("comparator", comparator, COMPARATORS)))
        claim = Claim(
            id=identity,
            kind=kind,
            stated=self._stated(self._mapping(entry, "stated") if "stated" in entry else Mapping(), entry),
            comparator=comparator,
            quantity=str(entry.get("quantity", "")),
            fact=str(entry.get("fact", "")),
            bindings=self._texts(entry, "bindings"),
            decided_by=str(entry.get("decided_by", "")),
            as_of=self._day(entry, "as_of"),
            cites=tuple(str(name) for name in self._list(entry, "cites")),
            publisher=str(entry.get("publisher", "")),
            place=f"{self._place}:{entry.line}",
        )
        if (claim.quantity or claim.fact) and not comparator:
            self._fail(entry, "quantity", f"claim {identity} needs a comparator: {', '.join(COMPARATORS)}")
        if not (claim.quantity or claim.fact or claim.decided_by):
            self._fail(entry, "kind", f"claim {identity} needs a quantity, a fact, or decided_by")
        return claim

    def _stated(self, entry: Mapping, claim: Mapping) -> Stated:
        numbers: dict[str, float | None] = {}
        for key in ("value", "low", "high", "step"):
            given = entry.get(key)
            try:
                numbers[key] = None if given is None else number(f"stated.{key}", given)
            except InputError as problem:
                self._fail(claim, "stated", str(problem))
        comparator = claim.get("comparator")
        if comparator == "between" and (numbers["low"] is None or numbers["high"] is None):
            self._fail(claim, "stated", "'between' needs stated.low and stated.high")
        if comparator in ("equals", "about", "at-least", "at-most", "above", "below") and numbers["value"] is None:
            self._fail(claim, "stated", f"{comparator!r} needs stated.value")
        return Stated(text=str(entry.get("text", "")), unit=str(entry.get("unit", "")), **numbers)

    def _sections(self, document: Mapping, known: set[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        written = self._optional(document, "sections")
        sections = {key: self._list(written, key) for key in written} or {"claims": sorted(known)}
        listed = [str(identity) for identities in sections.values() for identity in identities]
        for identity in listed:
            if identity not in known:
                self._fail(document, "sections", str(unknown("claim", identity, known)))
        missing = known - set(listed)
        if missing:
            self._fail(document, "sections", f"no section shows {', '.join(sorted(missing))}")
        return tuple((key, tuple(str(identity) for identity in identities)) for key, identities in sections.items())

    def _number(self, entry: Mapping) -> Number:
        self._allowed(entry, ("quantity", "bindings", "format"))
        quantity = str(self._needed(entry, "quantity"))
        return Number(quantity, self._texts(entry, "bindings"), str(entry.get("format", "plain")))

    def _pictures(self, document: Mapping, sections: list[str]) -> Iterator[StudyPicture]:
        pictures = self._optional(document, "pictures")
        for identity in pictures:
            if not re.fullmatch(r"[a-z][a-z0-9-]*", identity):
                self._fail(pictures, identity, f"picture id {identity!r}: a letter, then letters, digits and dashes")
            entry = self._mapping(pictures, identity)
            self._allowed(entry, ("chart", "section", "rows", "unit"))
            rows = self._mapping(entry, "rows")
            self._allowed(rows, ("quantity", "over", "bindings"))
            section = str(self._needed(entry, "section"))
            if section not in sections:
                self._fail(entry, "section", str(unknown("section", section, sections)))
            asked = self._needed(rows, "quantity")
            over = self._mapping(rows, "over")
            if not 1 <= len(over) <= 3:
                self._fail(rows, "over", "a picture varies one to three things")
            yield StudyPicture(
                id=identity,
                chart=str(self._needed(entry, "chart")),
                section=section,
                quantities=tuple(str(name) for name in (asked if isinstance(asked, list) else [asked])),
                over=over,
                bindings=self._texts(rows, "bindings"),
                unit=str(entry.get("unit", "")),
                place=f"{self._place}:{entry.line}",
            )

    def _languages(self) -> dict[str, Mapping]:
        """Texts by language: those in the study file itself, then ``text.LANGUAGE.yaml`` beside it."""
        inside = self._optional(self._document, "text")
        texts = {language: self._mapping(inside, language) for language in inside}
        for language in WRITTEN_LANGUAGES:
            path = self._path.with_name(f"text.{language}.yaml")
            if self._path.name == "study.yaml" and path.is_file():
                texts[language] = read_document(path, f"{path.parent.name}/{path.name}")
        for language in texts:
            if language not in WRITTEN_LANGUAGES:
                self._fail(inside, language, str(unknown("language", language, WRITTEN_LANGUAGES)))
        return texts

    def _day(self, entry: Mapping, key: str) -> date | None:
        value = entry.get(key)
        if value is not None and not isinstance(value, date):
            self._fail(entry, key, f"{key} must be a date YYYY-MM-DD, not {value!r}")
        return value

    def _texts(self, entry: Mapping, key: str) -> dict[str, str]:
        return {name: str(value) for name, value in self._optional(entry, key).items()}

    def _optional(self, entry: Mapping, key: str) -> Mapping:
        """A mapping that may be left out."""
        if entry.get(key) is not None:
            return self._mapping(entry, key)
        empty = Mapping()
        empty.line, empty.lines = entry.line, {}
        return empty

    def _list(self, entry: Mapping, key: str) -> list[Any]:
        """A list that may be left out."""
        value = entry.get(key)
        if value is not None and not isinstance(value, list):
            self._fail(entry, key, f"{key!r} must be a list")
        return value or []

    def _mapping(self, entry: Mapping, key: str) -> Mapping:
        value = entry.get(key)
        if not isinstance(value, Mapping):
            self._fail(entry, key, f"{key!r} must be a mapping")
        assert isinstance(value, Mapping)
        return value

    def _needed(self, entry: Mapping, key: str) -> Any:
        if key not in entry:
            self._fail(entry, key, f"missing {key!r}")
        return entry[key]

    def _allowed(self, entry: Mapping, keys: tuple[str, ...]) -> None:
        for key in entry:
            if key not in keys:
                self._fail(entry, key, str(unknown("key", key, keys)))

    def _fail(self, entry: Mapping, key: str, problem: str) -> None:
        raise InputError(f"{self._place}:{entry.line_of(key)}: {problem}")
