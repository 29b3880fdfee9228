"""The notes: every number that the page rests on, as the panels and the endnotes show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from waterline.core.errors import unknown
from waterline.report.figures import Figures, Shown
from waterline.report.sources import Sources
from waterline.report.wording import Wording


@dataclass(slots=True)
class Cited:
    """A fact under a note: place of its publication, the value as stated there, and the day it is valid for."""

    source: int
    stated: str
    valid: str


@dataclass(slots=True)
class Note:
    """A number of the page; ``place`` is its place among the notes, ``inputs`` are those of the notes it rests on."""

    place: int
    id: str
    label: str
    language: str
    formula: str
    unit: str
    shown: Shown
    inputs: list[int]
    kind: str
    reason: str
    chosen: bool
    cited: list[Cited]

    @property
    def number(self) -> int:
        """What the page calls it, from 1."""
        return self.place + 1


class Notes:
    """All nodes of a model, numbered from 1 in its order, and the sources that they cite."""

    def __init__(
        self,
        nodes: Mapping[str, Mapping[str, Any]],
        wording: Wording,
        figures: Figures,
        base: Notes | None = None,
    ) -> None:
        """``base`` are the notes that changes are shown against; its nodes come first among ``nodes``."""
        self._nodes = nodes
        self._base = base
        self._wording = wording
        self._figures = figures
        self._places = {identity: place for place, identity in enumerate(nodes)}
        self._in_brackets = wording.messages["in_brackets"]
        self.sources: Sources = Sources(wording, None if base is None else base.sources)
        self.entries: list[Note] = [] if base is None else list(base.entries)
        for identity, node in nodes.items():
            before = None if base is None else base._nodes.get(identity)
            if before is None:
                self.entries.append(self._entry(identity, node))
            elif before is not node and before != node:
                self.entries[self._places[identity]] = self._entry(identity, node)

    def __contains__(self, identity: object) -> bool:
        return identity in self._places

    def number(
        self,
        identity: str,
        hint: str = "",
        shown: Shown | None = None,
        ranged: bool = True,
        was: Shown | None = None,
    ) -> Markup:
        """The node's value as a link to its note, which the page's script turns into a button.

        Where it differs from the base, what it was stands before it (``was`` where ``shown`` is not the node's own).

        Raises InputError when the model has no such node.
        """
        place, node = self.place(identity), self._nodes[identity]
        shown = shown or self._figures.shown(node, str(node["unit"]), str(node["name"]), hint)
        written = self._link(place, shown, bool(node.get("assumption")), ranged)
        before = was or self._before(identity, hint)
        if before is None or (before.value == shown.value and (before.interval == shown.interval or not ranged)):
            return written
        old = self.in_brackets(before.interval or "–").strip() if before.value == shown.value else before.value
        return Markup('<del class="was">{}</del> <span class="moved">{}</span>').format(old, written)

    def _link(self, place: int, shown: Shown, assumed: bool, ranged: bool) -> Markup:
        """A number that opens its note. Put together by hand: a page has thousands of them."""
        kind = "number assumed" if assumed else "number"
        link_start = f'<a class="{kind}" href="#n{place + 1}" data-node="{place}" data-note="{place + 1}">'
        interval = ""
        if ranged and shown.interval:
            interval = f'<span class="range">{escape(self.in_brackets(shown.interval))}</span>'
        return Markup(f'{link_start}<span class="value">{escape(shown.value)}</span></a>{interval}')

    def in_brackets(self, text: str) -> str:
        """A text in the brackets of the page's language."""
        return self._in_brackets.format(text=text)

    def _before(self, identity: str, hint: str) -> Shown | None:
        """How the base wrote the node, where it has it."""
        if self._base is None or identity not in self._base._nodes:
            return None
        node = self._base._nodes[identity]
        return self._figures.shown(node, str(node["unit"]), str(node["name"]), hint)

    def label(self, identity: str) -> Markup:
        """What a node is called, escaped and marked with its language."""
        entry = self.entry(identity)
        return self._wording.marked(entry.label, entry.language)

    def entry(self, identity: str) -> Note:
        """The note of a node. Raises InputError when the model has no such node."""
        return self.entries[self.place(identity)]

    def assumptions(self) -> list[Note]:
        """The notes of all assumptions."""
        return [entry for entry in self.entries if entry.kind == "assumption"]

    def panels(self) -> dict[str, Any]:
        """What the page's script needs to open any number: short keys, since there are many of them."""
        return {"nodes": [self.panel(entry) for entry in self.entries], "sources": self.sources.rows()}

    def panel(self, entry: Note) -> dict[str, Any]:
        """What the page's script needs to open one number."""
        panel = {
            "l": entry.label,
            "g": "" if entry.language == self._wording.language else entry.language,
            "c": entry.id,
            "v": entry.shown.value,
            "r": entry.shown.interval,
            "u": entry.unit,
            "f": entry.formula,
            "i": entry.inputs,
            "s": [[cited.source, cited.stated, cited.valid] for cited in entry.cited],
            "k": entry.kind,
            "a": entry.reason,
            "o": entry.chosen,
        }
        return {key: value for key, value in panel.items() if value}

    def _entry(self, identity: str, node: Mapping[str, Any]) -> Note:
        place = self._places[identity]
        assumption = node.get("assumption") or {}
        label, language = self._wording.label(node)
        unit = str(node["unit"])
        text = node.get("text")
        return Note(
            place=place,
            id=identity,
            label=label,
            language=language,
            formula=str(node.get("formula") or ""),
            unit=unit,
            shown=Shown(str(text)) if text else self._figures.shown(node, unit, str(node["name"])),
            inputs=[self.place(below) for below in node.get("inputs") or ()],
            kind="assumption" if assumption else "fact" if node.get("source") else "formula",
            reason=self._wording.reason(str(assumption.get("reason") or "")),
            chosen=bool(assumption.get("chosen")),
            cited=[
                Cited(
                    self.sources.cite(record, place + 1),
                    str(record.get("stated") or ""),
                    self._wording.day(record.get("valid")),
                )
                for record in node.get("source") or ()
            ],
        )

    def place(self, identity: str) -> int:
        """Place of a node among the notes, from 0. Raises InputError when the model has no such node."""
        place = self._places.get(identity)
        if place is None:
            raise unknown("number", identity, self._places)
        return place
