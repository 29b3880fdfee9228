"""The routes under /api: the verbs as JSON, with the keys that the command line's ``--json`` has."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from waterline.core.errors import InputError, MissingFactError
from waterline.core.scenario import parse_magnitude
from waterline.core.trace import explanation
from waterline.facts.present import search_record, source_row
from waterline.facts.search import find_sources
from waterline.questions.headline import Published, check
from waterline.questions.session import Session, today
from waterline.questions.variation import axis, vary
from waterline.report.wording import report_languages
from waterline.studies.pictures import rows_model
from waterline.studies.verbs import run
from waterline.web.living import LivingStudies
from waterline.web.terms import Pairs, Terms, read_terms

MOST_ROWS = 400  # of a sweep over the web
MOST_ROW_SAMPLES = 4_000_000
MOST_FOUND = 100
DEEPEST = 40
_FIGURES = ("count", "days", "tokens", "gpu_hours", "cost", "parameters", "active_parameters")


class UnknownNameError(InputError):
    """A name in the address that nothing has; answered with 404."""


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
        terms = self._terms(quantity, pairs)
        return self._session.inquiry(terms.scenario()).ask(quantity).to_dict()

    def explain(self, quantity: str, pairs: Pairs) -> dict[str, Any]:
        """The tree under a number; see ``waterline explain``."""
        terms = self._terms(quantity, pairs, "depth")
        text = dict(pairs).get("depth", "").strip()
        if text and not (text.isascii() and text.isdigit() and int(text[:4]) <= DEEPEST):
            raise InputError(f"depth is a whole number from 0 to {DEEPEST}, not {text[:20]!r}")
        return explanation(self._session.inquiry(terms.scenario()).ask(quantity), int(text) if text else None)

    def quantities(self, pairs: Pairs) -> dict[str, Any]:
        """Every quantity, or those whose name, label or layer holds every word of ``q``."""
        query = _query(pairs)
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
        query = _query(pairs)
        if not query.strip():
            kinds = sorted(known.facts.attributes)
            return {"text": "", "as_of": known.day.isoformat(), "count": 0, "rows": [], "assumptions": [],
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
        found = self._study(name)
        terms = read_terms(pairs)
        return run(self._session, found, terms.scenario(found.as_of)).document()

    def changes(self, name: str, pairs: Pairs) -> dict[str, Any]:
        """What to put in place of what, to turn a living page of the query ``before`` into one of this query."""
        self._study(name)
        given = dict(pairs)
        language = given.get("lang", "en")
        if language not in report_languages():
            raise InputError(f"lang is one of {', '.join(report_languages())}, not {language[:20]!r}")
        before = read_terms(parse_qsl(given.get("before", ""), keep_blank_values=True), ("lang",))
        return self._living.difference(name, language, before, read_terms(pairs, ("lang", "before")))

    def sweep(self, quantity: str, pairs: Pairs) -> dict[str, Any]:
        """A quantity over one or two axes; ``over.NAME=a,b,c`` or ``over.NAME=low:high:count``."""
        terms = self._terms(quantity, pairs, "format", "lang")
        return sweep_model(self._session, quantity, terms)

    def check(self, pairs: Pairs) -> dict[str, Any]:
        """A training headline's figures against each other and physics; see ``waterline check``."""
        names = ("model", "chip", "precision", *_FIGURES)
        terms = read_terms(pairs, names)
        given = {name: text.strip() for name, text in pairs if name in names and text.strip()}
        if terms.bindings:
            raise InputError(f"unknown figure {terms.bindings[0][0]!r}; give {', '.join(names)}")
        if "chip" not in given:
            raise InputError("chip is needed: the accelerator that the headline names")
        figures = {name: _figure(name, given[name]) for name in _FIGURES if name in given}
        texts = {name: given[name] for name in ("model", "chip", "precision") if name in given}
        return check(self._session, Published(**texts, **figures), terms.scenario())  # type: ignore[arg-type]

    def _terms(self, quantity: str, pairs: Pairs, *apart: str) -> Terms:
        """The terms of a question about a quantity that there is."""
        try:
            self._known(quantity)
        except InputError as problem:
            raise UnknownNameError(str(problem)) from problem
        return read_terms(pairs, apart)

    def _known(self, quantity: str) -> None:
        facts, catalogue = self._session.facts, self._session.catalogue
        if quantity in catalogue or quantity in facts.assumptions:
            return
        entity, _, attribute = quantity.rpartition(".")
        if entity:
            facts.attribute(facts.entity(entity), attribute)
        elif not facts.known_name(quantity):
            catalogue.find(quantity, facts.assumptions)

    def _study(self, name: str) -> Any:
        try:
            return self._living.study(name)
        except InputError as problem:
            raise UnknownNameError(str(problem)) from problem


def sweep_model(session: Session, quantity: str, terms: Terms) -> dict[str, Any]:
    """A quantity over the axes of ``terms`` as plain data: axes, rows and unit. Raises InputError."""
    if not 1 <= len(terms.over) <= 2:
        raise InputError("a sweep varies one or two things: over.NAME=a,b,c or over.NAME=low:high:count")
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
    return Payload(text.getvalue().encode(), "text/csv; charset=utf-8", f"{_file_name(model)}.csv")


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
    return Payload(out.getvalue(), "application/vnd.apache.parquet", f"{_file_name(model)}.parquet")


def _file_name(model: Mapping[str, Any]) -> str:
    names: Sequence[str] = [model["quantity"], *(axis["name"] for axis in model["axes"])]
    return "-".join("".join(letter if letter.isalnum() else "-" for letter in name) for name in names)


def _figure(name: str, text: str) -> float:
    value, rest = parse_magnitude(text)
    if rest.strip():
        raise InputError(f"{name}={text[:40]!r} is not a number (write 2048, 2.664M, 14.8T)")
    return value


def _query(pairs: Pairs) -> str:
    read_terms(pairs, ("q",))
    return dict(pairs).get("q", "")[:200]
