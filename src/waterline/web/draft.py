"""A study written in the browser: a headline and claims in a form, out comes the study file and a first verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from waterline.core.errors import InputError
from waterline.core.scenario import parse_magnitude
from waterline.questions.session import Session, today
from waterline.report.wording import TRADITIONAL
from waterline.studies.claim import COMPARATORS, KINDS
from waterline.studies.read import Study, StudyReader
from waterline.studies.verbs import run
from waterline.web.terms import read_terms

MOST_CLAIMS = 12
CLAIM_FIELDS = ("text", "kind", "stated", "value", "unit", "comparator", "quantity")
_OFFERED = (  # claims that a headline's figures suggest
    ("cost", "USD", "about", "rental_cost", "draft_rent"),
    ("cost", "USD", "about", "market_cost", "draft_whole"),
    ("gpu_hours", "hour", "about", "training_gpu_hours", "draft_hours"),
)


def claims_of(form: Mapping[str, str]) -> list[dict[str, str]]:
    """The claims that a form holds (fields ``claim1.text`` and so on); those without text and quantity are left out."""
    found = []
    for number in range(1, MOST_CLAIMS + 1):
        claim = {field: form.get(f"claim{number}.{field}", "").strip() for field in CLAIM_FIELDS}
        if claim["text"] or claim["quantity"]:
            found.append(claim)
    return found


def offered_claims(form: Mapping[str, str], words: Mapping[str, str]) -> list[dict[str, str]]:
    """Claims to start from, out of the headline's own figures."""
    return [
        {"text": words[text].format(stated=form[figure]), "kind": "estimate", "stated": form[figure],
         "value": form[figure], "unit": unit, "comparator": comparator, "quantity": quantity}
        for figure, unit, comparator, quantity, text in _OFFERED
        if form.get(figure, "").strip()
    ]  # fmt: skip


def study_file(form: Mapping[str, str], language: str) -> bytes:
    """The study file of a form. Raises InputError for a claim without a number or without any claim."""
    import yaml

    claims = {f"C{number}": _claim(claim, number) for number, claim in enumerate(claims_of(form), start=1)}
    if not claims:
        raise InputError("a study needs at least one claim: give its text and the quantity that decides it")
    headline = form.get("headline", "").strip()
    roles = {role: form[role].strip() for role in ("model", "chip") if form.get(role, "").strip()}
    texts = {f"C{number}": {"text": claim["text"] or claim["quantity"], "finding": ""}
             for number, claim in enumerate(claims_of(form), start=1)}  # fmt: skip
    document = {
        "name": _name(form.get("name", "") or headline),
        "as_of": today(),
        **({"bindings": roles} if roles else {}),
        "sections": {"claims": list(claims)},
        "claims": claims,
        "text": {_written(language): {"title": headline or "A study", "headline": headline, "claims": texts}},
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110).encode()


def first_verdicts(session: Session, content: bytes) -> list[dict[str, Any]]:
    """The claims of a study file decided. Raises InputError for what is wrong with it."""
    study = StudyReader(Path("study.yaml.draft"), content).study()
    return run(session, study, read_terms([]).scenario(study.as_of)).claims()


def read_draft(content: bytes) -> Study:
    """The study of a file's content. Raises InputError."""
    return StudyReader(Path("study.yaml.draft"), content).study()


def _claim(claim: Mapping[str, str], number: int) -> dict[str, Any]:
    if claim["kind"] not in KINDS or claim["comparator"] not in COMPARATORS:
        raise InputError(f"claim {number}: choose its kind and how it is compared")
    if not claim["quantity"]:
        return {"kind": claim["kind"], "stated": {"text": claim["stated"]}, "decided_by": "nothing-yet"}
    stated: dict[str, Any] = {"text": claim["stated"] or claim["value"]}
    if claim["value"]:
        try:
            value, rest = parse_magnitude(claim["value"].lstrip("$"))
        except InputError as problem:
            raise InputError(f"claim {number}: {problem}") from problem
        stated["value"] = value
        unit = claim["unit"] or rest.strip()
        if unit:
            stated["unit"] = unit
    return {
        "kind": claim["kind"],
        "stated": stated,
        "comparator": claim["comparator"],
        "quantity": claim["quantity"],
    }


def _name(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", text.casefold())
    return "-".join(words)[:60].strip("-") or "my-headline"


def _written(language: str) -> str:
    return "en" if language == "en" else TRADITIONAL
