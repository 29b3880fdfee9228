"""How each kind of claim is decided, in a study of a few lines; and what a changed value leaves as it was."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from waterline.core.errors import InputError
from waterline.core.scenario import Scenario, parse_override
from waterline.questions.session import default_session
from waterline.studies.read import Study, read_study
from waterline.studies.run import StudyResult, run_study

DAY = date(2026, 11, 24)
CLAIMS = """
  N1: {kind: fact, stated: {text: "$6M", value: 6.0, step: 1.0, unit: MUSD}, comparator: equals, quantity: rental_cost}
  N2: {kind: estimate, stated: {text: "$6M", value: 6.0e+6, unit: USD}, comparator: below, quantity: market_cost,
       cites: [deepseek-v3.training_gpu_hours]}
  T1: {kind: fact, stated: {text: NVDA}, comparator: is, fact: h800.vendor}
  T2: {kind: fact, stated: {text: amd}, comparator: is, fact: h800.vendor}
  T3: {kind: fact, stated: {text: anything}, comparator: happened, fact: h800.vendor}
  E1: {kind: fact, stated: {text: early, value: 1.0, unit: USD}, comparator: above, quantity: rental_cost,
       as_of: 2020-01-01}
  U1: {kind: causal, stated: {text: because}, decided_by: nobody}
  U2: {kind: causal, stated: {text: because}, decided_by: nobody, cites: [deepseek-v3.training_gpu_hours]}
  U3: {kind: causal, stated: {text: because}, decided_by: nobody, cites: [deepseek-v3.training_gpu_hours],
       as_of: 2024-06-01}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Study:
    path = tmp_path_factory.mktemp("study") / "small.yaml"
    path.write_text(f"name: small\nbindings: {{model: deepseek-v3}}\nclaims:{CLAIMS}", "utf-8")
    return read_study(str(path))


@pytest.fixture(scope="module")
def decided(small: Study) -> StudyResult:
    return run_study(default_session(), small, Scenario(DAY, samples=256))


def test_every_kind_of_claim_is_decided_by_its_own_evidence(decided: StudyResult) -> None:
    judged = {name: (one.judgement.verdict, one.judgement.reason) for name, one in decided.decisions.items()}
    assert judged["N1"] == ("supported", "evidence")
    assert judged["N2"][0] in ("open", "contradicted")
    assert (judged["T1"], judged["T2"][0], judged["T3"]) == (
        ("supported", "evidence"), "contradicted", ("supported", "evidence"),
    )  # fmt: skip
    assert judged["E1"] == ("open", "nothing-known")
    assert judged["U1"] == ("open", "undecided")
    assert decided.decisions["U1"].judgement.probability is None
    assert "known" in decided.decisions["E1"].problem
    assert decided.decisions["T1"].shown == "nvda"
    cited = [citation.fact for citation in decided.decisions["N2"].citations]
    assert "deepseek-v3.training_gpu_hours" in cited
    assert len(cited) == len(set(cited))
    assert [citation.fact for citation in decided.decisions["U2"].citations] == ["deepseek-v3.training_gpu_hours"]
    assert decided.decisions["U3"].citations == ()  # not known by then


def test_progress_is_told_after_every_claim(small: Study) -> None:
    told: list[tuple[int, int]] = []
    run_study(default_session(), small, Scenario(DAY, samples=256), lambda done, of: told.append((done, of)))
    assert told == [(place, 9) for place in range(1, 10)]


def test_what_is_set_changes_only_the_claims_that_ask_for_it(small: Study, decided: StudyResult) -> None:
    def kept(**values: str) -> set[str]:
        given = {name: parse_override(name, text) for name, text in values.items()}
        terms = dataclasses.replace(Scenario(DAY, samples=256), overrides=given)
        changed = run_study(default_session(), small, terms, base=decided)
        return {name for name, one in changed.decisions.items() if one is decided.decisions[name]}

    texts = {"T1", "T2", "T3", "U1", "U2", "U3"}
    assert kept(market_rental_price="3") == texts | {"N1"}
    assert kept(training_gpu_hours="3M hour") == texts
    assert kept(utilisation="0.5") == texts | {"N1", "N2"}
    assert kept(reliability_of_grade_a="0.8") == set()  # what all verdicts take for granted


def test_a_claim_about_another_kind_of_thing_is_refused_with_its_place(small: Study, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    text = "C1: {kind: fact, stated: {text: x, value: 1.0, unit: hour}, comparator: above, quantity: rental_cost}"
    path.write_text(f"name: wrong\nbindings: {{model: deepseek-v3}}\nclaims:\n  {text}\n", "utf-8")
    with pytest.raises(InputError, match=r"wrong.yaml:4: claim C1: .*cannot be converted"):
        run_study(default_session(), read_study(str(path)), Scenario(DAY, samples=256))
