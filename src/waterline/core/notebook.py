"""How answers show themselves in a notebook: value, range, a picture of the samples, and the tree as an outline."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.distribution import Samples

if TYPE_CHECKING:
    from waterline.core.answer import Answer

WIDTH, HEIGHT = 260, 56
_BARS = 48
_SHOWN = (0.005, 0.995)  # the picture leaves out the outermost samples
_FEW = 8  # sources and assumptions named under an answer


class Tree(dict[str, Any]):
    """The tree under a number: nested plain data, shown as an outline."""

    def __repr__(self) -> str:
        return "\n".join(_lines(self, ""))

    def _repr_html_(self) -> str:
        return _outline(self, True)


def answer_html(answer: Answer) -> str:
    """An answer as HTML; every text from facts is escaped."""
    found = answer.summary
    bound = ", ".join(f"{role}={entity}" for role, entity in answer.bindings.items())
    label = answer.node.quantity.label if answer.node.quantity else ""
    interval = "" if found.p05 == found.p95 else f" <small>90%: {found.p05:.4g} to {found.p95:.4g}</small>"
    notes = [f"{escape(citation.fact)} = {escape(citation.stated)} [{citation.trust}]: {_cited(citation)}"
             for citation in answer.citations[:_FEW]]  # fmt: skip
    notes += [f"<em>assumption</em> {escape(leaf.name)}: {escape(leaf.reason)}"
              for leaf in answer.leaves if leaf.is_assumption][:_FEW]  # fmt: skip
    listed = "".join(f"<li>{note}</li>" for note in notes)
    return (
        f"<div><div><code>{escape(answer.quantity)}({escape(bound)})</code> <small>as of {answer.as_of}</small></div>"
        f"<div>{escape(label)}</div>"
        f"<div><strong>{found.median:.4g} {escape(answer.unit)}</strong>{interval}</div>"
        f"{histogram(answer.samples)}"
        f"<details><summary>sources and assumptions</summary><ul>{listed}</ul></details></div>"
    )


def histogram(samples: Samples) -> str:
    """Samples as a small SVG histogram with median and 90% range marked; empty for a single value."""
    if samples.size < 2 or np.ptp(samples) == 0:
        return ""
    low, high = np.quantile(samples, _SHOWN)
    if not high > low:
        return ""
    counts, _ = np.histogram(samples, bins=_BARS, range=(low, high))
    width, floor = WIDTH / _BARS, HEIGHT - 8
    bars = "".join(
        f'<rect x="{place * width:.1f}" y="{floor - height:.1f}" width="{width - 0.6:.1f}" height="{height:.1f}"/>'
        for place, height in enumerate(counts / counts.max() * (floor - 4))
    )
    p05, median, p95 = ((value - low) / (high - low) * WIDTH for value in np.quantile(samples, (0.05, 0.5, 0.95)))
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Distribution of the samples"><g fill="#7fb2c8">{bars}</g>'
        f'<path d="M{p05:.1f} {floor + 4}H{p95:.1f}" stroke="#0a5d80" stroke-width="3"/>'
        f'<path d="M{median:.1f} 0V{floor + 7}" stroke="#b4430c" stroke-width="2"/></svg>'
    )


def _cited(citation: Any) -> str:
    title = escape(f"{citation.title}, {citation.publisher}, {citation.known}")
    linked = citation.url.startswith(("http://", "https://"))
    return f'<a href="{escape(citation.url)}" rel="noopener noreferrer">{title}</a>' if linked else title


def _value(entry: dict[str, Any]) -> str:
    if entry.get("text") is not None:
        return str(entry["text"])
    interval = "" if entry["p05"] == entry["p95"] else f" (90%: {entry['p05']:.4g} to {entry['p95']:.4g})"
    return f"{entry['median']:.4g} {entry['unit']}{interval}"


def _ground(entry: dict[str, Any]) -> str:
    """What a leaf rests on, in words."""
    if "assumption" in entry:
        return f"assumption: {entry['assumption']['reason']}"
    return "; ".join(f"{source['title']}, {source['publisher']}" for source in entry.get("source", [])[:2])


def _lines(entry: dict[str, Any], indent: str) -> list[str]:
    ground = entry["formula"] or _ground(entry)
    lines = [f"{indent}{entry['name']} = {_value(entry)}", *([f"{indent}    {ground}"] if ground else [])]
    for below in entry["inputs"]:
        lines += _lines(below, indent + "  ")
    return lines


def _outline(entry: dict[str, Any], unfolded: bool) -> str:
    head = f"<code>{escape(entry['name'])}</code> = <strong>{escape(_value(entry))}</strong>"
    ground = escape(entry["formula"] or _ground(entry))
    if not entry["inputs"]:
        return f"<div>{head} <small>{ground}</small></div>"
    below = "".join(f"<li>{_outline(each, False)}</li>" for each in entry["inputs"])
    mark = " open" if unfolded else ""
    return f"<details{mark}><summary>{head} <small>{ground}</small></summary><ul>{below}</ul></details>"
