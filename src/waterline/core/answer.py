"""The answer to a question: samples, what they summarise to, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import InputError
from waterline.core.evaluate import Evaluation
from waterline.core.graph import Node
from waterline.core.knowledge import Citation, Leaf
from waterline.core.records import assumption_record, source_record
from waterline.core.sensitivity import Influence, influences
from waterline.core.summary import Summary, summarise
from waterline.core.trace import tree

if TYPE_CHECKING:
    import pandas

    from waterline.core.notebook import Tree

__all__ = ["Answer", "Summary", "summarise"]


@dataclass(frozen=True, repr=False)
class Answer:
    """A quantity's samples in a scenario, with the graph that they came from."""

    quantity: str
    node: Node
    as_of: date
    bindings: Mapping[str, str]
    evaluation: Evaluation

    def __repr__(self) -> str:
        found = self.summary
        bound = ", ".join(f"{role}={entity}" for role, entity in self.bindings.items())
        interval = "" if found.p05 == found.p95 else f" (90%: {found.p05:.4g} to {found.p95:.4g})"
        return f"<Answer {self.quantity}({bound}) = {found.median:.4g}{interval} {self.unit}, as of {self.as_of}>"

    def _repr_html_(self) -> str:
        """The answer in a notebook: value, range, a picture of its distribution, sources and assumptions."""
        from waterline.core.notebook import answer_html

        return answer_html(self)

    def __rich__(self) -> str:
        """The answer on a terminal that rich draws on."""
        from rich.markup import escape

        found = self.summary
        interval = "" if found.p05 == found.p95 else f" [dim](90%: {found.p05:.4g} to {found.p95:.4g})[/dim]"
        bound = ", ".join(f"{role}={entity}" for role, entity in self.bindings.items())
        asked = escape(f"{self.quantity}({bound})" if bound else self.quantity)
        return f"{asked} = [bold]{found.median:.4g}[/bold] {escape(self.unit)}{interval} [dim]as of {self.as_of}[/dim]"

    def explain(self, depth: int | None = None) -> Tree:
        """The tree under the answer, down to ``depth`` levels of inputs; a dict that shows itself as an outline."""
        from waterline.core.notebook import Tree

        return Tree(tree(self.evaluation, self.node.id, depth))

    def explanation(self, depth: int | None = None) -> dict[str, Any]:
        """The tree and the inputs that move the answer most, as the ``explain`` command's JSON has them."""
        return {
            "tree": tree(self.evaluation, self.node.id, depth),
            "sensitivity": [
                {"name": found.name, "share": found.share, "when_low": found.when_low, "when_high": found.when_high}
                for found in self.influences
            ],
            "as_of": self.as_of.isoformat(),
        }

    def to_frame(self) -> pandas.DataFrame:
        """Samples as a data frame: a column for the answer, then one for each uncertain leaf; units in ``attrs``.

        Raises InputError where pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise InputError("to_frame needs pandas: pip install pandas; or take the NumPy array `.samples`") from None
        count = self.evaluation.samples
        columns, units = {self.quantity: self.samples}, {self.quantity: self.unit}
        for node in self.evaluation.graph.leaves(self.node.id):
            values = self.evaluation[node.id]
            if values.size > 1 and node.id not in columns:
                columns[node.id], units[node.id] = values, node.unit
        frame = pandas.DataFrame({name: np.broadcast_to(values, count) for name, values in columns.items()})
        frame.attrs["units"] = units
        return frame

    @property
    def unit(self) -> str:
        """Unit of the samples."""
        return self.node.unit

    @cached_property
    def samples(self) -> Samples:
        """Samples, shape ``(n,)``, or ``(1,)`` when nothing under the answer is uncertain."""
        return self.evaluation[self.node.id]

    @cached_property
    def summary(self) -> Summary:
        """Median, 90% interval and mean."""
        return self.evaluation.summary(self.node.id)

    @cached_property
    def leaves(self) -> list[Leaf]:
        """The leaves under the answer, each once."""
        return [node.leaf for node in self.evaluation.graph.leaves(self.node.id) if node.leaf is not None]

    @cached_property
    def citations(self) -> list[Citation]:
        """The facts under the answer, each once."""
        return list({citation: None for leaf in self.leaves for citation in leaf.citations})

    @property
    def left_out(self) -> list[Citation]:
        """Facts that exist for these leaves but were not yet known on the as-of date."""
        return list({citation: None for leaf in self.leaves for citation in leaf.left_out})

    @cached_property
    def influences(self) -> list[Influence]:
        """Which uncertain leaves move the answer most."""
        identity = self.node.id
        return self.evaluation.remembered("influences", identity, lambda: influences(self.evaluation, identity))

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, in the answer's unit."""
        summary = self.summary
        return {
            "quantity": self.quantity,
            "unit": self.unit,
            "median": summary.median,
            "p05": summary.p05,
            "p95": summary.p95,
            "mean": summary.mean,
            "as_of": self.as_of.isoformat(),
            "bindings": dict(self.bindings),
            "samples": self.evaluation.samples,
            "seed": self.evaluation.seed,
            "sources": [source_record(citation) for citation in self.citations],
            "assumptions": [assumption_record(leaf) for leaf in self.leaves if leaf.is_assumption],
            "left_out": [source_record(citation) for citation in self.left_out],
        }
