"""The notes: every number that the page rests on, as the panels and the endnotes show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from waterline.core.errors import unknown
from waterline.report.figures import Figures, Shown
from waterline.report.safety import link
from waterline.report.wording import Wording


@dataclass
class Source:
    """A publication, and the notes (by number) that cite it."""

    title: str
    publisher: str
    url: str
    known: str
    trust: str
    cited_by: list[int] = field(default_factory=list)


class Notes:
    """All nodes of a model, numbered from 1 in its order, and the sources that they cite."""

    def __init__(
        self,
        nodes: Mapping[str, Mapping[str, Any]],
        wording: Wording,
        figures: Figures,
        base: Notes | None = None,
    ) -> None:
        """``base`` are the notes that changes are shown against; sources keep their places in it."""
        self._nodes = nodes
        self._base = base
        self._wording = wording
        self._figures = figures
        self._places = {identity: place for place, identity in enumerate(nodes)}
        self._labels: dict[str, tuple[str, str]] = {}
        self._citations: dict[int, Markup] = {}
        self.sources: list[Source] = [] if base is None else list(base.sources)
        self._source_places: dict[tuple[str, ...], int] = {} if base is None else dict(base._source_places)
        self.entries = [self._entry(identity, node) for identity, node in nodes.items()]

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
        same = before.value == shown.value
        old = self._wording.say("in_brackets", text=before.interval or "–") if same else before.value
        return Markup('<del class="was">{}</del> <span class="moved">{}</span>').format(old, written)

    def _link(self, place: int, shown: Shown, assumed: bool, ranged: bool) -> Markup:
        """A number that opens its note. Put together by hand: a page has thousands of them."""
        kind = "number assumed" if assumed else "number"
        link_start = f'<a class="{kind}" href="#n{place + 1}" data-node="{place}" data-note="{place + 1}">'
        interval = ""
        if ranged and shown.interval:
            text = self._wording.say("in_brackets", text=shown.interval)
            interval = f' <span class="range">{escape(text)}</span>'
        return Markup(f'{link_start}<span class="value">{escape(shown.value)}</span></a>{interval}')

    def _before(self, identity: str, hint: str) -> Shown | None:
        """How the base wrote the node, where it has it."""
        if self._base is None or identity not in self._base._nodes:
            return None
        node = self._base._nodes[identity]
        return self._figures.shown(node, str(node["unit"]), str(node["name"]), hint)

    def label(self, identity: str) -> Markup:
        """What a node is called, escaped and marked with its language."""
        if identity not in self._labels:
            self._labels[identity] = self._wording.label(self._nodes[identity])
        return self._wording.marked(*self._labels[identity])

    def links(self, places: Sequence[int]) -> Markup:
        """Links to notes, by their numbers."""
        return Markup(", ".join([f'<a href="#n{place + 1}">{place + 1}</a>' for place in places]))

    def citation(self, place: int) -> Markup:
        """A publication in one line, with a link to its place in the list of sources; written once for all notes."""
        if place not in self._citations:
            source = self.sources[place]
            title = self._wording.foreign(source.title)
            trust = f" [{escape(source.trust)}]" if source.trust else ""
            self._citations[place] = Markup(
                f'<a href="#s{place + 1}">{title}</a>, {escape(source.publisher)}, '
                f"{escape(self._wording.day(source.known))}{trust}"
            )
        return self._citations[place]

    def assumptions(self) -> list[dict[str, Any]]:
        """The notes of all assumptions."""
        return [entry for entry in self.entries if entry["kind"] == "assumption"]

    def cite(self, record: Mapping[str, Any], note: int | None = None) -> int:
        """Place of a record's publication in ``sources``, added when new; ``note`` is the note that cites it."""
        source = self.described(record)
        key = (source.title, source.publisher, source.url, source.known, source.trust)
        place = self._source_places.setdefault(key, len(self.sources))
        if place == len(self.sources):
            self.sources.append(source)
        if note is not None and note not in self.sources[place].cited_by:
            self.sources[place].cited_by.append(note)
        return place

    @staticmethod
    def described(record: Mapping[str, Any]) -> Source:
        """A record's publication, with its address only if that may be linked to."""
        title, publisher, url, known, trust = (
            str(record.get(name) or "") for name in ("title", "publisher", "url", "known", "trust")
        )
        return Source(title, publisher, link(url), known, trust)

    def panels(self) -> dict[str, Any]:
        """What the page's script needs to open any number: short keys, since there are many of them."""
        return {
            "nodes": [self.panel(entry) for entry in self.entries],
            "sources": self.source_rows(),
        }

    def source_rows(self, start: int = 0) -> list[list[str]]:
        """Publications from place ``start`` on, as the page's script takes them."""
        return [
            [source.title, source.publisher, source.url, self._wording.day(source.known), source.trust]
            for source in self.sources[start:]
        ]

    def panel(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What the page's script needs to open one number."""
        panel = {
            "l": entry["label"],
            "g": "" if entry["language"] == self._wording.language else entry["language"],
            "c": entry["id"],
            "v": entry["shown"].value,
            "r": entry["shown"].interval,
            "u": entry["unit"],
            "f": entry["formula"],
            "i": entry["inputs"],
            "s": [[cited["source"], cited["stated"], cited["valid"]] for cited in entry["cited"]],
            "k": entry["kind"],
            "a": entry["reason"],
            "o": entry["chosen"],
        }
        return {key: value for key, value in panel.items() if value not in ("", [], False)}

    def _entry(self, identity: str, node: Mapping[str, Any]) -> dict[str, Any]:
        place = self._places[identity]
        before = None if self._base is None else self._base._nodes.get(identity)
        if self._base is not None and (before is node or before == node):
            self._labels[identity] = self._base._labels[identity]
            return self._base.entries[self._base.place(identity)]
        assumption = node.get("assumption") or {}
        label, language = self._wording.label(node)
        self._labels[identity] = label, language
        name, unit = str(node["name"]), str(node["unit"])
        return {
            "note": place + 1,
            "place": place,
            "id": identity,
            "label": label,
            "language": language,
            "formula": str(node.get("formula") or ""),
            "unit": unit,
            "shown": Shown(str(node["text"])) if node.get("text") else self._figures.shown(node, unit, name),
            "inputs": [self.place(below) for below in node.get("inputs") or ()],
            "kind": "assumption" if assumption else "fact" if node.get("source") else "formula",
            "reason": str(assumption.get("reason") or ""),
            "chosen": bool(assumption.get("chosen")),
            "cited": [
                {
                    "source": self.cite(record, place + 1),
                    "stated": str(record.get("stated") or ""),
                    "valid": self._wording.day(record.get("valid")),
                }
                for record in node.get("source") or ()
            ],
        }

    def place(self, identity: str) -> int:
        """Place of a node among the notes, from 0. Raises InputError when the model has no such node."""
        if identity not in self._places:
            raise unknown("number", identity, self._places)
        return self._places[identity]
