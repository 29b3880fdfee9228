"""The description at /openapi.json holds for whatever is thrown at the routes that it describes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

schemathesis = pytest.importorskip("schemathesis")

from waterline.questions.session import default_session  # noqa: E402
from waterline.studies.read import read_study, shipped_studies  # noqa: E402
from waterline.web.app import api_description, application  # noqa: E402
from waterline.web.guard import Limits  # noqa: E402

SECONDS = 600.0  # nothing here is about speed, and the machine may be busy
APP = application(
    default_session(),
    {name: read_study(name) for name in shipped_studies()},
    {"testserver"},
    Limits(rate=1e5, burst=100_000, seconds=SECONDS),
)
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_described(case: Any) -> None:
    response = case.call(timeout=SECONDS)
    assert response.status_code < 500, response.text
    case.validate_response(response)


def test_every_route_of_the_interface_is_described() -> None:
    served = {route.path for route in APP.routes if route.path.startswith("/api/")}
    assert served == {path for path in api_description()["paths"] if path.startswith("/api/")}
