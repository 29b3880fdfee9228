"""The verb ``scan``: what a code base uses of CUDA, what moving it takes, and what to change first."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from waterline.core.answer import Answer
from waterline.core.distribution import Point
from waterline.core.errors import MissingFactError
from waterline.core.records import assumption_record, source_record
from waterline.core.scenario import Override, Scenario
from waterline.cost.switching import NEVER_MONTHS, NO_FLEET
from waterline.moat import tallies
from waterline.moat.counts import CLASSES, OUTSIDE, Bound, bound, counts
from waterline.moat.lexicon import targets
from waterline.moat.scan import Scan
from waterline.moat.status import STATUSES, target_rules
from waterline.questions.session import Session

PUBLISHED_CODE, PUBLISHED_PORT = "caffe", "caffe-hip"  # the one port whose lines and time are known
PARTS = ("device_porting_hours", "python_porting_hours", "build_porting_hours", "validation_hours")
TOUCHPOINT_PARTS = (
    "direct_porting_hours", "changed_porting_hours", "unsupported_porting_hours", "unknown_porting_hours",
    "assembly_porting_hours", "tensor_core_porting_hours", "template_porting_hours", "hardware_porting_hours",
    "python_porting_hours",
)  # fmt: skip
FIRST_CHANGES = 12
LARGEST_FOLDERS = 40
_OF_THE_WHOLE = ("accelerator_lines", "device_lines", "kernels", "portable_share")  # what one change leaves as it is


@dataclass(frozen=True)
class Portrait:
    """A scan with statuses on a target, its counts, and the scenario of the question without them."""

    session: Session
    scan: Scan
    target: str
    touchpoints: list[Bound]
    counts: Mapping[str, float]
    scenario: Scenario

    def ask(self, name: str, replaced: Mapping[str, float] | None = None) -> Answer:
        """A quantity of the code base, or of one with other counts; a count that the user sets stands."""
        given = {attribute: Override(Point(value)) for attribute, value in (replaced or self.counts).items()}
        asked = self.scenario
        overrides = {**given, **asked.overrides}
        return self.session.ask(name, Scenario(asked.as_of, asked.bindings, overrides, asked.samples, asked.seed))


def portrait(session: Session, scan: Scan, target: str, scenario: Scenario) -> Portrait:
    """Statuses and counts of a scan. Raises InputError for an unknown target."""
    touchpoints = bound(scan, target)
    own_code = any(found.touchpoint.kind not in ("python", "build") for found in touchpoints)
    user = "custom-kernels" if own_code else "framework-application"
    bindings = {"code": user, **target_rules(target).get("move", {}), **scenario.bindings}
    asked = Scenario(scenario.as_of, bindings, scenario.overrides, scenario.samples, scenario.seed)
    return Portrait(session, scan, target, touchpoints, counts(touchpoints, target), asked)


def document(found: Portrait) -> dict[str, Any]:
    """The result of ``scan`` as plain data, with the keys of the command."""
    scan, rules = found.scan, target_rules(found.target)
    apis, libraries, surface = tallies.by_status(found.touchpoints)
    return {
        "path": str(scan.root),
        "target": found.target,
        "partial": scan.partial,
        "files": sum(files for files, _ in scan.lines_by.values()),
        "lines": sum(lines for _, lines in scan.lines_by.values()),
        "cuda_lines": sum(lines for (language, _), (_, lines) in scan.lines_by.items() if language == "cuda"),
        "apis": {name: apis[name] for name in STATUSES},
        "by_library": libraries,
        "python_surface": surface,
        **_effort(found),
        "left_out": left_out(found),
        "break_even": break_even(found),
        "counts": dict(sorted(found.counts.items())),
        "change_first": change_first(found),
        "languages": tallies.lines_by(scan, 0),
        "roles": tallies.lines_by(scan, 1),
        "by_kind": tallies.by_kind(found.touchpoints),
        "names": tallies.names(found.touchpoints),
        "touchpoints": tallies.places(found.touchpoints),
        "layers": sorted({layer for file in scan.files for layer in file.findings.layers}),
        "read_from_tokens": [file.name for file in scan.files if file.findings.parsed == "tokens"],
        "notes": [{"file": file.name, "note": note} for file in scan.files for note in file.findings.notes],
        "skipped": {
            "by_reason": dict(sorted(scan.skipped.counts.items())),
            "files": [{"file": name, "reason": reason} for name, reason in scan.skipped.listed],
        },
        "map": {
            "target": {"name": rules["name"], "as_of": str(rules["as_of"]), "reason": rules["reason"].strip()},
            "tables": [{**table, "as_of": str(table["as_of"])} for table in targets()["tables"].values()],
        },
        "remembered": scan.remembered,
        "seconds": scan.seconds,
        "mb_per_s": scan.megabytes_per_second,
    }


def break_even(found: Portrait) -> dict[str, Any] | None:
    """Whether the move pays, between the accelerators of the question or the target's; None where neither is named.

    Who moves, and what it serves, are those of the question or assumed (``mover``, ``model``). Where the day of the
    question knows too little, ``unknown`` says what is missing.
    """
    between = {role: found.scenario.bindings.get(role) for role in ("from", "to")}
    if None in between.values():
        return None
    try:
        months = found.ask("switching_break_even")
        summary = _summary(months)
    except MissingFactError as problem:
        return {**between, "unknown": str(problem)}
    return {
        **{role: months.bindings[role] for role in ("from", "to", "mover", "model")},
        "months": summary,
        "never_months": NEVER_MONTHS,
        "no_fleet": NO_FLEET,
        "pays": found.ask("switching_pays").summary.mean,
        "switching_cost_usd": _summary(found.ask("switching_cost")),
        "saving_usd_per_year": _summary(found.ask("switching_saving_per_year")),
        "smallest_fleet": _summary(found.ask("smallest_fleet_worth_moving")),
        "assumptions": [assumption_record(leaf) for leaf in months.leaves if leaf.is_assumption],
    }


def left_out(found: Portrait) -> dict[str, Any]:
    """What the model says of the published port when that is left out of it, against what the port's report says."""
    asked = found.scenario
    bindings = {"code": PUBLISHED_CODE, "port": PUBLISHED_PORT}
    scenario = Scenario(asked.as_of, bindings, {}, asked.samples, asked.seed)
    ask = functools.partial(found.session.ask, scenario=scenario)
    try:
        predicted = _summary(ask("left_out_port_hours"))
    except MissingFactError as problem:
        return {**bindings, "unknown": str(problem)}
    return {
        **bindings,
        "predicted_hours": predicted,
        "reported_hours_at_most": ask("reported_port_hours").summary.median,
        "ratio": _summary(ask("left_out_port_ratio")),
    }


def change_first(found: Portrait) -> list[dict[str, Any]]:
    """What to stop using first: groups of touchpoints by how far the effort falls without them, in shared draws."""
    base = found.ask("porting_effort").summary.median
    groups: dict[str, list[Bound]] = defaultdict(list)
    for bound_ in found.touchpoints:
        if bound_.file.role != OUTSIDE:
            groups[bound_.group].append(bound_)
    rows = []
    for name, inside in groups.items():
        fall = base - found.ask("porting_effort", _without(found, inside)).summary.median
        rows.append(
            {
                "change": name,
                "drop_hours": fall,
                "drop_share": fall / base,
                "touchpoints": sum(bound_.count for bound_ in inside),
                "files": len({bound_.file.name for bound_ in inside}),
            }
        )
    return sorted(rows, key=lambda row: (-float(str(row["drop_hours"])), str(row["change"])))[:FIRST_CHANGES]


def _without(found: Portrait, group: Iterable[Bound]) -> dict[str, float]:
    """Counts of the code base without one whole group; no use of a class is shared by two groups, so they subtract."""
    part = counts(group, found.target)
    kept = {name: found.counts[name] for name in _OF_THE_WHOLE}
    return {name: max(0.0, value - part[name]) for name, value in found.counts.items()} | kept


def folders(found: Portrait) -> list[dict[str, Any]]:
    """Parts of the code that touch the accelerator: lines, and the work on their touchpoints.

    The tree is opened where it is largest until there are `LARGEST_FOLDERS` parts.
    """
    by_file: dict[str, list[Bound]] = defaultdict(list)
    for bound_ in found.touchpoints:
        if bound_.file.role != OUTSIDE and bound_.file.findings.language != "build":
            by_file[bound_.file.name].append(bound_)
    lines = {name: inside[0].file.findings.lines for name, inside in by_file.items()}
    rows: list[dict[str, Any]] = []
    for folder, names in _opened(lines).items():
        inside = [bound_ for name in names for bound_ in by_file[name]]
        inside_counts = counts(inside, found.target)
        row = {"part": folder, "files": len(names), "lines": sum(lines[name] for name in names)}
        for key, name in (("hours", "touchpoint_hours"), ("hours_per_1000_lines", "touchpoint_density")):
            row[key] = found.ask(name, inside_counts).summary.median
        rows.append(row)
    return sorted(rows, key=lambda row: (-row["lines"], row["part"]))


def _opened(lines: Mapping[str, int]) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {"": sorted(lines)} if lines else {}
    closed: set[str] = set()
    while len(parts) < LARGEST_FOLDERS:
        candidates = [folder for folder in parts if folder not in closed]
        if not candidates:
            break
        largest = max(candidates, key=lambda folder: sum(lines[name] for name in parts[folder]))
        below: dict[str, list[str]] = defaultdict(list)
        for name in parts[largest]:
            head, slash, _ = name.removeprefix(largest).partition("/")
            below[largest + head + slash].append(name)
        if len(parts) + len(below) - 1 > LARGEST_FOLDERS or list(below) == [largest]:
            closed.add(largest)
            continue
        del parts[largest]
        parts.update(below)
    return parts


def _effort(found: Portrait) -> dict[str, Any]:
    weeks = found.ask("porting_weeks")
    result: dict[str, Any] = {
        "effort_person_weeks": _summary(weeks),
        "effort_hours": _summary(found.ask("porting_effort")),
        "cost_usd": _summary(found.ask("porting_cost")),
    }
    result["effort_parts_hours"] = {name: found.ask(name).summary.median for name in (*PARTS, *TOUCHPOINT_PARTS)}
    # Where nothing touches the accelerator, or only build files do, there is nothing that a ratio could be taken of
    touched = found.counts["accelerator_lines"] > 0
    used = any(found.counts[f"{name}_uses"] for name in (*CLASSES, "python"))
    result["lock_in_hours_per_1000_lines"] = _summary(found.ask("lock_in")) if touched else None
    result["portability_score"] = _summary(found.ask("portability_score")) if touched and used else None
    result["kind_of_user"] = found.scenario.bindings["code"]
    result["assumptions"] = [assumption_record(leaf) for leaf in weeks.leaves if leaf.is_assumption]
    result["sources"] = [source_record(citation) for citation in weeks.citations]
    return result


def _summary(answer: Answer) -> dict[str, float]:
    summary = answer.summary
    return {"median": summary.median, "p05": summary.p05, "p95": summary.p95}
