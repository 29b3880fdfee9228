"""Reference values in forms of their own: clustered means, published tables, times to recover."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np

from waterline.core.errors import InputError
from waterline.market.event_study.buy_and_hold import standardised_difference
from waterline.market.event_study.clusters import clustered_mean, two_way_mean
from waterline.market.event_study.panel import read_panel
from waterline.market.event_study.references.expectation import Expectation, expectation, is_number
from waterline.market.event_study.references.uncovered import numbers
from waterline.market.survival import kaplan_meier


def compare_clustered(file: Path) -> Iterator[Expectation]:
    """The values that crseEventStudy's tests assert: standardised differences, and means with clustered errors."""
    stated = json.loads(file.read_text("utf-8"))
    groups = {"case": file.parent.name, "kind": "clustered"}
    sections = {"sar_expected": _standardised, "crseEvent_expected": _clustered}
    for section, values in sections.items():
        ours = values(file.parent, stated) if section in stated else {}
        for key, printed in stated.get(section, {}).items():
            if key != "tol" and isinstance(printed, float | int):
                reason = "" if key in ours else f"nothing of ours is called {key!r}"
                yield expectation(f"{file.parent.name}/{section}/{key}", printed, ours.get(key), groups, reason)


def _standardised(folder: Path, stated: dict[str, Any]) -> dict[str, float]:
    panel = read_panel(folder / "demo_returns.csv")
    words = str(stated.get("definition", ""))
    event, control = (_named(words, role, panel.names) for role in ("event", "control"))
    values = standardised_difference(panel.returns[:, event], panel.returns[:, control])
    return {
        "n": len(values),
        "mean": float(values.mean()),
        "min": float(values.min()),
        "max": float(values.max()),
        "sd": float(values.std(ddof=1)),
    }


def _named(words: str, role: str, names: tuple[str, ...]) -> int:
    for place, name in enumerate(names):
        if f"{role}={name}" in words:
            return place
    raise InputError(f"'definition' must say {role}=NAME with one of {', '.join(names)}")


def _clustered(folder: Path, stated: dict[str, Any]) -> dict[str, float]:
    wanted = stated["crseEvent_expected"]
    with (folder / wanted["data"]).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    values = np.array([float(row[wanted["abnr"]]) if is_number(row[wanted["abnr"]]) else np.nan for row in rows])
    first, second = ([row[wanted[key]] for row in rows] if key in wanted else None for key in ("cluster1", "cluster2"))
    if first is None:
        raise InputError(f"{folder / 'expected.json'}: 'cluster1' is missing")
    found = clustered_mean(values, first)
    ours = {
        "N": float((~np.isnan(values)).sum()),
        "unique_cl1": found.clusters,
        "mean_abnormal_ret": found.mean,
        "var_cl1_11": found.variance,
        "tcl1": found.t,
    }
    if second is not None:
        other, both = clustered_mean(values, second), two_way_mean(values, first, second)
        ours |= {"unique_cl2": other.clusters, "var_cl2_11": other.variance, "tcl2": other.t}
        ours |= {"var_cl12_11": both.variance, "tcl12": both.t}
    return ours


def compare_published(file: Path) -> Iterator[Expectation]:
    """A paper's table: what follows from other numbers of it is checked, the rest needs returns."""
    groups = {"case": file.parent.name, "kind": "published"}
    stated = json.loads(file.read_text("utf-8"))
    values = dict(numbers(stated))
    for path, printed in values.items():
        found, reason = None, "the paper's returns are not published"
        mean, error = (values.get((*path[:-1], name)) for name in ("ar_pct", "se_pct"))
        if path[-1] == "theta1" and mean is not None and error:
            found, reason = mean / error, ""
        yield expectation("/".join((file.parent.name, *path)), printed, found, groups, reason)


def compare_recovery(file: Path) -> Iterator[Expectation]:
    """Kaplan and Meier's curve of the falls in the table of the same name beside ours."""
    falls = _table_of_falls(file)
    for group, stated in json.loads(file.read_text("utf-8")).items():
        chosen = _falls(group, falls)
        ours: dict[str, float] = {"n": len(chosen)}
        if chosen:
            days = np.array([float(fall["days_to_recover"]) for fall in chosen])
            curve = kaplan_meier(days, np.array([fall["recovered"] == "1" for fall in chosen]))
            ours |= {f"p{key[1:]}": curve.probability(float(key[1:])) for key in stated if key[1:].isdigit()}
            ours["median"] = curve.median
        for key, printed in stated.items():
            reason = "" if chosen else "the file does not say which falls this group takes"
            found = ours.get(key) if chosen else None
            groups = {"case": file.stem, "kind": "recovery"}
            yield expectation(f"{file.stem}/{group}/{key}", printed, found, groups, reason)


def _table_of_falls(file: Path) -> list[dict[str, str]]:
    """The table of falls beside a file of curves, the one with the most similar name."""
    tables = {}
    for found in file.parent.glob("*.csv"):
        with found.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if {"drop", "days_to_recover", "recovered"} <= set(reader.fieldnames or ()):
                tables[found.name] = list(reader)
    if not tables:
        raise InputError(f"{file}: no table of falls, with drop, days_to_recover and recovered, beside it")
    return tables[max(sorted(tables), key=lambda name: SequenceMatcher(None, name, file.name).ratio())]


def _falls(group: str, falls: list[dict[str, str]]) -> list[dict[str, str]]:
    """Falls of a group, by what its name says; none when it says something that the table does not hold."""
    if group.startswith("all"):
        return falls
    chosen = falls if group == "since2010" else []
    if group.startswith("drop15to20"):
        chosen = [fall for fall in falls if float(fall["drop"]) > -0.20]
    return [fall for fall in chosen if fall["date"] >= "2010"]
