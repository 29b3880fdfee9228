"""The bill of materials against what clusters were reported to cost and draw."""

from __future__ import annotations

import functools
import statistics
from pathlib import Path

from cost.published import Comparison, comparisons


@functools.cache
def found() -> list[Comparison]:
    return comparisons()


def median_error(*groups: str) -> float:
    return statistics.median(abs(row.error) for row in found() if row.group in groups and not row.at_least)


def test_studies_that_say_what_they_count_are_reproduced() -> None:
    rows = [row for row in found() if row.group == "study"]
    assert median_error("study") <= 0.15
    assert sum(row.inside for row in rows) >= 0.85 * len(rows)


def test_all_published_costs_have_a_median_error_below_a_fifth() -> None:
    costs = [row for row in found() if row.group in ("study", "cluster", "public")]
    assert len(costs) >= 30
    assert median_error("study", "cluster", "public") <= 0.20
    assert sum(row.inside for row in costs) >= 0.8 * len(costs)


def test_clusters_built_for_ai_are_reproduced() -> None:
    assert median_error("cluster") <= 0.20
    assert sum(row.inside for row in found() if row.group == "cluster") >= 5


def test_published_cost_of_an_hour_is_reproduced() -> None:
    assert all(row.inside for row in found() if row.group == "hour")
    assert median_error("hour") <= 0.10


def test_reported_power_is_reproduced() -> None:
    assert median_error("power") <= 0.20


def test_another_model_of_clusters_comes_to_the_same() -> None:
    assert median_error("estimate") <= 0.15
    assert median_error("power estimate") <= 0.15


def test_table_of_the_documentation_is_current() -> None:
    page = Path(__file__).parents[2].joinpath("docs/explanation/cost.md").read_text("utf-8").splitlines()
    assert [row.line for row in found() if row.line not in page] == []
