"""The routes under /api: the verbs as JSON, with the keys that the command line's ``--json`` has."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import parse_qsl

from waterline.core.errors import InputError, MissingFactError
from waterline.core.scenario import parse_magnitude
from waterline.facts.present import search_record, source_row
from waterline.facts.search import find_sources
from waterline.facts.store import folded
from waterline.questions.headline import Published, check
from waterline.questions.session import Session, today
from waterline.questions.variation import axis, vary
from waterline.report.changes import Part
from waterline.report.wording import report_languages
from waterline.studies.pictures import rows_model
from waterline.studies.verbs import run
from waterline.web.living import Extent, LivingStudies
from waterline.web.terms import LONGEST_VALUE, Pairs, Terms, read_terms

MOST_ROWS = 400  # of a sweep over the web
MOST_ROW_SAMPLES = 4_000_000
MOST_FOUND = 100
DEEPEST = 40
LONGEST_QUERY = 2000
MOST_OPENED = 40
PARTS: tuple[Part, ...] = get_args(Part)
_PLACE = re.compile(r"[0-9]{1,6}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,11}(\.[0-9]{1,6})?[KMBT]?", re.ASCII)
_COUNT = re.compile(r"[1-9][0-9]{0,7}", re.ASCII)
_FIGURES = ("count", "days", "tokens", "gpu_hours", "cost")


class StalePageError(InputError):
    """The page that is to be changed cannot be one of ours; answered with 409."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A file to be handed out."""

    content: bytes
    media_type: str
    name: str


class Api:
    """Answers to requests, as plain data. Every method may raise InputError."""

    def __init__(self, session: Session, living: LivingStudies) -> None:
        self._session = session
        self._living = living

    def ask(self, quantity: str, pairs: Pairs) -> dict[str, Any]:
        """One number; see ``waterline ask``."""
        terms = read_terms(pairs)
        return self._session.inquiry(terms.scenario()).ask(quantity).to_dict()

    def explain(self, quantity: str, pairs: Pairs) -> dict[str, Any]:
        """The tree under a number; see ``waterline explain``."""
        terms = read_terms(pairs, ("depth",))
        text = dict(pairs).get("depth")
        if text is not None and not (text.isascii() and text.isdigit() and int(text[:4]) <= DEEPEST):
            raise InputError(f"depth is a whole number from 0 to {DEEPEST}, not {text[:20]!r}")
        answer = self._session.inquiry(terms.scenario()).ask(quantity)
        return answer.explanation(None if text is None else int(text))

    def quantities(self, pairs: Pairs) -> dict[str, Any]:
        """Every quantity, or those whose name, label or layer holds every word of ``q``."""
        query = _query(pairs, ("q",))
        catalogue = self._session.catalogue
        rows = [
            {"name": found.name, "unit": found.unit, "label": found.label, "formula": found.equation,
             "layer": found.layer, "roles": list(catalogue.role_names_of(found.name))}
            for found in catalogue.values()
            if all(word in f"{found.name} {found.label} {found.layer}".casefold() for word in query.casefold().split())
        ]  # fmt: skip
        return {"count": len(rows), "quantities": rows}

    def facts(self, pairs: Pairs) -> dict[str, Any]:
        """Facts, assumptions and sources that hold every word of ``q``; without it, the kinds of entity there are."""
        known = self._session.facts.as_of(read_terms(pairs, ("q",)).as_of or today())
        query = _query(pairs, ("q", "as_of"))
        if not folded(query):
            kinds = sorted(known.facts.attributes)
            return {"text": query, "as_of": known.day.isoformat(), "count": 0, "rows": [], "assumptions": [],
                    "sources": [], "kinds": kinds}  # fmt: skip
        sources = find_sources(known.facts, query)[:MOST_FOUND]
        return {
            **search_record(known, query, MOST_FOUND),
            "sources": [{**source_row(source), "facts": count} for source, count in sources],
        }

    def studies(self) -> dict[str, Any]:
        """Names of the studies that are served."""
        return {"studies": sorted(self._living.studies)}

    def study(self, name: str, pairs: Pairs) -> dict[str, Any]:
        """A study's claims with their verdicts; see ``waterline study``."""
        found = self._living.study(name)
        terms = read_terms(pairs)
        return run(self._session, found, terms.scenario(found.as_of)).document()

    def changes(self, name: str, pairs: Pairs) -> dict[str, Any]:
        """What to put in place of what, to turn a living page of the query ``before`` into one of this query."""
        self._living.study(name)
        shown = dict(pairs).get("before", "")
        if len(shown) > LONGEST_QUERY:
            raise InputError(f"before has at most {LONGEST_QUERY:,} characters")
        extent = _extent(pairs)
        terms, words = read_terms(pairs, ("lang", "before", "part", "opened")), language(pairs)
        try:
            before = read_terms(parse_qsl(shown, keep_blank_values=True), ("lang",))
            self._living.view(name, words, before, Extent(extent.part))
        except InputError as problem:
            raise StalePageError(f"there is no such page to change ({problem}); load it again") from problem
        return self._living.difference(name, words, before, terms, extent)

    def sweep(self, quantity: str, pairs: Pairs) -> dict[str, Any]:
        """A quantity over one or two axes; ``over.NAME=a,b,c`` or ``over.NAME=low:high:count``."""
        terms = read_terms(pairs, ("format", "lang"))
        return sweep_model(self._session, quantity, terms)

    def check(self, pairs: Pairs) -> dict[str, Any]:
        """A training headline's figures against each other and physics; see ``waterline check``."""
        names = ("model", "chip", "precision", *_FIGURES)
        terms = read_terms(pairs, names)
        given = {name: text for name, text in pairs if name in names}
        if terms.bindings:
            raise InputError(f"unknown figure {terms.bindings[0][0]!r}; give {', '.join(names)}")
        if "chip" not in given or "model" not in given:
            raise InputError("chip and model are needed: those that the headline names")
        figures = {name: _figure(name, given[name]) for name in _FIGURES if name in given}
        texts = {name: given[name] for name in ("model", "chip", "precision") if name in given}
        return check(self._session, Published(**texts, **figures), terms.scenario())  # type: ignore[arg-type]


def language(pairs: Pairs) -> str:
    """The language that a query names, English where it names none. Raises InputError for one that there is not."""
    asked = dict(pairs).get("lang", "en")
    if asked not in report_languages():
        raise InputError(f"lang is one of {', '.join(report_languages())}, not {asked[:20]!r}")
    return asked


def sweep_model(session: Session, quantity: str, terms: Terms) -> dict[str, Any]:
    """A quantity over the axes of ``terms`` as plain data: axes, rows and unit. Raises InputError."""
    if len(terms.over) > 2:
        raise InputError("a sweep varies at most two things: over.NAME=a,b,c or over.NAME=low:high:count")
    axes = [axis(session, name, values) for name, values in terms.over]
    size = 1
    for each in axes:
        size *= len(each.values)
    if size > MOST_ROWS or size * terms.samples > MOST_ROW_SAMPLES:
        raise InputError(
            f"{size:,} rows of {terms.samples:,} samples are too many here; 'waterline sweep' has no limit"
        )
    rows = list(vary(session, terms.scenario(), [quantity], axes))
    if not rows:
        raise MissingFactError(f"nothing is known of {quantity} anywhere on these axes as of that date")
    found = rows_model(session, rows, axes, "")
    return {"quantity": quantity, "as_of": rows[0].answer.as_of.isoformat(), "samples": terms.samples, **found}


def table(model: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """A sweep's rows as a plain table: one column for each axis, then median, p05, p95 and unit."""
    columns = [*(axis["name"] for axis in model["axes"]), "median", "p05", "p95", "unit"]
    rows = [
        [*(at.get("id", at.get("value")) for at in row["at"].values()), row["median"], row["p05"], row["p95"],
         model["unit"]]
        for row in model["rows"]
    ]  # fmt: skip
    return columns, rows


def as_csv(model: Mapping[str, Any]) -> Payload:
    """A sweep as CSV."""
    columns, rows = table(model)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return Payload(text.getvalue().encode(), "text/csv; charset=utf-8", f"{file_name(model)}.csv")


def as_parquet(model: Mapping[str, Any]) -> Payload:
    """A sweep as Parquet. Raises InputError where pyarrow is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError("Parquet needs pyarrow on the server: pip install 'waterline[cluster]'") from None
    columns, rows = table(model)
    made = pyarrow.table({name: [row[place] for row in rows] for place, name in enumerate(columns)})
    out = io.BytesIO()
    pyarrow.parquet.write_table(made, out)
    return Payload(out.getvalue(), "application/vnd.apache.parquet", f"{file_name(model)}.parquet")


def file_name(model: Mapping[str, Any]) -> str:
    """What a download of a sweep is called, without its ending."""
    names: Sequence[str] = [model["quantity"], *(axis["name"] for axis in model["axes"])]
    return "-".join("".join(letter if letter.isalnum() else "-" for letter in name) for name in names)


def _figure(name: str, text: str) -> float:
    if not (_COUNT if name == "count" else _NUMBER).fullmatch(text):
        raise InputError(f"{name}={text[:40]!r} is not a number (write 2048, 2.664M, 14.8T)")
    return parse_magnitude(text)[0]


def _extent(pairs: Pairs) -> Extent:
    """The part of a page that is to be changed, and the places of the numbers that are open on it."""
    query = dict(pairs)
    part = query.get("part", "page")
    if part not in PARTS:
        raise InputError(f"part is one of {', '.join(PARTS)}, not {part[:20]!r}")
    opened = query["opened"].split(",") if query.get("opened") else []
    if len(opened) > MOST_OPENED or not all(_PLACE.fullmatch(place) for place in opened):
        raise InputError(f"opened is the places of at most {MOST_OPENED} numbers, with commas between them")
    return Extent(part, tuple(sorted({int(place) for place in opened})) if part == "page" else ())


def _query(pairs: Pairs, names: Sequence[str]) -> str:
    for name, _ in pairs:
        if name not in names:
            raise InputError(f"{name[:40]!r} is not asked for here; give {' and '.join(names)}")
    query = dict(pairs).get("q", "")
    if len(query) > LONGEST_VALUE:
        raise InputError(f"q has at most {LONGEST_VALUE} characters")
    return query
