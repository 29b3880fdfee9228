"""The tree under a number: formulas, values and, at the leaves, sources or reasons."""

from __future__ import annotations

from typing import Any

from waterline.core.distribution import Text
from waterline.core.evaluate import Evaluation
from waterline.core.graph import Node
from waterline.core.records import assumption_record, source_record
from waterline.core.summary import to_show


def tree(evaluation: Evaluation, identity: str, depth: int | None = None) -> dict[str, Any]:
    """The node and what is under it as nested plain data, down to ``depth`` levels of inputs (None: all).

    Each entry has ``name, unit, formula, label, median, p05, p95, inputs`` and, at leaves, ``source`` (the facts) or
    ``assumption``. Where ``depth`` cuts the tree, ``more`` counts the inputs not shown.
    """
    entry = record(evaluation, identity)
    below = evaluation.graph.nodes[identity].edges
    if depth is not None and depth <= 0:
        entry["inputs"] = []
        if below:
            entry["more"] = len(below)
        return entry
    remaining = None if depth is None else depth - 1
    entry["inputs"] = [{**tree(evaluation, edge.node, remaining), "argument": edge.argument} for edge in below]
    return entry


def record(evaluation: Evaluation, identity: str) -> dict[str, Any]:
    """One node as plain data, with its inputs by id."""
    node = evaluation.graph.nodes[identity]
    entry: dict[str, Any] = {
        "id": node.id,
        "name": node.name,
        "unit": node.unit,
        "label": node.quantity.label if node.quantity else "",
        "formula": node.quantity.equation if node.quantity else "",
        **_value(evaluation, node),
        "inputs": list(node.below),
    }
    if node.leaf is not None:
        if node.leaf.is_assumption:
            entry["assumption"] = assumption_record(node.leaf)
        else:
            entry["source"] = [source_record(citation) for citation in node.leaf.citations]
    return entry


def _value(evaluation: Evaluation, node: Node) -> dict[str, Any]:
    """A number's median and 90% interval, an event's chance; a text has itself in ``text`` and no numbers."""
    if node.leaf is not None and isinstance(node.leaf.distribution, Text):
        return {"median": None, "p05": None, "p95": None, "text": node.leaf.distribution.value}
    summary = to_show(evaluation.summary(node.id), node.unit)
    return {"median": summary.median, "p05": summary.p05, "p95": summary.p95}
