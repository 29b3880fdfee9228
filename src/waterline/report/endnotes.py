"""The endnotes, and the list of assumptions: an item for every number that the page rests on.

Put together by hand rather than by a template: a page has thousands of them.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from waterline.report.notes import Note, Notes
from waterline.report.wording import Wording


class Endnotes:
    """Notes as items of a list, in one language."""

    def __init__(self, notes: Notes, wording: Wording) -> None:
        self._notes, self._wording = notes, wording
        self._inputs = escape(wording.say("inputs"))
        self._badges = {
            chosen: f'<span class="badge">{escape(wording.say(key))}</span>'
            for chosen, key in ((True, "chosen"), (False, "assumption"))
        }

    def all(self) -> Markup:
        """Every note."""
        return Markup("".join([self.note(entry) for entry in self._notes.entries]))

    def assumptions(self) -> Markup:
        """Every assumption."""
        return Markup("".join([self.assumption(entry) for entry in self._notes.assumptions()]))

    def note(self, entry: Note) -> str:
        """A number with its formula and inputs, its sources, or the reason that it was assumed for."""
        shown = entry.shown
        interval = escape(self._notes.in_brackets(shown.interval)) if shown.interval else ""
        formula = f" <code>{escape(entry.formula)}</code>" if entry.formula else ""
        links = ", ".join([f'<a href="#n{place + 1}">{place + 1}</a>' for place in entry.inputs])
        inputs = f" {self._inputs} {links}" if links else ""
        cited = "".join([f" · {self._notes.sources.citation(each.source)}" for each in entry.cited])
        assumed = ""
        if entry.kind == "assumption":
            assumed = f" {self._badges[entry.chosen]} {self._wording.foreign(entry.reason)}"
        return (
            f'<li id="n{entry.number}" class="{entry.kind}"><b>{self._wording.marked(entry.label, entry.language)}</b> '
            f'<span class="value">{escape(shown.value)}</span>{interval}{formula}{inputs}{cited}{assumed}</li>'
        )

    def assumption(self, entry: Note) -> str:
        """An assumption with its reason."""
        reason = f'<p class="muted">{self._wording.foreign(entry.reason)}</p>' if entry.reason else ""
        return (
            f'<li class="assumption" id="assumption-{entry.number}"><p>{self._badges[entry.chosen]} '
            f"<b>{self._notes.label(entry.id)}</b> {self._notes.number(entry.id)}</p>{reason}</li>"
        )
