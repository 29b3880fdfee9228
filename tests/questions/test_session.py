"""Questions: shared draws, every model answered, overrides that matter."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

import waterline as wl
from waterline.core.scenario import Scenario, parse_override
from waterline.questions.session import default_session
from waterline.questions.variation import axis, vary

AS_OF = date(2026, 11, 24)
WAYS = ("rental_cost", "ownership_cost", "market_cost", "programme_cost")
MODELS = ("deepseek-v3", "deepseek-r1", "llama-3.1-405b", "gpt-3", "gpt-4", "kimi-k2", "llama-2-70b", "minimax-m1")


@pytest.mark.parametrize("model", MODELS)
def test_four_ways_to_cost_answer_for_every_model(model: str) -> None:
    costs = {way: wl.ask(way, as_of=AS_OF, model=model).summary for way in WAYS}
    for summary in costs.values():
        assert 0 < summary.p05 <= summary.median <= summary.p95
    assert costs["rental_cost"].median < costs["market_cost"].median < costs["programme_cost"].median


def test_parts_of_the_market_cost_add_up_sample_by_sample() -> None:
    parts = ("final_run_cost", "failed_run_cost", "experiment_cost", "staff_cost", "deepseek.data_cost")
    whole = wl.ask("market_cost", as_of=AS_OF, model="deepseek-v3").samples
    summed = sum(wl.ask(part, as_of=AS_OF, model="deepseek-v3").samples for part in parts)
    np.testing.assert_allclose(whole, summed, rtol=1e-12)


def test_entities_compared_share_their_draws() -> None:
    found = wl.compare(
        "ownership_cost_per_gpu_hour", "region", ["us-texas", "us-california"], as_of=AS_OF, chip="h100-sxm"
    )
    # Only the price of power differs, so that the dearer region is dearer in every sample but for its own draws.
    assert found.chances_above[1] > 0.99


def test_events_are_compared_by_their_chances() -> None:
    asked = {"as_of": AS_OF, "samples": 1024, "from_": "h100-sxm"}
    found = wl.compare("switching_pays", "to", ["mi300x", "trainium2"], **asked)
    first, second = (answer.samples for answer in found.answers)
    assert set(first) == {0.0, 1.0}
    assert found.ratios[1] is not None
    assert found.ratios[1].median == pytest.approx(second.mean() / first.mean())
    assert found.differences == (0.0, pytest.approx(second.mean() - first.mean()))
    assert found.chances_above[1] == np.mean((second == 1) & (first == 0))
    (beside,) = wl.compare("switching_pays", "to", ["mi300x", "trainium2"], moving_fleet=1, **asked).to_dict()["ratios"]
    assert beside["median"] is None  # one accelerator never pays for a move
    assert beside["difference"] == 0.0


def test_dearer_rent_never_makes_a_model_cheaper() -> None:
    asked = [
        wl.ask(
            "market_cost", as_of=AS_OF, model="deepseek-v3", set={"market_rental_price": f"{price} USD/hour"}
        ).samples
        for price in (1, 2, 4)
    ]
    assert np.all(np.diff(np.stack(asked), axis=0) > 0)


def test_quantity_can_be_overridden_whole() -> None:
    answer = wl.ask("rental_cost", as_of=AS_OF, model="deepseek-v3", set={"training_gpu_hours": "1M hour"})
    assert answer.summary.median == 2_000_000


def test_a_number_is_bound_by_its_name_as_an_override() -> None:
    bound = wl.ask("ownership_cost_per_gpu_hour", as_of=AS_OF, chip="h800", utilisation=0.6)
    chosen = wl.ask("ownership_cost_per_gpu_hour", as_of=AS_OF, chip="h800", set={"utilisation": "0.6"})
    np.testing.assert_array_equal(bound.samples, chosen.samples)
    assert bound.bindings["utilisation"] == "0.6"


def test_numbers_can_be_compared() -> None:
    found = wl.compare("ownership_cost_per_gpu_hour", "utilisation", ["0.8", "0.4"], as_of=AS_OF, chip="h800")
    assert found.entities == ("0.8", "0.4")
    assert found.ratios[1].median == pytest.approx(2, rel=1e-12)


def test_points_of_a_variation_are_what_each_answers_alone() -> None:
    session = default_session()
    terms = Scenario(AS_OF, {"model": "deepseek-v3"}, {"pue": parse_override("pue", "1.4..1.6")}, samples=256)
    axes = [axis(session, "utilisation", "0.4,0.6..0.8"), axis(session, "chip", "h800,h100-sxm")]
    rows = list(vary(session, terms, ["ownership_cost", "ownership_cost_per_gpu_hour"], axes))
    assert len(rows) == 8
    for row in rows:
        given = {"utilisation": row.at["utilisation"], "pue": "1.4..1.6"}
        alone = wl.ask(row.quantity, as_of=AS_OF, samples=256, set=given, model="deepseek-v3", chip=row.at["chip"])
        assert row.answer.to_dict() == alone.to_dict()


def test_a_bare_number_is_in_the_unit_that_is_shown() -> None:
    facts = default_session().facts
    otherwise = []  # assumptions written in another unit than facts of the same attribute have
    for name, assumption in facts.assumptions.items():
        entity, _, attribute = name.rpartition(".")
        if entity in facts.entities and assumption.unit != facts.attribute(facts.entity(entity), attribute).unit:
            otherwise.append(name)
    assert otherwise
    for name in otherwise:
        shown = wl.ask(name, samples=1024)
        given = wl.ask(name, samples=1024, set={name: f"{shown.summary.median:.6g}"})
        assert given.unit == shown.unit
        assert given.summary.median == pytest.approx(shown.summary.median, rel=1e-5)
