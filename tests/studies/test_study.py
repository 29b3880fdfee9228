"""The shipped study end to end, and studies that are wrong."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from waterline.core.errors import InputError
from waterline.core.scenario import Scenario
from waterline.studies.read import SHIPPED, read_study
from waterline.studies.verbs import StudyRun, study

TODAY = date(2026, 11, 24)
THEN = date(2025, 2, 20)
SHARED_CLAIMS = Path(__file__).parents[3] / "shared" / "facts" / "claims.csv"
STARTER = (SHIPPED.with_name("starter.yaml")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shock() -> StudyRun:
    return study("deepseek-shock", Scenario(TODAY))


def verdicts(run: StudyRun) -> dict[str, str]:
    return {name: decision.judgement.verdict for name, decision in run.result.decisions.items()}


def test_every_claim_of_the_article_is_there() -> None:
    if not SHARED_CLAIMS.is_file():
        pytest.skip("the table of the article's claims is not at hand")
    with SHARED_CLAIMS.open(encoding="utf-8") as stream:
        wanted = {row["id"] for row in csv.DictReader(stream)}
    assert {claim.id for claim in read_study("deepseek-shock").claims} == wanted


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("C01", "supported"),  # -16.97%
        ("C02", "supported"),  # 24.20 USD x 24.49 billion shares
        ("C04", "contradicted"),  # one tenth of GPT-4: at most one eighteenth
        ("C06", "contradicted"),  # 90% of the loss, not basically all
        ("C10", "supported"),  # 5.576 million
        ("C14", "contradicted"),  # SemiAnalysis wrote 500 million and more
        ("C22", "supported"),  # +112.0%
        ("C23", "open"),  # "about half"
        ("C32", "supported"),  # +69.66%
        ("C38", "contradicted"),  # twice, not several times
        ("C41", "supported"),  # 185.7 billion
    ],
)
def test_claims_decided_by_facts_and_arithmetic(shock: StudyRun, claim: str, verdict: str) -> None:
    assert verdicts(shock)[claim] == verdict


def test_undecided_claims_say_what_will_decide_them(shock: StudyRun) -> None:
    for entry in shock.claims():
        if entry["probability"] is None:
            assert entry["verdict"] == "open"
            assert entry["reason_text"], entry["id"]


def test_as_of_wall_hides_what_came_later(shock: StudyRun) -> None:
    assert shock.earlier is not None
    for decision in shock.earlier.decisions.values():
        assert all(citation.known <= THEN for citation in decision.citations), decision.claim.id
    before, now = shock.earlier.decisions, verdicts(shock)
    for forecast in ("C59", "C60", "C61"):
        assert before[forecast].judgement.verdict == "open"
        assert now[forecast] != "open"


def test_same_scenario_and_seed_give_the_same_document(shock: StudyRun) -> None:
    again = study("deepseek-shock", Scenario(TODAY))
    assert again.model() == shock.model()


def test_every_number_shown_can_be_opened_to_its_leaves(shock: StudyRun) -> None:
    model = shock.model()
    nodes = model["nodes"]
    for number in model["numbers"].values():
        assert number["node"] in {None, *nodes}
    for node in nodes.values():
        assert all(below in nodes for below in node["inputs"])
        assert node["inputs"] or node.get("source") or node.get("assumption"), node["id"]


def test_texts_exist_in_both_written_languages_and_refer_to_known_numbers(shock: StudyRun) -> None:
    import re

    model = shock.model()
    for entry in model["claims"].values():
        assert set(entry["text"]) == {"en", "zh-Hant"}
        for text in (*entry["text"].values(), *entry["finding"].values()):
            for key in re.findall(r"\[\[(.+?)\]\]", text):
                assert key in model["numbers"], (entry["id"], key)


def test_starter_runs(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(STARTER, encoding="utf-8")
    assert verdicts(study(str(path), Scenario(TODAY)))["C2"] == "contradicted"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "quantity: rental_cost ",
            "quantity: rental_cots ",
            r"unknown quantity 'rental_cots'; did you mean rental_cost",
        ),
        (
            "comparator: about  ",
            "comparator: abuot  ",
            r"mine.yaml:\d+: unknown comparator 'abuot'; did you mean about",
        ),
        ("model: kimi-k2", "model: kimi-k9", r"unknown model 'kimi-k9'; did you mean"),
        ("[C1, C2, C3]", "[C1, C2]", r"mine.yaml:\d+: no section shows C3"),
        ("[C1, C2, C3]", "[C1, C2, C3, C9]", r"mine.yaml:\d+: unknown claim 'C9'"),
        ("value: 4.6e+6, step", "value: six, step", r"mine.yaml:\d+: stated.value must be a number"),
        ("name: my-headline", "nmae: my-headline", r"mine.yaml:\d+: unknown key 'nmae'; did you mean name"),
        ("earlier_as_of: 2025-09-01", "earlier_as_of: soon", r"mine.yaml:\d+: earlier_as_of must be a date"),
        ("unit: USD}\n    comparator: about\n", "unit: kilogram}\n    comparator: about\n", r"cannot be converted"),
        ("above: rental_cost", "above: rental", r"unknown quantity 'rental'"),
    ],
)
def test_wrong_study_is_refused_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in STARTER
    path = tmp_path / "mine.yaml"
    path.write_text(STARTER.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        study(str(path), Scenario(TODAY)).model()


def test_unknown_study_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InputError, match="did you mean deepseek-shock"):
        study("deepseek-shok", Scenario(TODAY))
