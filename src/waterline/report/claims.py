"""The claims as the page shows them: what was said, what we find, why, how sure, and what it was earlier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from waterline.report.drawing import Mark, interval_mark
from waterline.report.figures import Figures, Shown
from waterline.report.notes import Notes
from waterline.report.prose import inline, paragraphs
from waterline.report.wording import Wording

MOVED = 0.05  # a probability that changed by less is not called changed
_PROBABILITY_WIDTH = 100


class Claims:
    """All claims of a model, each written when it is first asked for."""

    def __init__(
        self,
        model: Mapping[str, Any],
        wording: Wording,
        figures: Figures,
        notes: Notes,
        base: Mapping[str, Any] | None = None,
    ) -> None:
        """``base`` is the model that changes are shown against."""
        self._claims = model["claims"]
        self._base = {} if base is None else base["claims"]
        self._written: dict[str, dict[str, Any]] = {}
        self._numbers = model.get("numbers") or {}
        self._wording, self._figures, self._notes = wording, figures, notes
        self._nodes = model["nodes"]
        texts = {language: own.get("phrases") for language, own in (model.get("text") or {}).items()}
        self._phrases, self._phrases_language = wording.pick(texts)
        placed = [
            (section["key"], [identity for identity in section["claims"] if identity in self._claims])
            for section in model["sections"]
        ]
        listed = {identity for _, identities in placed for identity in identities}
        rest = [identity for identity in self._claims if identity not in listed]
        self._placed = [(key, identities) for key, identities in [*placed, ("", rest)] if identities or key]
        for claim in (self._claims[identity] for _, identities in self._placed for identity in identities):
            if claim is not self._base.get(claim["id"]):
                for record in claim.get("sources") or ():
                    notes.sources.cite(record)

    @property
    def sections(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Keys of the sections, each with its claims."""
        return [(key, [self.claim(identity) for identity in identities]) for key, identities in self._placed]

    def claim(self, identity: str) -> dict[str, Any]:
        """One claim as the templates take it."""
        if identity not in self._written:
            self._written[identity] = self._claim(identity, self._claims[identity])
        return self._written[identity]

    def _claim(self, identity: str, claim: Mapping[str, Any]) -> dict[str, Any]:
        text, language = self._wording.pick(_texts(claim["text"]))
        finding, finding_language = self._wording.pick(_texts(claim.get("finding")))
        reason, reason_language = self._wording.pick(_texts(claim.get("reason_text")))
        body = paragraphs(str(finding or ""), self._numbers, self._notes)
        if body and finding_language != self._wording.language:
            body = Markup('<div lang="{}">{}</div>').format(finding_language, body)
        return {
            "id": identity,
            "kind": self._wording.say(f"kind_{claim['kind']}"),
            "text": self._wording.marked(inline(str(text or identity), self._numbers, self._notes), language),
            "finding": body,
            "reason": self._reason(str(claim.get("reason") or ""), str(reason or ""), reason_language),
            "verdict": claim["verdict"],
            "was": self._was(identity, claim),
            "probability": claim["probability"],
            "sure": self._figures.probability(claim["probability"]),
            "bar": None if claim["probability"] is None else round(claim["probability"] * _PROBABILITY_WIDTH, 1),
            "stated": self._stated(claim),
            "estimate": self._estimate(claim),
            "mark": self._mark(claim),
            "mark_words": self._mark_words(claim),
            "sources": [self._cited(record) for record in claim.get("sources") or ()],
            "earlier": self._earlier(claim),
            "drivers": self._drivers(claim),
        }

    def _cited(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A publication, and the line that says what it states."""
        sources = self._notes.sources
        source = sources.listed[sources.cite(record)]
        line = sources.line(source, str(record.get("valid") or ""), str(record.get("stated") or ""))
        return {"source": source, "line": line}

    def _estimate(self, claim: Mapping[str, Any], ranged: bool = True) -> Markup:
        """What was found: a number to open, a text, or nothing."""
        estimate, node = claim.get("estimate"), claim.get("node")
        if estimate is None:
            return self.phrase(str(claim.get("shown") or ""))
        shown = self._shown(estimate, claim)
        if node in self._notes:
            base = self._base.get(claim["id"], {}).get("estimate")
            was = self._shown(base, claim) if base else None
            return self._notes.number(str(node), shown=shown, ranged=ranged, was=was)
        return Markup.escape(shown.value + (self._notes.in_brackets(shown.interval) if shown.interval else ""))

    def _was(self, identity: str, claim: Mapping[str, Any]) -> dict[str, str] | None:
        """Verdict and probability in the base, where they read differently there."""
        base = self._base.get(identity)
        if base is None:
            return None
        now, before = (self._figures.probability(each["probability"]) for each in (claim, base))
        if now == before and base["verdict"] == claim["verdict"]:
            return None
        return {"verdict": base["verdict"], "sure": before, "turned": base["verdict"] != claim["verdict"]}

    def _shown(self, estimate: Mapping[str, Any], claim: Mapping[str, Any]) -> Shown:
        return self._figures.shown(estimate, str(claim.get("unit") or ""), self._name(claim))

    def _name(self, claim: Mapping[str, Any]) -> str:
        node = self._nodes.get(claim.get("node") or "")
        return str(node["name"]) if node else str(claim.get("quantity") or "")

    def _stated(self, claim: Mapping[str, Any]) -> Markup:
        """The figure in the words it was stated with; the page's own way of writing it where there are none."""
        stated = claim.get("stated") or {}
        text = str(stated.get("text") or "")
        if text:
            known = text in (self._phrases or ()) or any(letter.isalpha() for letter in text)
            return self.phrase(text) if known else Markup.escape(self._wording.day(text))
        if stated.get("value") is None:
            return Markup("")
        return Markup.escape(self._figures.value(float(stated["value"]), str(stated.get("unit") or "")))

    def phrase(self, text: str) -> Markup:
        """Words that a claim or a fact was stated with, as the study's texts translate them."""
        if text in (self._phrases or ()):
            return self._wording.marked(str(self._phrases[text]), self._phrases_language)
        return self._wording.foreign(self._wording.day(text))

    def _mark(self, claim: Mapping[str, Any]) -> Mark | None:
        if claim.get("estimate") is None:
            return None
        stated = claim.get("stated") or {}
        values = [float(stated[key]) for key in ("value", "low", "high") if stated.get(key) is not None]
        unit, name = str(claim.get("unit") or ""), self._name(claim)
        return interval_mark(claim["estimate"], values[-2:], lambda value: self._figures.tick(value, unit, name))

    def _mark_words(self, claim: Mapping[str, Any]) -> str:
        """What the mark shows, for those who do not see it."""
        if claim.get("estimate") is None:
            return ""
        shown, stated = self._shown(claim["estimate"], claim), self._stated(claim).striptags()
        key = "mark_desc" if shown.interval else "mark_exact"
        return self._wording.say(key, median=shown.value, interval=shown.interval, stated=stated)

    def _reason(self, code: str, text: str, language: str) -> Markup:
        if text:
            return self._wording.marked(inline(text, self._numbers, self._notes), language)
        key = f"reason_{code.partition(':')[0].replace('-', '_')}"
        return Markup.escape(self._wording.messages.get(key, ""))

    def _earlier(self, claim: Mapping[str, Any]) -> dict[str, Any] | None:
        earlier = claim.get("earlier")
        if not earlier:
            return None
        before, now = earlier.get("probability"), claim["probability"]
        moved = (before is None) != (now is None) or (before is not None and abs(before - now) >= MOVED)
        estimate = earlier.get("estimate")
        shown = self._shown(estimate, claim) if estimate else Shown(self.phrase(str(earlier.get("shown") or "")))
        return {
            "judged": self._judged(earlier["verdict"], before),
            "shown": shown,
            "change": "turned" if earlier["verdict"] != claim["verdict"] else "moved" if moved else "",
        }

    def _judged(self, verdict: str, chance: float | None) -> str:
        """A verdict, with its probability where there is one."""
        if chance is None:
            return self._wording.say(verdict)
        sure = self._figures.probability(chance)
        return self._wording.say("judged", verdict=self._wording.say(verdict), chance=sure)

    def _drivers(self, claim: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The inputs that move the estimate most, with the estimate at each one's low and high end."""
        unit, name = self._unit_of_node(claim), self._name(claim)
        return [
            {
                "label": self._notes.label(driver["name"]),
                "number": self._notes.number(driver["name"]),
                "share": self._figures.share(float(driver["share"])),
                "width": round(min(1.0, max(0.0, float(driver["share"]))) * _PROBABILITY_WIDTH, 1),
                "low": self._figures.value(_rough(driver["when_low"]), unit, name),
                "high": self._figures.value(_rough(driver["when_high"]), unit, name),
            }
            for driver in claim.get("influences") or ()
            if driver["name"] in self._notes
        ]

    def _unit_of_node(self, claim: Mapping[str, Any]) -> str:
        node = self._nodes.get(claim.get("node") or "")
        return str(node["unit"]) if node else str(claim.get("unit") or "")


def _rough(value: float) -> float:
    """The value in three significant digits: the end of a range carries no more."""
    return float(f"{float(value):.3g}")


def _texts(entry: Any) -> Mapping[str, Any]:
    return entry if isinstance(entry, Mapping) else {"en": entry}
