"""A study decided on top of a run with nothing set is the study decided from the start."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from waterline.core.scenario import Scenario, parse_override
from waterline.questions.session import default_session
from waterline.studies.read import Study, read_study
from waterline.studies.verbs import StudyRun, run

SCENARIO = Scenario(date(2026, 11, 24), samples=512)


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study("deepseek-shock")


@pytest.fixture(scope="module")
def base(study: Study) -> StudyRun:
    decided = run(default_session(), study, SCENARIO)
    decided.model()
    return decided


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("h800.rental_price", "1.2..4"),  # one entity's attribute
        ("rental_price", "3"),  # of every entity
        ("deepseek-v3.training_gpu_hours", "4M"),  # a fact in the place of a formula
        ("training_gpu_hours", "4M"),  # the formula itself
        ("utilisation", "0.4..0.7"),  # a free assumption
        ("reliability_of_grade_b", "0.6"),  # what verdicts take for granted
        ("h800.failure_rate", "0.5"),  # an assumption of one entity
        ("gpt-4.layers", "120"),  # what a formula takes when it is known, and is not
        ("google-2024-12-31.h100_equivalents", "150000..250000"),  # one of several drawn together
    ],
)
def test_what_a_value_cannot_move_is_taken_over_unchanged(study: Study, base: StudyRun, name: str, value: str) -> None:
    changed = dataclasses.replace(SCENARIO, overrides={name: parse_override(name, value)})
    afresh = run(default_session(), study, changed).model()
    on_top = run(default_session(), study, changed, base=base).model()
    assert on_top["claims"] == afresh["claims"]
    assert on_top["numbers"] == afresh["numbers"]
    assert on_top["pictures"] == afresh["pictures"]
    for identity, node in afresh["nodes"].items():
        assert on_top["nodes"][identity] == node, identity
    assert on_top["claims"] != base.model()["claims"] or on_top["nodes"] != base.model()["nodes"]
