"""Studies as living reports: views of many scenarios, kept while they fit, and what differs between two of them."""

from __future__ import annotations

import dataclasses
import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from waterline.core.errors import InputError, unknown
from waterline.questions.overrides import limits_of
from waterline.questions.session import Session, today
from waterline.report.changes import Part, changes
from waterline.report.safety import cleaned, cleaned_over
from waterline.report.view import View
from waterline.report.wording import ENGLISH, wording
from waterline.studies.nodes import laid_over
from waterline.studies.read import Study
from waterline.studies.verbs import StudyRun, run
from waterline.web.terms import Terms, read_terms

VIEWS_KEPT = 72
RUNS_KEPT = 24  # with their samples; a view needs them no more once it is made
MOST_PAGE_SAMPLES = 16_384  # a whole study of more takes longer than a reader waits
POINT_REACH = 4.0  # a slider on a value without a range goes to a quarter and to four times of it
RANGE_REACH = 2.0  # on a range: to half its low end and to twice its high end

Kept = TypeVar("Kept")


@dataclasses.dataclass(frozen=True, slots=True)
class Extent:
    """How much of a page is worked out: what a reader has before the eyes, the notes too, or all with its pictures.

    ``opened`` are the places of the numbers whose trees are open, which belong to what a reader sees.
    """

    part: Part
    opened: tuple[int, ...] = ()


WHOLE = Extent("pictures")


class Shelf:
    """The most recently used of things that can be made again; shared between threads.

    What several threads ask for at the same time is made by the first of them, and the others wait for it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._under_way: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What stands under ``key``, made when it is not there."""
        found: Kept
        with self._lock:
            if key in self._held:
                found = self._taken(key)
                return found
            maker = self._under_way.setdefault(key, threading.Lock())
        with maker:
            with self._lock:
                if key in self._held:
                    found = self._taken(key)
                    return found
            try:
                found = make()
                with self._lock:
                    self._held[key] = found
                    while len(self._held) > self._size:
                        self._held.popitem(last=False)
            finally:
                with self._lock:
                    self._under_way.pop(key, None)
        return found

    def _taken(self, key: Hashable) -> Any:
        self._held.move_to_end(key)
        return self._held[key]


class LivingStudies:
    """The studies that a server shows, each in any scenario and language."""

    def __init__(self, session: Session, studies: Mapping[str, Study]) -> None:
        self.session = session
        self.studies = dict(studies)
        self._runs, self._models, self._views = Shelf(RUNS_KEPT), Shelf(VIEWS_KEPT), Shelf(VIEWS_KEPT)

    def study(self, name: str) -> Study:
        """A study by name. Raises InputError with the nearest names."""
        if name not in self.studies:
            raise unknown("study", name, self.studies)
        return self.studies[name]

    def prepare(self) -> None:
        """Work every study out, so that its first reader does not wait for it.

        What is there then stays: Python need not look through it for cycles again, a tenth of a second each time.
        """
        for name in self.studies:
            self.view(name, ENGLISH, read_terms([]))
        gc.collect()
        gc.freeze()

    def base(self, name: str, language: str) -> View:
        """The study with nothing changed."""
        terms = read_terms([])
        key = (name, language, self._day(name, terms), "base")
        return self._views.get(key, lambda: View(self._model(name, terms, WHOLE), wording(language)))

    def view(self, name: str, language: str, terms: Terms, extent: Extent = WHOLE) -> View:
        """The study in a scenario, its numbers in the places that they have in the base. Raises InputError.

        Numbers that the base lacks stand where the page has them, which is the first to show them.
        """
        if terms.samples > MOST_PAGE_SAMPLES:
            raise InputError(f"a page takes at most {MOST_PAGE_SAMPLES:,} samples; 'waterline study' has no limit")
        extent = _settled(terms, extent)
        key = (name, language, self._day(name, terms), terms, extent)

        def make() -> View:
            base = self.base(name, language)
            later = terms.values and extent.part != "page"
            below = self.view(name, language, terms, Extent("page")) if later else base
            model = self._model(name, terms, extent)
            return View({**model, "nodes": laid_over(model["nodes"], below.model["nodes"])}, wording(language), base)

        found = self._views.get(key, make)
        if extent.opened:  # stands for the page on which nothing is open, of which it has all
            self._views.get((*key[:-1], Extent(extent.part)), lambda: found)
        return found

    def difference(self, name: str, language: str, before: Terms, terms: Terms, extent: Extent) -> dict[str, Any]:
        """What to put in place of what, to turn this part of a page of ``before`` into that of ``terms``."""
        old, new = self.view(name, language, before, Extent(extent.part)), self.view(name, language, terms, extent)
        found = changes(old, new, extent.part, extent.opened)
        places = [int(place) for place in found["nodes"]]
        return {
            **found,
            "controls": self.controls(new, places),
            "moved": self.moved(new),
            "as_of": new.model["as_of"],
            "shown_as_of": new.wording.day(new.model["as_of"]),
        }

    def moved(self, view: View) -> dict[str, Any]:
        """What differs from the base: places of numbers, and claims whose verdict is another."""
        base = view.base
        if base is None:
            return {"places": [], "verdicts": []}
        nodes = base.model["nodes"]
        places = [
            view.notes.place(identity)
            for identity, node in view.model["nodes"].items()
            if identity in nodes and node is not nodes[identity] and _numbers(node) != _numbers(nodes[identity])
        ]
        verdicts = [
            {"id": identity, "text": str(view.claims.claim(identity)["text"].striptags()),
             "was": view.wording.say(base.model["claims"][identity]["verdict"]),
             "now": view.wording.say(claim["verdict"])}
            for identity, claim in view.model["claims"].items()
            if claim["verdict"] != base.model["claims"][identity]["verdict"]
        ]  # fmt: skip
        return {"places": places, "verdicts": verdicts}

    def controls(self, view: View, places: list[int] | None = None) -> dict[str, Any]:
        """For every number that can be set, by place: its name, unit, values and how far a slider goes."""
        identities = list(view.model["nodes"])
        found = {}
        for place in range(len(identities)) if places is None else places:
            control = self._control(view.model["nodes"][identities[place]])
            if control is not None:
                found[str(place)] = control
        return found

    def _control(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        if node["inputs"] or node["median"] is None or not (node.get("source") or node.get("assumption")):
            return None
        low, middle, high = (float(node[key]) for key in ("p05", "median", "p95"))
        if low > 0:
            reach = POINT_REACH if low == high else RANGE_REACH
            start, end = low / reach, high * reach
        else:
            spread = (high - low) or abs(middle) or 1.0
            start, end = low - spread, high + spread
        least, most = self._bounds(str(node["name"]))
        return {
            "name": node["name"],
            "unit": node["unit"],
            "low": low,
            "middle": middle,
            "high": high,
            "start": max(start, least),
            "end": min(end, most),
            "logarithmic": max(start, least) > 0,
        }

    def _bounds(self, name: str) -> tuple[float, float]:
        try:
            limits = list(limits_of(name, self.session.facts, self.session.catalogue))
        except InputError:
            limits = []
        lows = [found.low for found in limits if found.low is not None]
        highs = [found.high for found in limits if found.high is not None]
        return max(lows, default=float("-inf")), min(highs, default=float("inf"))

    def _model(self, name: str, terms: Terms, extent: Extent) -> dict[str, Any]:
        key = (*self._key(name, terms), extent)

        def make() -> dict[str, Any]:
            found = self._run(name, terms, extent)
            if found.base is None:
                return dict(cleaned(found.model()))
            known = self._model(name, *_below(terms, extent))
            return dict(cleaned_over(found.model(), found.base.model(), known))

        return self._models.get(key, make)

    def _run(self, name: str, terms: Terms, extent: Extent) -> StudyRun:
        """The study decided and presented, so that it is only read from then on.

        With values set it starts from the run without them; that with pictures from the run without those, so that a
        page of another date need not wait for them.
        """

        def make() -> StudyRun:
            study, pictures = self.study(name), extent.part == "pictures"
            base = self._run(name, *_below(terms, extent)) if terms.values or pictures else None
            sight = self._sight(name, extent) if extent.part == "page" else None
            found = run(self.session, study, terms.scenario(study.as_of), None, base, pictures, sight)
            found.model()
            return found

        return self._runs.get((*self._key(name, terms), extent), make)

    def _sight(self, name: str, extent: Extent) -> list[str]:
        """Ids of the numbers that a reader has opened, as far as the base has them."""
        nodes = list(self._model(name, read_terms([]), WHOLE)["nodes"])
        return [nodes[place] for place in extent.opened if place < len(nodes)]

    def _key(self, name: str, terms: Terms) -> tuple[Any, ...]:
        return name, self._day(name, terms), dataclasses.replace(terms, as_of=None)

    def _day(self, name: str, terms: Terms) -> Any:
        return terms.as_of or self.study(name).as_of or today()


def _settled(terms: Terms, extent: Extent) -> Extent:
    """The extent that is worked out: without values a page is there only with its notes."""
    if extent.part == "page" and not terms.values:
        return Extent("notes")
    return extent


def _below(terms: Terms, extent: Extent) -> tuple[Terms, Extent]:
    """The run that a run starts from: without its values, or if it has none, without its pictures."""
    if not terms.values:
        return terms, Extent("notes")
    return dataclasses.replace(terms, values=()), extent if extent.part == "pictures" else Extent("notes")


def _numbers(node: Mapping[str, Any]) -> tuple[Any, ...]:
    return node["median"], node["p05"], node["p95"], node.get("text")
