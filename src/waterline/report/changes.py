"""What is different between two views of one study: the parts of the page to put in place of the old ones.

A part is an element with an id. Only parts whose numbers, verdicts or texts differ are written again.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from waterline.report.notes import Note
from waterline.report.page import environment
from waterline.report.view import View

Part = Literal["page", "notes", "pictures"]
Moved = Mapping[str, Note]  # what moved, by id of the node
Fragments = Iterator[tuple[str, str, dict[str, Any]]]  # id of an element, its template, what that is filled with
_REFERENCE = re.compile(r"\[\[([^\[\]]+)\]\]")
_DATED = ("opening", "sources", "left_out")  # parts that follow the as-of date


def changes(before: View, after: View, part: Part = "page", opened: Collection[int] = ()) -> dict[str, Any]:
    """Parts of the page by element id, panels by place, and publications that ``before`` does not list.

    Both views must have the same base, so that their numbers stand at the same places. The ``page`` is what a reader
    has before the eyes; the ``notes`` under it, with what moves the claims, and the ``pictures`` are asked for apart.
    Panels of the places ``opened`` and of their inputs are there in any case: ``before`` need not have shown them.
    """
    old = before.model["nodes"]
    moved = {
        identity: after.notes.entry(identity) for identity, node in after.model["nodes"].items()
        if node is not (known := old.get(identity)) and node != known
    }  # fmt: skip
    parts = {"page": _parts, "notes": _driven, "pictures": _pictures}[part](before, after, moved)
    fragments = {element: _written(template, after, values) for element, template, values in parts}
    if part == "notes":
        fragments |= _notes(before, after, moved)
    tree = [after.notes.entries[place] for place in opened if place < len(after.notes.entries)]
    inputs = [after.notes.entries[place] for entry in tree for place in entry.inputs]
    start = 0 if len(moved) == len(after.notes.entries) else len(before.notes.sources.listed)
    return {
        "fragments": fragments,
        "nodes": {str(entry.place): after.notes.panel(entry) for entry in (*moved.values(), *tree, *inputs)},
        "sources": after.notes.sources.rows(start),
        "source_start": start,
    }


def _parts(before: View, after: View, moved: Moved) -> Fragments:
    old, new = before.model, after.model
    dated = old["as_of"] != new["as_of"]
    if dated:
        yield from ((_element(name), f"{name}.html", {}) for name in _DATED)
    elif _touched(after, moved, "lead"):
        yield "opening", "opening.html", {}
    if _touched(after, moved, "answer"):
        yield "answer", "answer.html", {}
    if new["iceberg"] != old["iceberg"] or _any(moved, new["iceberg"]):
        yield "iceberg", "iceberg.html", {}
    if new["definitions"] != old["definitions"] or _any(moved, new["definitions"]):
        yield "definitions", "definitions.html", {}
    if after.tally() != before.tally():
        yield "tally", "tally.html", {}
    yield from _claims(before, after, moved)
    if new["overrides"] != old["overrides"] or dated:
        yield "reproduce", "reproduce.html", {}


def _driven(before: View, after: View, moved: Moved) -> Fragments:
    """Claims that other inputs move than the page says, be it the one before or that of the base."""
    pages = [before.model, *([after.base.model] if after.base else [])]
    for identity, claim in after.model["claims"].items():
        if any(_differ(claim["influences"], page["claims"][identity]["influences"]) for page in pages):
            yield f"claim-{identity}", "claim.html", {"claim": after.claims.claim(identity)}


def _pictures(before: View, after: View, moved: Moved) -> Fragments:
    for old, new in zip(before.model["pictures"], after.model["pictures"], strict=True):
        if old != new and old["rows"] and new["rows"]:
            yield f"picture-{new['id']}", "picture.html", {"drawn": after.pictures.draw(new)}


def _claims(before: View, after: View, moved: Moved) -> Fragments:
    for identity, claim in after.model["claims"].items():
        row = _differ(claim, before.model["claims"][identity])
        if row:
            yield f"row-{identity}", "claim_row.html", {"claim": after.claims.claim(identity)}
        drivers = any(driver["name"] in moved for driver in claim["influences"])
        if row or drivers or _refers(after, moved, claim["text"], claim["finding"], claim["reason_text"]):
            yield f"claim-{identity}", "claim.html", {"claim": after.claims.claim(identity)}


def _notes(before: View, after: View, moved: Moved) -> dict[str, str]:
    """Items of the endnotes and of the list of assumptions; ``before`` has no place for new ones."""
    known = before.notes.entries
    placed = [entry for entry in moved.values() if entry.place < len(known)]
    assumed = [entry for entry in placed if entry.kind == known[entry.place].kind == "assumption"]
    return {
        **{f"n{entry.number}": after.endnotes.note(entry) for entry in placed},
        **{f"assumption-{entry.number}": after.endnotes.assumption(entry) for entry in assumed},
    }


def _differ(new: Any, old: Any) -> bool:
    """Whether two parts of a model read differently; what nothing has moved is one and the same object in both."""
    return new is not old and bool(new != old)


def _touched(after: View, moved: Moved, key: str) -> bool:
    return _refers(after, moved, *(texts.get(key) for texts in after.model["text"].values()))


def _refers(after: View, moved: Moved, *texts: Any) -> bool:
    """Whether any of the texts, in any language, refers to a number that moved."""
    numbers = after.model["numbers"]
    keys = {key for text in texts if text for key in _references(str(text))}
    return any(numbers[key]["node"] in moved for key in keys if key in numbers)


@functools.lru_cache(maxsize=5_000)
def _references(text: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in _REFERENCE.findall(text))


def _any(moved: Moved, part: Any) -> bool:
    """Whether a part of the model names a node that moved."""
    if isinstance(part, Mapping):
        return any(_any(moved, value) for value in part.values())
    if isinstance(part, list | tuple):
        return any(_any(moved, value) for value in part)
    return isinstance(part, str) and part in moved


def _element(template: str) -> str:
    return template.replace("_", "-")


def _written(template: str, after: View, values: Mapping[str, Any]) -> str:
    return environment().get_template(template).render(view=after, say=after.wording.say, **values)
