"""The ledger: what is on record, its scores, and the wall against hindsight."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import msgspec
import pytest

from waterline.cli.main import main
from waterline.core.errors import InputError
from waterline.facts.load import load_base
from waterline.facts.store import FactBase
from waterline.questions.catalogue import shipped_catalogue
from waterline.questions.session import Session, default_session
from waterline.studies.ledger import CALIBRATION_BINS, SHIPPED, Entry, Ledger, calibration, ledger, refuse_hindsight

TODAY, THEN = date(2026, 11, 24), date(2025, 2, 20)
SAMPLES = 1024


def found(as_of: date, session: Session | None = None, path: Path = SHIPPED) -> Ledger:
    return ledger(session or default_session(), as_of, SAMPLES, 1, path)


@pytest.fixture(scope="module")
def today() -> Ledger:
    return found(TODAY)


def chances(of: Ledger) -> dict[str, float]:
    return {entry.forecast.id: entry.probability for entry in of.entries}


def test_outcomes_are_those_that_came(today: Ledger) -> None:
    came = {entry.forecast.id: entry.outcome for entry in today.entries}
    assert came["p03-data-center-growth"] is True
    assert came["p04-report-lifts"] is False
    assert came["p16-recovery"] is False
    assert came["p13-openai-chip"] is None
    assert sum(outcome is not None for outcome in came.values()) >= 13
    assert {"NVIDIA", "article of February 2025"} <= {entry.forecaster for entry in today.entries}


def test_an_outcome_counts_from_the_day_of_the_horizon() -> None:
    def came(on: date) -> bool | None:
        return {entry.forecast.id: entry.outcome for entry in found(on).entries}["p01-in-band"]

    assert came(date(2025, 2, 26)) is False  # the report's day, which is the horizon
    assert came(date(2025, 2, 25)) is None


def test_what_came_is_not_stretched_to_what_was_forecast(tmp_path: Path) -> None:
    path = tmp_path / "ledger.yaml"
    event = "event: {comparator: between, low: 3.675e+10, high: 3.825e+10, unit: USD}"
    text = SHIPPED.read_text("utf-8")
    assert event in text
    path.write_text(text.replace(event, "event: {comparator: about, value: 3.0e+10, unit: USD}"), "utf-8")
    entry = found(TODAY, path=path).entries[0]
    assert (entry.forecast.id, entry.outcome) == ("p01-in-band", False)  # 39.3 billion came


def test_scores_are_means_over_what_is_decided(today: Ledger) -> None:
    scores = today.scores()
    squares = [(entry.probability - bool(entry.outcome)) ** 2 for entry in today.decided]
    assert scores["n"] == len(squares)
    assert scores["brier"] == pytest.approx(sum(squares) / len(squares))
    assert scores["log_of_one_half"] == pytest.approx(math.log(2))
    assert sum(row["n"] for row in calibration(today.decided)) == scores["n"]


def scored(probability: float, outcome: bool | None) -> Entry:
    return Entry(None, "", THEN, THEN, THEN, probability, outcome, None)  # type: ignore[arg-type]


def test_scores_worked_out_by_hand() -> None:
    right, wrong, opened = scored(0.8, True), scored(0.8, False), scored(0.8, None)
    assert (right.brier, wrong.brier, opened.brier) == (pytest.approx(0.04), pytest.approx(0.64), None)
    assert (right.log, wrong.log, opened.log) == (
        pytest.approx(-math.log(0.8)), pytest.approx(-math.log(0.2)), None,
    )  # fmt: skip
    scores = Ledger(TODAY, (right, wrong, opened)).scores()
    assert (scores["brier"], scores["n"], scores["brier_of_one_half"]) == (pytest.approx(0.34), 2, 0.25)
    assert scores["log"] == pytest.approx(-math.log(0.16) / 2)
    nothing = Ledger(TODAY, (opened,)).scores()
    assert [nothing[name] for name in ("brier", "log", "n", "brier_of_one_half", "log_of_one_half")] == [
        None, None, 0, None, None,
    ]  # fmt: skip


def test_calibration_counts_each_chance_in_one_range() -> None:
    width = 1 / CALIBRATION_BINS
    rows = calibration([scored(0.0, False), scored(width, True), scored(1.0, True), scored(1 - width / 2, False)])
    assert [(row["low"], row["high"], row["n"]) for row in rows] == [
        (0.0, width, 1), (width, pytest.approx(2 * width), 1), (pytest.approx(1 - width), 1.0, 2),
    ]  # fmt: skip
    assert [row["frequency"] for row in rows] == [0.0, 1.0, 0.5]
    assert rows[-1]["probability"] == pytest.approx(1 - width / 4)


def test_chances_do_not_change_with_what_is_learnt_later(today: Ledger) -> None:
    earlier = chances(found(date(2025, 3, 1)))
    assert len(earlier) >= 15
    assert {name: chances(today)[name] for name in earlier} == earlier


def test_every_leaf_of_every_chance_was_known_on_the_day(today: Ledger) -> None:
    for entry in today.entries:
        assert entry.given == max(THEN, entry.made)
        for leaf in entry.answer.leaves:
            assert all(citation.known <= entry.given for citation in leaf.citations), entry.forecast.id
            assert leaf.known is None or leaf.known <= entry.given, leaf.name


def test_a_later_fact_changes_no_chance_and_one_that_leaks_is_refused(today: Ledger) -> None:
    base = load_base()
    quarter = base.entities["nvda-q4-fy2025"]
    old = quarter.facts["guided_revenue"][0]
    values = {name: getattr(old, name) for name in old.__struct_fields__}
    later = type(old)(
        **{**values, "mid": 4.5e10, "low": 4.4e10, "high": 4.6e10, "valid": THEN, "known": date(2025, 3, 1)}
    )
    quarter.facts["guided_revenue"].append(later)
    session = Session(FactBase(base), shipped_catalogue())
    assert chances(found(TODAY, session))["p03-data-center-growth"] == chances(today)["p03-data-center-growth"]
    entry = next(entry for entry in today.entries if entry.forecast.id == "p03-data-center-growth")
    with pytest.raises(InputError, match=r"p03.* was known only on .*hindsight"):
        refuse_hindsight("p03", entry.answer, date(2024, 6, 1))


def test_an_assumption_that_leans_on_a_later_day_gives_no_chance_and_is_refused_where_it_leaks(today: Ledger) -> None:
    base = load_base()
    old = base.assumptions["report_day_rise_chance"]
    base.assumptions[old.name] = msgspec.structs.replace(old, known=date(2025, 3, 1), numbers=(0.01, 0.02, 0.03))
    assert "p04-report-lifts" not in chances(found(TODAY, Session(FactBase(base), shipped_catalogue())))
    entry = next(entry for entry in today.entries if entry.forecast.id == "p04-report-lifts")
    with pytest.raises(InputError, match=r"p04: assumption report_day_rise_chance leans on 2025-02-20.*hindsight"):
        refuse_hindsight("p04", entry.answer, date(2025, 2, 19))


def test_what_leans_on_no_day_is_listed(today: Ledger) -> None:
    rows = {row["id"]: set(row["undated"]) for row in today.to_dict()["forecasts"]}
    for entry in today.entries:
        free = {leaf.name for leaf in entry.answer.leaves if not (leaf.citations or leaf.chosen or leaf.known)}
        assert rows[entry.forecast.id] == free
    shares = {"p15-winner-by-revenue", "p15-winner-by-profit", "p17-growth-lasts", "p18-custom-chips-small"}
    assert {name for name, undated in rows.items() if undated} == shares  # what chips cost, and what a move does


def test_a_forecast_not_yet_made_is_not_on_record() -> None:
    assert all(entry.made <= date(2025, 1, 10) for entry in found(date(2025, 1, 10)).entries)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("comparator: between", "comparator: betwixt", r"ledger.yaml:\d+: unknown comparator 'betwixt'"),
        ("record: p04-q4-report-sentiment\n", "recrod: p04\n", r"unknown key 'recrod'; did you mean record"),
        ("given: 2025-02-20", "given: soon", "a ledger needs 'given'"),
        ("達到1286.6億美元", "達到1,286.6億美元", r"ledger.yaml:\d+: unknown language '286.6億美元'"),
        ("record: p05-blackwell-execution", "record: p05-blackwell-exekution", "unknown forecast"),
    ],
)
def test_a_wrong_ledger_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "ledger.yaml"
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=message):
        found(TODAY, path=path)


def test_command_prints_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "--as-of", "2026-11-24", "--samples", "256", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"id", "text", "made", "horizon", "probability", "outcome", "brier"} <= set(document["forecasts"][0])
    assert {"brier", "log", "n"} <= set(document["scores"])


def test_a_chance_on_record_cannot_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "--set", "discount_rate=0.2"]) == 2
    assert "ledger takes no --set" in capsys.readouterr().err
