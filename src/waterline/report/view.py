"""What a page shows, in one language: texts, numbers, claims and pictures of a study's report model."""

from __future__ import annotations

import functools
import shlex
from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from waterline.report.claims import Claims
from waterline.report.drawing import Picture, iceberg_picture
from waterline.report.endnotes import Endnotes
from waterline.report.figures import Shown, figures
from waterline.report.notes import Notes
from waterline.report.pictures import Pictures
from waterline.report.prose import inline, paragraphs
from waterline.report.safety import embedded
from waterline.report.sources import described
from waterline.report.wording import Wording

_VERDICTS = ("supported", "open", "contradicted")
_OPTIONAL: Mapping[str, Any] = {  # what a model may leave out
    "contradictions": (),
    "definitions": None,
    "earlier_as_of": None,
    "facts_digest": "",
    "iceberg": None,
    "left_out": (),
    "numbers": {},
    "overrides": {},
    "pages": {},
    "pictures": (),
}
_CHANCE_STEPS = 10  # tints of the table that says which way of costing explains a figure


class View:
    """What the templates ask: the model's texts and numbers, in the page's language.

    ``base`` is the model that changes are shown against; its numbers stand struck out beside those that moved.
    """

    def __init__(self, model: Mapping[str, Any], words: Wording, base: View | None = None) -> None:
        self.model = {**_OPTIONAL, **model}
        self.base = base
        self.wording = words
        self.language = words.language
        self.figures = figures(words.language)
        self.notes: Notes = Notes(model["nodes"], words, self.figures, None if base is None else base.notes)
        self.endnotes = Endnotes(self.notes, words)
        self.claims = Claims(self.model, words, self.figures, self.notes, None if base is None else base.model)
        self.pictures = Pictures(model, words, self.figures, self.notes)
        self._texts = model["text"]

    @property
    def title(self) -> str:
        """The page's title as plain text."""
        return str(self._pick("title")[0] or self.model["study"])

    def text(self, *path: str) -> Markup:
        """One of the study's own texts, numbers filled in; empty when the study has none there."""
        found, language = self._pick(*path)
        return self.wording.marked(inline(str(found or ""), self._numbers, self.notes), language)

    def body(self, *path: str) -> Markup:
        """As `text`, in paragraphs."""
        found, language = self._pick(*path)
        written = paragraphs(str(found or ""), self._numbers, self.notes)
        if language == self.language or not written:
            return written
        return Markup('<div lang="{}">{}</div>').format(language, written)

    @property
    def answer(self) -> list[Markup]:
        """The answer's sentences."""
        sentences, language = self._pick("answer")
        return [
            self.wording.marked(inline(str(sentence), self._numbers, self.notes), language)
            for sentence in sentences or ()
        ]

    def tally(self) -> list[tuple[str, int]]:
        """How many claims have each verdict."""
        counts = Counter(claim["verdict"] for claim in self.model["claims"].values())
        return [(verdict, counts[verdict]) for verdict in _VERDICTS]

    @functools.cached_property
    def picture(self) -> Picture | None:
        """The iceberg, if the study has one."""
        rows = self.iceberg_rows
        if not rows:
            return None
        medians = [float(row["median"]) for row in rows]
        return iceberg_picture(medians[0], medians[1:], [row["label"] for row in rows])

    @functools.cached_property
    def iceberg_rows(self) -> list[dict[str, Any]]:
        """The headline's part and then each part below, as label, node, median and share of the whole."""
        berg = self.model.get("iceberg")
        if not berg:
            return []
        parts = [berg["above"], *berg["below"]]
        medians = [float(self.model["nodes"][part["node"]]["median"]) for part in parts]
        whole = sum(median for median in medians if median > 0)
        return [
            {
                **dict(zip(("label", "language"), self._named(part), strict=True)),
                "node": part["node"],
                "median": median,
                "share": self.figures.fine_share(median / whole) if whole and median > 0 else "–",
                "shown": self._shown(part["node"]),
            }
            for part, median in zip(parts, medians, strict=True)
        ]

    def parts_below(self) -> str:
        """The parts below the waterline with their medians, as one text."""
        return "; ".join(f"{row['label']} {row['shown'].value}" for row in self.iceberg_rows[1:])

    def left_out(self) -> list[Markup]:
        """Publications that the as-of date leaves out."""
        return [
            self.notes.sources.line(described(record), str(record.get("valid") or ""), str(record.get("stated") or ""))
            for record in self.model.get("left_out") or ()
        ]

    def definition_figures(self) -> list[str]:
        """The quoted figures, in the words of the study's texts."""
        table = self.model.get("definitions") or {"figures": []}
        return [str(self.claims.phrase(str(figure["text"])).striptags()) for figure in table["figures"]]

    def definition_rows(self) -> list[dict[str, Any]]:
        """Each way of costing, with the chance that it gives each quoted figure."""
        table = self.model.get("definitions") or {"rows": []}
        rows = []
        for row in table["rows"]:
            nodes = row.get("chance_nodes") or [None] * len(row["chance"])
            before = self._chances_before(row["node"], len(nodes))
            chances = [
                {"node": node, "text": self.figures.probability(chance), "tint": round((chance or 0) * _CHANCE_STEPS),
                 "was": was}
                for node, chance, was in zip(nodes, row["chance"], before, strict=True)
            ]  # fmt: skip
            rows.append({"label": self.wording.marked(*self._named(row)), "node": row["node"], "chances": chances})
        return rows

    def number(self, identity: str, ranged: bool = True) -> Markup:
        """A number to open."""
        return self.notes.number(identity, ranged=ranged)

    def chance_number(self, chance: Mapping[str, Any]) -> Markup:
        """A chance to open, where the model says which number it is."""
        if chance["node"] is None:
            return Markup.escape(chance["text"])
        return self.notes.number(chance["node"], shown=Shown(str(chance["text"])), was=Shown(str(chance["was"])))

    def _chances_before(self, node: str, count: int) -> list[str]:
        """The chances of a way of costing in the base, as texts; a dash where it has none."""
        table = (self.base.model if self.base else self.model)["definitions"] or {"rows": []}
        row = next((row for row in table["rows"] if row["node"] == node), None)
        chances = row["chance"] if row and len(row["chance"]) == count else [None] * count
        return [self.figures.probability(chance) for chance in chances]

    def panels(self) -> Markup:
        """The data of all panels, as JSON that is safe inside a script element."""
        words = {key[6:]: text for key, text in self.wording.messages.items() if key.startswith("panel_")}
        return embedded({**self.notes.panels(), "words": words})

    def command(self) -> str:
        """The command that makes this report again."""
        model = self.model
        given = "".join(f" --set {shlex.quote(f'{name}={text}')}" for name, text in model["overrides"].items())
        return (
            f"waterline study {model['study']} --as-of {model['as_of']} --samples {model['samples']}"
            f" --seed {model['seed']} --lang {self.language}{given}"
        )

    @property
    def _numbers(self) -> Mapping[str, Mapping[str, Any]]:
        numbers: Mapping[str, Mapping[str, Any]] = self.model.get("numbers") or {}
        return numbers

    def _named(self, part: Mapping[str, Any]) -> tuple[str, str]:
        label, language = self.wording.pick(part.get("label"))
        return (str(label), language) if label else self.wording.label(self.model["nodes"][part["node"]])

    def _shown(self, identity: str) -> Any:
        node = self.model["nodes"][identity]
        return self.figures.shown(node, str(node["unit"]), str(node["name"]))

    def _pick(self, *path: str) -> tuple[Any, str]:
        found = {}
        for language, texts in self._texts.items():
            place: Any = texts
            for key in path:
                place = place.get(key) if isinstance(place, Mapping) else None
            if place:
                found[language] = place
        return self.wording.pick(found)
