"""Facts and assumptions under an answer as plain data, as JSON has them."""

from __future__ import annotations

from typing import Any

from waterline.core.distribution import points
from waterline.core.knowledge import Citation, Leaf


def source_record(citation: Citation) -> dict[str, Any]:
    """A cited fact as plain data."""
    return {
        "fact": citation.fact,
        "stated": citation.stated,
        "title": citation.title,
        "publisher": citation.publisher,
        "url": citation.url,
        "known": citation.known.isoformat(),
        "valid": citation.valid.isoformat(),
        "trust": citation.trust,
    }


def assumption_record(leaf: Leaf) -> dict[str, Any]:
    """An assumption as plain data; ``value`` is the median, with the 90% interval beside it."""
    p05, median, p95 = points(leaf.distribution)
    return {
        "name": leaf.name,
        "value": median,
        "p05": p05,
        "p95": p95,
        "unit": leaf.unit,
        "reason": leaf.reason,
        "known": None if leaf.known is None else leaf.known.isoformat(),
        "chosen": leaf.chosen,
    }
