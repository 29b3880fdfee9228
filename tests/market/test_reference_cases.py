"""Folders of reference cases: no expected value is left out, whatever else a case holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from waterline.market.event_study.validate import validate_event_study

RETURNS = "date,MARKET,A,B\n" + "".join(
    f"2024-01-{day:02d},{0.01 * (-1) ** day},{0.02 * (-1) ** day + 0.001 * (day % 5)},{0.003 * (day % 7) - 0.01}\n"
    for day in range(1, 29)
)
TESTS_EXPECTED = (
    "test,start,end,statistic,beta\nPatell,2024-01-27,2024-01-27,1.5,0.1\nmartingale,2024-01-27,2024-01-27,2,\n"
)


def case_folder(folder: Path, case: str) -> dict[str, list[str | None]]:
    """Reasons by expected value of a case, from tables that are as they should be and one that nobody knows."""
    folder.mkdir()
    (folder / "case.json").write_text(case)
    (folder / "returns.csv").write_text(RETURNS)
    (folder / "expected_tests.csv").write_text(TESTS_EXPECTED)
    (folder / "expected_abnormal.csv").write_text("day,security,abnormal_return\n2024-01-27,A,0.1\n")
    (folder / "expected_tails.csv").write_text("date,tail\n2024-01-27,0.3\n")
    (folder / "other_reference.json").write_text('{"spread": {"A": [1.0, 2.0]}, "by": "hand"}')
    (folder / "cut_off_reference.json").write_text('{"spread": ')
    report = validate_event_study(folder)
    return {entry["id"].split("/", 1)[1]: entry.get("reason") for entry in report["predictions"]}


def test_what_is_not_known_in_a_case_is_reported_with_its_reason(tmp_path: Path) -> None:
    windows = {"estimation": ["2024-01-01", "2024-01-25"], "event_window": ["2024-01-27", "2024-01-28"]}
    found = case_folder(tmp_path / "case", json.dumps({**windows, "author": 1}))
    assert found.pop("Patell/2024-01-27..2024-01-27/statistic") is None
    for identity, reason in {
        "Patell/2024-01-27..2024-01-27/beta": "nothing of ours is called 'beta'",
        "martingale/2024-01-27..2024-01-27/statistic": "unknown test 'martingale'",
        "expected_abnormal/1/abnormal_return": "no column 'date'",
        "expected_tails/1/tail": "expected are expected_coefficients.csv",
        "other_reference/spread/A/0": "not known",
        "other_reference/spread/A/1": "not known",
        "cut_off_reference": "not a JSON document",
    }.items():
        assert reason in str(found.pop(identity))
    assert not found


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ('{"estimation": ["2024-01-01"]}', "ValueError"),
        ('{"estimation": ["2024-01-01", "2024-01-25"]}', "event_window"),
        ("[1]", "case.json"),
        ("{", "case.json"),
        ('{"estimation": [-20, -2], "event_window": [0, 5], "event_date": "2024-01-27"}', "beyond the returns"),
        ('{"estimation": ["2024-01-01", "2024-01-25"], "event_window": ["2024-01-27", "2024-01-27"], '
         '"model": "astrology"}', "no return model"),
        ('{"estimation": ["2024-01-01", "2024-01-25"], "event_window": ["2024-01-27", "2024-01-27"], '
         '"securities": ["C"]}', "no returns of 'C'"),
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_read_leaves_no_value_out(tmp_path: Path, case: str, reason: str) -> None:
    found = case_folder(tmp_path / "case", case)
    tables = {identity: why for identity, why in found.items() if identity.startswith("expected_")}
    assert len(tables) == 5
    assert all(reason in str(why) for why in tables.values())


def test_windows_may_be_given_in_trading_days_and_p_values_asked(tmp_path: Path) -> None:
    stated = {"estimation": [-26, -2], "event_window": [0, 1], "event_date": "2024-01-27", "model": "mean adjusted"}
    (tmp_path / "case.json").write_text(json.dumps(stated))
    (tmp_path / "returns.csv").write_text(RETURNS)
    (tmp_path / "expected_tests.csv").write_text(
        "test,start,end,statistic,p_value\nkolari-pynnonen,2024-01-27,2024-01-28,0.1,0.2\nt_test,2024-01-27,2024-01-27,1,0.5"
    )
    report = validate_event_study(tmp_path)
    assert (report["rows"], report["covered"]) == (4, 4)
