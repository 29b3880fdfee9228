"""Pages: complete in every language, and a study can be written in the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient

from waterline.studies.verbs import study

FORM = {
    "headline": "A frontier model for $4.6M",
    "model": "kimi-k2",
    "chip": "h800",
    "cost": "4.6M",
    "claim1.text": "It cost $4.6M to train",
    "claim1.kind": "estimate",
    "claim1.stated": "$4.6M",
    "claim1.value": "4.6M",
    "claim1.unit": "USD",
    "claim1.comparator": "about",
    "claim1.quantity": "rental_cost",
}


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("address", ["/", "/explore", "/search?q=h100", "/write", "/studies/deepseek-shock"])
def test_pages_come_in_every_language(web: TestClient, address: str, language: str) -> None:
    page = web.get(address, params={**dict([pair.split("=") for pair in address.split("?")[1:]]), "lang": language})
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert "style=" not in page.text
    assert " onclick" not in page.text


def test_explore_draws_and_gives_the_command(web: TestClient) -> None:
    page = web.get("/explore?quantity=rental_cost&model=deepseek-v3&vary1=chip&values1=h800,h100-sxm").text
    assert '<svg class="chart"' in page
    assert "waterline sweep rental_cost model=deepseek-v3 --over chip=h800,h100-sxm" in page


def test_explore_asks_for_every_role_of_the_quantity(web: TestClient) -> None:
    page = web.get("/explore?quantity=switching_break_even").text
    for role, default in (("from", ""), ("to", ""), ("mover", "product-team"), ("code", "custom-kernels")):
        assert f'<input name="{role}" list=' in page
        assert f'placeholder="{default}"' in page
    assert page.index('name="from"') < page.index('name="mover"')
    answered = web.get("/explore?quantity=switching_break_even&from=h100-sxm&to=mi300x&mover=cloud-owner&code=").text
    assert "waterline ask switching_break_even from=h100-sxm mover=cloud-owner to=mi300x" in answered


def test_a_study_written_in_the_browser_runs(web: TestClient, tmp_path: Path) -> None:
    page = web.post("/write", data=FORM)
    assert page.status_code == 200
    file = web.post("/write/study.yaml", data=FORM)
    assert file.headers["content-disposition"] == 'attachment; filename="study.yaml"'
    assert yaml.safe_load(file.text)["claims"]["C1"]["stated"]["value"] == 4_600_000
    path = tmp_path / "written.yaml"
    path.write_bytes(file.content)
    assert study(str(path)).claims()[0]["verdict"] in ("supported", "open", "contradicted")


def test_the_headline_alone_offers_claims(web: TestClient) -> None:
    page = web.post("/write", data={key: text for key, text in FORM.items() if not key.startswith("claim")}).text
    assert "market_cost" in page
    assert "rental_cost" in page


def test_a_wrong_draft_is_told_what_is_wrong(web: TestClient) -> None:
    page = web.post("/write", data={**FORM, "claim1.quantity": "rental_cots"}).text
    assert "did you mean rental_cost" in page
    assert web.post("/write/study.yaml", data={"headline": "x"}).status_code == 400
