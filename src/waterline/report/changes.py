"""What is different between two views of one study: the parts of the page to put in place of the old ones.

A part is an element with an id. Only parts whose numbers, verdicts or texts differ are written again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from waterline.report.page import environment
from waterline.report.view import View

_REFERENCE = re.compile(r"\[\[([^\[\]]+)\]\]")
_DATED = ("opening", "sources", "left_out")  # parts that follow the as-of date


def aligned(model: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """``model`` with its nodes in the places that they have in ``base``, new ones after them.

    A leaf of the base in whose place the user's value stands becomes that value; any other that the model no longer
    has keeps what it was.
    """
    nodes = model["nodes"]
    chosen = {
        node["name"]: node for node in nodes.values() if node.get("assumption") and node["assumption"].get("chosen")
    }
    ordered = {
        identity: nodes.get(identity) or chosen.get(node["name"]) or node for identity, node in base["nodes"].items()
    }
    return {**model, "nodes": {**ordered, **nodes}}


def changes(before: View, after: View, pictures: bool = False) -> dict[str, Any]:
    """Parts by element id, panels by place, and publications that ``before`` does not list.

    Both views must have the same base, so that their numbers stand at the same places. Pictures take longer than all
    else together, so that they are asked for alone: with ``pictures`` they are the only parts.
    """
    old = before.model["nodes"]
    moved = {
        identity for identity, node in after.model["nodes"].items()
        if node is not old.get(identity) and node != old.get(identity)
    }  # fmt: skip
    parts = _pictures(before, after) if pictures else _parts(before, after, moved)
    fragments = {element: _written(template, after, values) for element, template, values in parts}
    entries = after.notes.entries
    return {
        "fragments": fragments,
        "nodes": {str(after.notes.place(identity)): after.notes.panel(entries[after.notes.place(identity)])
                  for identity in moved},
        "sources": after.notes.source_rows(0 if len(moved) == len(entries) else len(before.notes.sources)),
        "source_start": 0 if len(moved) == len(entries) else len(before.notes.sources),
    }  # fmt: skip


def _parts(before: View, after: View, moved: set[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
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
    yield from _notes(before, after, moved)
    if new["overrides"] != old["overrides"] or dated:
        yield "reproduce", "reproduce.html", {}


def _pictures(before: View, after: View) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for old, new in zip(before.model["pictures"], after.model["pictures"], strict=True):
        if old != new and old["rows"] and new["rows"]:
            yield f"picture-{new['id']}", "picture.html", {"drawn": after.pictures.draw(new)}


def _claims(before: View, after: View, moved: set[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for identity, claim in after.model["claims"].items():
        row = claim != before.model["claims"][identity]
        if row:
            yield f"row-{identity}", "claim_row.html", {"claim": after.claims.claim(identity)}
        drivers = any(driver["name"] in moved for driver in claim["influences"])
        if row or drivers or _refers(after, moved, claim["text"], claim["finding"], claim["reason_text"]):
            yield f"claim-{identity}", "claim.html", {"claim": after.claims.claim(identity)}


def _notes(before: View, after: View, moved: set[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    known = len(before.notes.entries)
    for identity in moved:
        place = after.notes.place(identity)
        if place >= known:
            continue
        entry = after.notes.entries[place]
        values = {"notes": after.notes, "entry": entry}
        yield f"n{entry['note']}", "note.html", values
        if entry["kind"] == "assumption" and before.notes.entries[place]["kind"] == "assumption":
            yield f"assumption-{entry['note']}", "assumption.html", values


def _touched(after: View, moved: set[str], key: str) -> bool:
    return _refers(after, moved, *(texts.get(key) for texts in after.model["text"].values()))


def _refers(after: View, moved: set[str], *texts: Any) -> bool:
    """Whether any of the texts, in any language, refers to a number that moved."""
    numbers = after.model["numbers"]
    keys = {key.strip() for text in texts if text for key in _REFERENCE.findall(str(text))}
    return any(numbers[key]["node"] in moved for key in keys if key in numbers)


def _any(moved: set[str], part: Any) -> bool:
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
