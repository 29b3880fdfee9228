"""Limits, headers and hostile input."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from web.conftest import client

from waterline.web.guard import Limits, loopback_names

HOSTILE = "<script>alert(1)</script>"


def test_headers_allow_only_what_the_package_serves(web: TestClient) -> None:
    policy = web.get("/studies/deepseek-shock").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert web.get("/healthz").headers["x-content-type-options"] == "nosniff"


def test_other_hosts_are_refused(web: TestClient) -> None:
    assert web.get("/", headers={"host": "evil.example"}).status_code == 421
    assert web.get("/", headers={"host": "127.0.0.1:8351"}).status_code == 200
    assert loopback_names("127.0.0.1") == {"127.0.0.1", "localhost", "::1"}
    assert loopback_names("report.example") == {"report.example"}


def test_large_requests_are_refused(web: TestClient) -> None:
    assert web.post("/write", content=b"x" * 100_000).status_code == 413
    assert web.get(f"/search?q={'x' * 20_000}").status_code == 400
    assert web.post("/write", content=b"{}", headers={"content-type": "application/json"}).status_code == 415
    assert web.post("/api/ask/rental_cost").status_code == 405


def test_a_study_of_more_samples_than_a_page_can_wait_for_is_refused(web: TestClient) -> None:
    for address in ("/studies/deepseek-shock?", "/api/studies/deepseek-shock/changes?before=&"):
        answer = web.get(f"{address}samples=65536")
        assert answer.status_code == 400
        assert "at most 16,384 samples" in answer.text


def test_queries_of_too_many_fields_are_refused(web: TestClient) -> None:
    for place in ("/api/facts", "/explore"):
        answer = web.get(f"{place}?{'a=1&' * 201}")
        assert answer.status_code == 400
        assert "at most 200 fields" in answer.text


def test_a_client_that_asks_too_often_is_told_to_wait_and_then_served(
    studies: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("waterline.web.guard.monotonic", lambda: now[0])
    with client(studies, Limits(rate=2, burst=3)) as impatient:
        assert [impatient.get("/healthz").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
        now[0] += 0.5
        assert impatient.get("/healthz").status_code == 200


def test_a_busy_server_sheds_load(studies: dict[str, Any]) -> None:
    with client(studies, Limits(rate=1e4, burst=10_000, at_once=0)) as busy:
        answer = busy.get("/healthz")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"


def test_what_takes_too_long_is_given_up(studies: dict[str, Any]) -> None:
    with client(studies, Limits(rate=1e4, burst=10_000, seconds=0.001)) as hasty:
        assert hasty.get("/api/studies/deepseek-shock?seed=77").status_code == 503


def test_markup_in_a_request_stays_text(web: TestClient) -> None:
    for address in (
        f"/search?q={HOSTILE}",
        f"/explore?quantity={HOSTILE}",
        f"/explore?quantity=rental_cost&vary1={HOSTILE}&values1=1",
        f"/studies/deepseek-shock?set.{HOSTILE}=1",
        f"/studies/{HOSTILE}",
    ):
        assert HOSTILE not in web.get(address).text, address
    form = {"headline": HOSTILE, "claim1.text": HOSTILE, "claim1.kind": "estimate", "claim1.comparator": "about"}
    assert HOSTILE not in web.post("/write", data=form).text
