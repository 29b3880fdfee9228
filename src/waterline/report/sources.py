"""The publications that a page cites, each once, in the order in which they are first cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from waterline.report.safety import link
from waterline.report.wording import Wording

_IDENTITY = ("title", "publisher", "url", "known", "trust")
_GRADES = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Source:
    """A publication; ``url`` is empty where that may not be linked to."""

    title: str
    publisher: str
    url: str
    known: str
    trust: str


class Sources:
    """The list of publications, and which notes (by number) cite each.

    ``base`` are those of the page that changes are shown against: they keep their places, new ones follow.
    """

    def __init__(self, wording: Wording, base: Sources | None = None) -> None:
        self._wording = wording
        self._base = base
        self.listed: list[Source] = [] if base is None else list(base.listed)
        self._places: dict[tuple[Any, ...], int] = {} if base is None else dict(base._places)
        self._citations: dict[int, Markup] = {} if base is None else dict(base._citations)
        self._lines: dict[tuple[Source, str, str], Markup] = {} if base is None else dict(base._lines)
        self._cited_by: dict[int, list[int]] = {}

    def cite(self, record: Mapping[str, Any], note: int | None = None) -> int:
        """Place of a record's publication, added when new; ``note`` is the note that cites it."""
        identity = tuple([str(record.get(name) or "") for name in _IDENTITY])
        place = self._places.setdefault(identity, len(self.listed))
        if place == len(self.listed):
            self.listed.append(described(record))
        if note is not None:
            citing = self._cited_by.setdefault(place, [])
            if note not in citing[-1:]:
                citing.append(note)
        return place

    def cited_by(self, place: int) -> list[int]:
        """Numbers of the notes that cite a publication, those of the base first."""
        before = [] if self._base is None else self._base.cited_by(place)
        return [*before, *(note for note in self._cited_by.get(place, ()) if note not in before)]

    def rows(self, start: int = 0) -> list[list[str]]:
        """Publications from place ``start`` on, as the page's script takes them."""
        return [
            [source.title, source.publisher, source.url, self._wording.day(source.known), source.trust]
            for source in self.listed[start:]
        ]

    # The two below are put together by hand and kept: a page cites the same publications thousands of times.

    def citation(self, place: int) -> Markup:
        """A publication in a few words, with a link to its place in the list."""
        if place not in self._citations:
            source = self.listed[place]
            trust = f" [{escape(source.trust)}]" if source.trust else ""
            self._citations[place] = Markup(
                f'<a href="#s{place + 1}">{self._wording.foreign(source.title)}</a>, {escape(source.publisher)}, '
                f"{escape(self._wording.day(source.known))}{trust}"
            )
        return self._citations[place]

    def line(self, source: Source, valid: str = "", stated: str = "") -> Markup:
        """A publication in full, with a link to it; ``valid`` and ``stated`` are of the fact that it is cited for."""
        key = source, valid, stated
        if key not in self._lines:
            quote = f" <q>{self._wording.foreign(stated)}</q>" if stated else ""
            about = f'<span class="about">{self._about(source, valid)}</span>'
            self._lines[key] = Markup(f"{self._title(source)}{about} {self._trust(source.trust)}{quote}")
        return self._lines[key]

    def _title(self, source: Source) -> str:
        title = self._wording.foreign(source.title or source.url)
        if not source.url:
            return f"<cite>{title}</cite>"
        kept_apart = 'rel="noopener noreferrer nofollow" target="_blank"'
        return f'<a class="source" href="{escape(source.url)}" {kept_apart}>{title}</a>'

    def _about(self, source: Source, valid: str) -> str:
        known, valid = self._wording.day(source.known), self._wording.day(valid)
        said = f" {self._wording.foreign(source.publisher)}" if source.publisher else ""
        if known:
            said += f" · {escape(self._wording.say('known', date=known))}"
        return said + (f" · {escape(self._wording.say('valid', date=valid))}" if valid and valid != known else "")

    def _trust(self, grade: str) -> str:
        if grade not in _GRADES:
            return f'<span class="trust">{escape(grade)}</span>' if grade else ""
        meaning, named = self._wording.say(f"trust_{grade}"), self._wording.say("trust", grade=grade)
        return f'<abbr class="trust trust-{grade}" title="{escape(meaning)}">{escape(named)}</abbr>'


def described(record: Mapping[str, Any]) -> Source:
    """A record's publication, with its address only if that may be linked to."""
    title, publisher, url, known, trust = (str(record.get(name) or "") for name in _IDENTITY)
    return Source(title, publisher, link(url), known, trust)
