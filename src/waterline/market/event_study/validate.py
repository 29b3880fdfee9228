"""Reference values of event studies, each beside ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.market.event_study.references import other_forms, panel_case, single_event
from waterline.market.event_study.references.expectation import Expectation
from waterline.market.event_study.references.uncovered import uncovered

Comparison = Callable[[Path], Iterator[Expectation]]
STATES_VALUES = ("expected", "reference", "published")  # what a document of expected values is called


def validate_event_study(path: Path) -> dict[str, Any]:
    """Compare every reference value below a folder with ours.

    The report has `rows, covered, median_abs_pct_error, p90_abs_pct_error, bias_pct` (median signed error),
    `interval90_coverage` (the share of covered values that agree to the last digit printed; nothing here is drawn at
    random, so there is no other interval), `by_group` (keys "column=value") and `predictions`, one per value, with
    `reason` where it is not covered. Raises InputError when the folder does not exist or holds no reference.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; give a folder of event-study cases")
    files = sorted(found for found in ([path] if path.is_file() else path.rglob("*")) if found.is_file())
    expectations = [entry for file in files for entry in _compared(file)]
    if not expectations:
        raise InputError(f"{path} holds no event-study case: a folder with case.json, returns.csv and expected_*.csv")
    groups: dict[str, list[Expectation]] = {}
    for entry in expectations:
        for column, value in entry.groups.items():
            groups.setdefault(f"{column}={value}", []).append(entry)
    return {
        **_errors(expectations),
        "by_group": {name: _errors(entries) for name, entries in sorted(groups.items())},
        "predictions": [entry.record() for entry in expectations],
    }


def _compared(file: Path) -> Iterator[Expectation]:
    """What a file expects beside ours; a file that cannot be compared gives its values with the reason."""
    comparison = _comparison(file)
    if comparison is None:
        return
    found = []
    try:
        for entry in comparison(file):
            found.append(entry)
            yield entry
    except (InputError, ValueError, TypeError, AttributeError, LookupError) as problem:
        reason = str(problem) if isinstance(problem, InputError) else f"{type(problem).__name__}: {problem}"
        if found:
            groups = {"case": file.parent.name, "kind": "unreadable"}
            yield Expectation(f"{file}: what follows", "nan", None, groups, reason)
        else:
            yield from uncovered(file, reason)


def _comparison(file: Path) -> Comparison | None:
    """Which form of reference a file is, by its name and by what it holds."""
    if file.name == "case.json":
        return lambda case: panel_case.compare(case.parent)
    if file.suffix == ".csv" and file.name.startswith("python_eventstudy_"):
        return single_event.compare_eventstudy_table
    if file.suffix == ".csv" and file.name.startswith("expected_") and not file.with_name("case.json").exists():
        return lambda table: uncovered(table, "no case.json beside it says what it is of")
    return _comparison_of_document(file) if file.suffix == ".json" else None


def _comparison_of_document(file: Path) -> Comparison | None:
    try:
        held = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        reason = f"{file}: not a JSON document: {problem}"
        return lambda document: uncovered(document, reason)
    unknown = _unknown if any(word in file.name for word in STATES_VALUES) else None
    if not isinstance(held, dict):
        return unknown
    if held and all(isinstance(part, dict) and {"n", "median"} <= part.keys() for part in held.values()):
        return other_forms.compare_recovery
    if {"spec", "results"} <= held.keys():
        return single_event.compare_single
    if {"sar_expected", "crseEvent_expected"} & held.keys():
        return other_forms.compare_clustered
    return other_forms.compare_published if file.name == "published_values.json" else unknown


def _unknown(file: Path) -> Iterator[Expectation]:
    return uncovered(file, "this form of reference is not known")


def _errors(entries: Sequence[Expectation]) -> dict[str, Any]:
    errors = np.array([entry.error_pct for entry in entries if entry.error_pct is not None])
    inside = [entry.record()["inside_printed_digits"] for entry in entries if entry.found is not None]
    return {
        "rows": len(entries),
        "covered": len(errors),
        "median_abs_pct_error": float(np.median(np.abs(errors))) if errors.size else None,
        "p90_abs_pct_error": float(np.quantile(np.abs(errors), 0.9)) if errors.size else None,
        "bias_pct": float(np.median(errors)) if errors.size else None,
        "interval90_coverage": float(np.mean(inside)) if inside else None,
    }
