"""The description at /openapi.json holds for whatever is thrown at the routes that it describes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

schemathesis = pytest.importorskip("schemathesis")

from waterline.questions.session import default_session  # noqa: E402
from waterline.studies.read import SHIPPED, Study, read_study, shipped_studies  # noqa: E402
from waterline.web.app import api_description, application  # noqa: E402
from waterline.web.guard import Limits  # noqa: E402

SECONDS = 600.0  # nothing here is about speed, and the machine may be busy


def served(studies: dict[str, Study]) -> Any:
    """The description of an application that shows these studies, to be asked and checked."""
    limits = Limits(rate=1e5, burst=100_000, seconds=SECONDS)
    return schemathesis.openapi.from_asgi(
        "/openapi.json", application(default_session(), studies, {"testserver"}, limits)
    )


# What is asked a hundred times is a study of a few claims, in the place of the one that the description names.
schema = served({"deepseek-shock": read_study(str(SHIPPED.with_name("starter.yaml")))})


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_described(case: Any) -> None:
    case.call_and_validate(timeout=SECONDS)


def test_shipped_studies_are_as_described() -> None:
    shipped = served({name: read_study(name) for name in shipped_studies()})
    for name in shipped_studies():
        case = shipped["/api/studies/{name}"]["GET"].Case(path_parameters={"name": name}, query={"samples": 64})
        assert case.call_and_validate(timeout=SECONDS).status_code == 200


def test_every_route_of_the_interface_is_described() -> None:
    routes = {route.path for route in application(default_session(), {}, {"testserver"}).routes}
    described = set(api_description()["paths"])
    assert {path for path in routes if path.startswith("/api/")} == described - {"/healthz"}
