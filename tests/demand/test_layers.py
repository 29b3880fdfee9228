"""Demand by layer: everything sold is allotted once, shares that cannot be are refused, early dates know less."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import waterline as wl
from waterline.core.errors import InputError
from waterline.demand.accelerators import average_of_growth
from waterline.demand.spending import demand_spending

TODAY, THEN = date(2026, 11, 24), date(2025, 2, 20)


@pytest.mark.parametrize(("as_of", "year"), [(THEN, "compute-2024"), (TODAY, "compute-2025")])
def test_layers_sum_to_what_was_sold_in_the_latest_year_known(as_of: date, year: str) -> None:
    layers = wl.ask("demand_layers", as_of=as_of)
    assert layers.bindings["year"] == year
    sold = wl.ask("accelerator_hours", as_of=as_of, year=year)
    np.testing.assert_allclose(layers.samples, sold.samples, rtol=1e-9)


def test_the_trace_opens_to_the_layers() -> None:
    below = {entry["name"] for entry in wl.explain("demand_layers", as_of=THEN, depth=1)["inputs"]}
    assert {"demand_of_final_runs", "demand_of_text_inference", "demand_of_agents", "demand_of_idle_stock"} <= below
    assert len(below) == len(demand_spending.inputs) == 9


def test_average_of_growth_is_the_logarithmic_mean() -> None:
    start, end = np.array([1.0, 1.0, 1.0, 3.0]), np.array([1.0, 2.0, 5.0, 1.5])
    exact = np.array([1.0, 1 / np.log(2), 4 / np.log(5), 1.5 / np.log(2)])
    np.testing.assert_allclose(average_of_growth(start, end), exact, rtol=3e-3)


def test_definitions_of_training_nest() -> None:
    names = ("final_run_demand_share", "research_demand_share", "training_demand_share")
    finals, research, training = (wl.ask(name, as_of=TODAY, year="compute-2024").samples for name in names)
    assert np.all(finals < research)
    assert np.all(research < training)
    assert np.median(finals) == pytest.approx(0.073, abs=0.01)  # a tenth is near this definition alone
    assert np.median(training) == pytest.approx(0.49, abs=0.03)


def test_the_gap_is_what_evidence_leaves() -> None:
    total, seen, gap = (
        wl.ask(name, as_of=TODAY, year="compute-2024").samples
        for name in ("demand_layers", "demand_evidenced", "demand_gap")
    )
    np.testing.assert_allclose(gap, total - seen)


def test_dollars_are_hours_at_the_rent() -> None:
    hours, price, dollars = (
        wl.ask(name, as_of=TODAY, year="compute-2024").samples
        for name in ("demand_layers", "accelerator_hour_price", "demand_spending")
    )
    np.testing.assert_allclose(dollars, hours * price, rtol=1e-9)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"recommendation_share": "0.9"}, "layers sum past the whole: laboratory_share .*, recommendation_share 0.9"),
        ({"laboratory_share": "0.95"}, "layers sum past the whole: laboratory_share 0.95"),
        ({"laboratory_share": "1.9"}, "does not lie between 0 and 1"),
        ({"idle_share": "-0.1"}, "does not lie between 0"),
    ],
)
def test_shares_out_of_range_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        assert wl.ask("demand_layers", as_of=TODAY, set=values).summary


def test_before_any_count_the_year_must_be_said() -> None:
    with pytest.raises(InputError, match=r"world.latest_year is not known as of 2024-03-01.*say year=ENTITY"):
        wl.ask("demand_layers", as_of=date(2024, 3, 1))


def test_a_year_beyond_the_counts_is_refused() -> None:
    with pytest.raises(InputError, match="unknown compute_year 'compute-2031'"):
        wl.ask("demand_layers", as_of=TODAY, year="compute-2031")
