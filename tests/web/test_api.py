"""The JSON interface gives what the command line gives, and refuses what is wrong with a line that helps."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from web.conftest import client

from waterline.cli.main import main
from waterline.studies.read import StudyReader

PICTURED = """\
name: pictured
bindings: {model: deepseek-v3}
claims:
  C1: {kind: estimate, stated: {text: "$6M", value: 6.0e+6, unit: USD}, comparator: about, quantity: rental_cost}
sections: {cost: [C1]}
pictures:
  by-chip: {chart: ranges, section: cost, rows: {quantity: rental_cost, over: {chip: [h800, h100-sxm]}}}
text: {en: {title: Pictures}}
"""
RENT = "/api/ask/rental_cost?model=deepseek-v3&chip=h800"


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_ask_and_explain_are_those_of_the_command_line(web: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    bound = ["rental_cost", "model=deepseek-v3", "chip=h800", "--set", "h800.rental_price=1.8..2.6"]
    query = "?model=deepseek-v3&chip=h800&set.h800.rental_price=1.8..2.6"
    assert web.get(f"/api/ask/rental_cost{query}").json() == printed(capsys, "ask", *bound)
    assert web.get(f"/api/explain/rental_cost{query}").json() == printed(capsys, "explain", *bound)


def test_study_is_that_of_the_command_line(web: TestClient) -> None:
    found = web.get("/api/studies/deepseek-shock?as_of=2026-11-24").json()
    assert len(found["claims"]) == 62
    assert {"id", "text", "verdict", "probability", "stated", "estimate", "sources"} <= found["claims"][0].keys()
    assert found["outputs"] == []


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/api/ask/rental_cots", 404, "did you mean rental_cost"),
        ("/api/ask/h800.rental_prise", 404, "rental_price"),
        ("/api/studies/deepseek", 404, "deepseek-shock"),
        ("/studies/..%2f..%2fetc%2fpasswd", 404, ""),
        ("/static/..%2fapp.py", 404, ""),
        (f"{RENT}&set.rental_price=cheap", 400, "2.5 USD/hour"),
        (f"{RENT}&set.rental_price=5 kW", 400, "USD/hour"),
        (f"{RENT}&set.rental_prise=2", 404, "rental_price"),
        (f"{RENT}&chip=h8000", 400, "given twice"),
        ("/api/ask/rental_cost?model=deepseek-v3&chip=h8000", 404, "did you mean h800"),
        (f"{RENT}&samples=100000000", 400, "65,536"),
        (f"{RENT}&samples=1e3", 400, "whole number"),
        (f"{RENT}&as_of=yesterday", 400, "YYYY-MM-DD"),
        (f"{RENT}&nonsense=1", 404, "unknown role"),
        ("/api/sweep/rental_cost?model=deepseek-v3&over.rental_price=1:4:2000", 400, "too many"),
        ("/api/sweep/rental_cost?model=deepseek-v3&over.a=1&over.b=1&over.c=1", 400, "over.NAME"),
        ("/api/check", 400, "chip and model are needed"),
        (f"/api/facts?q={'x' * 121}", 400, "characters"),
        ("/api/facts?search=h800", 400, "give q and as_of"),
        ("/api/quantities?limit=3", 400, "give q"),
        ("/api/ask/rental_cost?chip=h800", 404, "model"),
        (f"{RENT}&as_of=1900-01-01", 404, "nothing was known"),
        ("/nowhere", 404, ""),
    ],
)
def test_wrong_questions_get_a_problem_document(web: TestClient, address: str, status: int, said: str) -> None:
    answer = web.get(address)
    assert answer.status_code == status, answer.text
    if "/api/" in address:
        assert answer.headers["content-type"] == "application/problem+json"
        assert said in answer.json()["detail"]


def test_a_sweep_is_the_same_numbers_in_every_form(web: TestClient) -> None:
    import pyarrow.parquet

    address = "/api/sweep/rental_cost?model=deepseek-v3&chip=h800&over.rental_price=1:3:3"
    rows = web.get(address).json()["rows"]
    assert [row["median"] for row in rows] == pytest.approx([2_788_000, 5_576_000, 8_364_000])
    lines = web.get(f"{address}&format=csv").text.splitlines()
    assert lines[0] == "rental_price,median,p05,p95,unit"
    assert lines[2].startswith("2.0,5576000.0")
    table = pyarrow.parquet.read_table(io.BytesIO(web.get(f"{address}&format=parquet").content))
    assert table["median"].to_pylist() == [row["median"] for row in rows]
    assert web.get(f"{address}&format=svg").text.startswith("<svg")
    assert web.get(f"{address}&format=png").content.startswith(b"\x89PNG")


def test_changes_hold_only_what_moved(web: TestClient) -> None:
    address = "/api/studies/deepseek-shock/changes?as_of=2026-11-24"
    found = web.get(f"{address}&set.h800.rental_price=4&before=as_of%3D2026-11-24").json()
    assert "answer" in found["fragments"]
    assert "iceberg" in found["fragments"]
    assert "claim-C01" not in found["fragments"]
    assert len(found["nodes"]) < 20
    again = web.get(f"{address}&set.h800.rental_price=4&before=as_of%3D2026-11-24%26set.h800.rental_price%3D4").json()
    assert again["fragments"] == {}
    assert again["moved"] == found["moved"]


def test_a_change_leaves_the_publications_of_the_page_in_their_places(web: TestClient) -> None:
    page = web.get("/studies/deepseek-shock?as_of=2026-11-24").text
    listed = len(re.findall(r'<li id="s\d+">', page))
    address = "/api/studies/deepseek-shock/changes?as_of=2026-11-24&before=as_of%3D2026-11-24"
    assert web.get(f"{address}&set.h800.rental_price=4.1").json()["source_start"] == listed


def test_pictures_change_apart(studies: dict[str, Any]) -> None:
    drawn = StudyReader(Path("pictured.yaml"), PICTURED.encode()).study()
    with client({**studies, "pictured": drawn}) as web:
        address = "/api/studies/pictured/changes?set.h800.rental_price=3&before="
        assert not any(name.startswith("picture") for name in web.get(address).json()["fragments"])
        found = web.get(f"{address}&part=pictures").json()["fragments"]
        assert list(found) == ["picture-by-chip"]
        assert found["picture-by-chip"].strip() in web.get("/studies/pictured?set.h800.rental_price=3").text


def test_a_page_in_a_scenario_is_the_page_that_changes_lead_to(web: TestClient) -> None:
    """What is seen first, then the notes: together they are all that the new page has."""
    address, chosen = "/studies/deepseek-shock", "set.h800.rental_price=4&set.spectrum-4.unit_price=30000"
    page, numbers = web.get(f"{address}?{chosen}").text, panels(web.get(address).text)
    fragments: dict[str, str] = {}
    for part in ("page", "notes", "pictures"):
        found = web.get(f"/api{address}/changes?{chosen}&part={part}&before=").json()
        fragments |= found["fragments"]
        for place, panel in found["nodes"].items():
            numbers[int(place) : int(place) + 1] = [panel]
    for identity, text in fragments.items():
        assert text.strip() in page, identity
    assert numbers == panels(page)
    assert '<del class="was">$5.576M</del>' in page


def test_numbers_that_stand_open_change_with_the_page(web: TestClient) -> None:
    address = "/api/studies/deepseek-shock/changes?set.us.electricity_price=0.09&before="
    seen, notes = (web.get(f"{address}&part={part}").json()["nodes"] for part in ("page", "notes"))
    hidden = sorted(set(notes) - set(seen), key=int)
    assert len(hidden) > len(seen)
    opened = web.get(f"{address}&part=page&opened={hidden[0]},999999").json()["nodes"]
    assert opened.items() >= {**seen, hidden[0]: notes[hidden[0]]}.items()
    assert len(opened) < len(notes)
    assert web.get(f"{address}&opened=all").status_code == 400


def panels(page: str) -> list[dict[str, Any]]:
    """The data of a page's numbers."""
    content = page.partition('id="waterline-data">')[2].partition("</script>")[0]
    found: list[dict[str, Any]] = json.loads(content)["nodes"]
    return found


def test_users_do_not_see_one_another(web: TestClient) -> None:
    before = web.get(RENT).json()
    web.get(f"{RENT}&set.rental_price=9")
    assert web.get(RENT).json() == before
