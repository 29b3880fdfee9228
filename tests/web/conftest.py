"""The application as the tests ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("starlette")

from starlette.testclient import TestClient

from waterline.questions.session import default_session
from waterline.studies.read import read_study, shipped_studies
from waterline.web.app import application
from waterline.web.guard import Limits

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def studies() -> dict[str, Any]:
    return {name: read_study(name) for name in shipped_studies()}


def client(studies: dict[str, Any], limits: Limits | None = None) -> TestClient:
    app = application(
        default_session(), studies, {"localhost", "127.0.0.1"}, limits or Limits(rate=1e4, burst=10_000, seconds=600.0)
    )
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture(scope="session")
def web(studies: dict[str, Any]) -> Iterator[TestClient]:
    with client(studies) as opened:
        yield opened
