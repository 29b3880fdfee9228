"""The verb ``study`` as a plain function."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from waterline.core.beside import Begin, in_turn
from waterline.core.scenario import Scenario
from waterline.questions.session import Session, default_session, today
from waterline.studies.contradiction import Contradiction, contradictions
from waterline.studies.grounds import Grounds, grounds
from waterline.studies.pictures import ClosedPictures, begin_closed
from waterline.studies.present import Presented, claim_records, presented
from waterline.studies.read import Study, read_study
from waterline.studies.run import Progress, StudyResult, filled_scenario, run_study


@dataclasses.dataclass(frozen=True, repr=False)
class StudyRun:
    """A study decided as of a date, and as of its earlier date where it has one.

    ``base`` is the run that this one started from. ``grounds`` gives what the report rests on, ``closed`` the pictures
    that open to no numbers; without it the report has no pictures at all. In ``known_drivers``, what moves a claim is
    what moves it in the base.
    """

    result: StudyResult
    earlier: StudyResult | None
    base: StudyRun | None
    grounds: Callable[[], Grounds]
    closed: ClosedPictures | None
    known_drivers: bool

    def __repr__(self) -> str:
        return f"<StudyRun {self.result.study.name}, {len(self.result.decisions)} claims, as of {self.result.as_of}>"

    @cached_property
    def contradictions(self) -> list[Contradiction]:
        """Claims of different publishers that cannot both be true."""
        return contradictions(self.result.decisions, self.result.standards.tolerance)

    def claims(self) -> list[dict[str, Any]]:
        """The claims as plain data."""
        return claim_records(self.result)

    def document(self, outputs: Sequence[str] = ()) -> dict[str, Any]:
        """The run as the ``study`` command's JSON has it; ``outputs`` are the files that were written."""
        scenario = self.result.inquiry.scenario
        return {
            "study": self.result.study.name,
            "as_of": self.result.as_of.isoformat(),
            "samples": scenario.samples,
            "seed": scenario.seed,
            "claims": self.claims(),
            "contradictions": [pair.to_dict() for pair in self.contradictions],
            "outputs": list(outputs),
        }

    @cached_property
    def presented(self) -> Presented:
        """All that a report shows, with what a run that starts from this one needs."""
        base = self.base.presented if self.base else None
        return presented(self.result, self.earlier, self.grounds, self.closed, base, self.known_drivers)

    def model(self) -> dict[str, Any]:
        """What a report shows, as plain data."""
        return {**self.presented.model, "contradictions": [pair.to_dict() for pair in self.contradictions]}


def study(name: str, scenario: Scenario | None = None, progress: Progress | None = None) -> StudyRun:
    """Run a shipped study, or one from a file. Raises InputError for a wrong file or question."""
    found = read_study(name)
    return run(default_session(), found, scenario or Scenario(found.as_of or today()), progress)


def run(
    session: Session,
    found: Study,
    terms: Scenario,
    progress: Progress | None = None,
    base: StudyRun | None = None,
    pictures: bool = True,
    sight: Iterable[str] | None = None,
    begin: Begin = in_turn,
) -> StudyRun:
    """Run a study that has been read, in a session. Raises InputError for a wrong question.

    ``base`` is a run of the same study with nothing set, and with its pictures where this has them; what this cannot
    move is taken over. It must not be asked any more. With ``sight`` the report is that of ``base`` but for what stands
    before a reader's eyes (`grounds`). ``begin`` begins what can go on beside the rest.
    """
    closed = begin_closed(session, found, filled_scenario(found, terms), begin) if pictures else None
    result = run_study(session, found, terms, progress, base.result if base else None)
    rests_on = begin(lambda: grounds(result, pictures, base.presented.grounds if base else None, sight))
    before, earlier = found.earlier_as_of, None
    if before is not None and before < terms.as_of:
        then = dataclasses.replace(terms, as_of=before)
        earlier = run_study(session, found, then, base=base.earlier if base else None)
    return StudyRun(result, earlier, base, rests_on, closed, sight is not None)
