"""The application: routes, and what a request becomes on its way to an answer."""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from waterline.core.data_file import data_file
from waterline.core.errors import GraphError, InputError, MissingFactError, UnknownNameError
from waterline.questions.session import Session
from waterline.report.wording import wording
from waterline.studies.read import Study
from waterline.web.api import Api, Payload, StalePageError, as_csv, as_parquet, language
from waterline.web.explore import as_png, as_svg, picture_model
from waterline.web.guard import Guard, Limits
from waterline.web.living import LivingStudies, Shelf
from waterline.web.pages import Pages
from waterline.web.problems import problem
from waterline.web.terms import Pairs, read_terms

WORKERS = 2  # threads that work out answers; more would only wait for one another
ANSWERS_KEPT = 256
WORTH_PACKING = 2048  # bytes
MOST_FIELDS = 200  # of a query or a form

_PACKED = {"content-encoding": "gzip", "vary": "accept-encoding"}

_MEDIA = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


def application(
    session: Session,
    studies: Mapping[str, Study],
    hosts: Collection[str],
    limits: Limits | None = None,
    prepared: bool = False,
) -> Starlette:
    """The web application for studies by name. ``hosts`` are the host names that it answers for.

    ``prepared``: work the studies out as soon as it starts, beside the first requests.
    """
    living = LivingStudies(session, studies)
    doors = _Doors(Api(session, living), Pages(session, living), session)
    routes = [
        Route("/", doors.page(lambda pages, _, pairs: pages.home(pairs))),
        Route("/studies/{name}", doors.page(lambda pages, path, pairs: pages.study(path["name"], pairs))),
        Route("/explore", doors.page(lambda pages, _, pairs: pages.explore(pairs))),
        Route("/search", doors.page(lambda pages, _, pairs: pages.search(pairs))),
        Route("/write", doors.page(lambda pages, _, pairs: pages.write(dict(pairs))), methods=["GET"]),
        Route("/write", doors.written, methods=["POST"]),
        Route("/write/study.yaml", doors.draft, methods=["POST"]),
        Route("/api/ask/{quantity}", doors.data(lambda api, path, pairs: api.ask(path["quantity"], pairs))),
        Route("/api/explain/{quantity}", doors.data(lambda api, path, pairs: api.explain(path["quantity"], pairs))),
        Route("/api/sweep/{quantity}", doors.sweep),
        Route("/api/check", doors.data(lambda api, _, pairs: api.check(pairs))),
        Route("/api/quantities", doors.data(lambda api, _, pairs: api.quantities(pairs))),
        Route("/api/facts", doors.data(lambda api, _, pairs: api.facts(pairs))),
        Route("/api/studies", doors.data(lambda api, _path, _pairs: api.studies())),
        Route("/api/studies/{name}", doors.data(lambda api, path, pairs: api.study(path["name"], pairs))),
        Route("/api/studies/{name}/changes", doors.data(lambda api, path, pairs: api.changes(path["name"], pairs))),
        Route("/healthz", _healthy),
        Route("/openapi.json", _description),
        Route("/static/{file}", _static),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, limits=limits or Limits(), hosts=hosts)],
        exception_handlers={HTTPException: _http_problem, Exception: _failure},
        lifespan=functools.partial(_preparing, living) if prepared else None,
    )


@contextlib.asynccontextmanager
async def _preparing(living: LivingStudies, _: Starlette) -> AsyncIterator[None]:
    threading.Thread(target=living.prepare, daemon=True).start()
    yield


class _Doors:
    """Endpoints: each reads the request, works in a thread, and turns what comes of it into a response."""

    def __init__(self, api: Api, pages: Pages, session: Session) -> None:
        self._api, self._pages, self._session = api, pages, session
        self._answers = Shelf(ANSWERS_KEPT)
        self._threads: anyio.CapacityLimiter | None = None

    def data(self, answer: Callable[[Api, Mapping[str, str], Pairs], dict[str, Any]]) -> Callable[..., Any]:
        """An endpoint that answers with a JSON document."""

        def make(path: Mapping[str, str], pairs: Pairs) -> Response:
            document = answer(self._api, path, pairs)
            text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            return Response(text.encode(), media_type="application/json")

        return self._endpoint(make)

    def page(self, answer: Callable[[Pages, Mapping[str, str], Pairs], str]) -> Callable[..., Any]:
        """An endpoint that answers with a page."""

        def make(path: Mapping[str, str], pairs: Pairs) -> Response:
            return Response(answer(self._pages, path, pairs), media_type="text/html; charset=utf-8")

        return self._endpoint(make, html=True)

    async def sweep(self, request: Request) -> Response:
        """A sweep as JSON, CSV, Parquet, SVG or PNG."""

        def make(path: Mapping[str, str], pairs: Pairs) -> Response:
            found = self._sweep(path["quantity"], pairs)
            if not isinstance(found, Payload):
                return JSONResponse(found)
            headers = {"content-disposition": f'attachment; filename="{found.name}"'}
            return Response(found.content, media_type=found.media_type, headers=headers)

        answered: Response = await self._endpoint(make)(request)
        return answered

    async def written(self, request: Request) -> Response:
        """The form of a study, checked."""
        form = await _form(request)
        return await self._respond(lambda: Response(self._pages.write(form, True), media_type="text/html"), True, {})

    async def draft(self, request: Request) -> Response:
        """The form of a study as a study file."""
        form = await _form(request)

        def make() -> Response:
            headers = {"content-disposition": 'attachment; filename="study.yaml"'}
            return Response(self._pages.draft(form), media_type="application/yaml", headers=headers)

        return await self._respond(make, False, form)

    def _sweep(self, quantity: str, pairs: Pairs) -> dict[str, Any] | Payload:
        form = dict(pairs).get("format", "json")
        if form not in ("json", "csv", "parquet", "svg", "png"):
            raise InputError(f"format is json, csv, parquet, svg or png, not {form[:20]!r}")
        words = wording(language(pairs))
        model = self._api.sweep(quantity, pairs)
        if form in ("svg", "png"):
            pictured = picture_model(self._session, quantity, read_terms(pairs, ("format", "lang")))
            return (as_svg if form == "svg" else as_png)(pictured, words)
        return as_csv(model) if form == "csv" else as_parquet(model) if form == "parquet" else model

    def _endpoint(
        self, make: Callable[[Mapping[str, str], Pairs], Response], html: bool = False
    ) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                pairs = parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
            except ValueError:
                raise HTTPException(400, f"a query has at most {MOST_FIELDS} fields") from None
            path = dict(request.path_params)
            return await self._respond(functools.partial(self._kept, request, make, path, pairs), html, dict(pairs))

        return endpoint

    def _kept(
        self,
        request: Request,
        make: Callable[[Mapping[str, str], Pairs], Response],
        path: Mapping[str, str],
        pairs: Pairs,
    ) -> Response:
        """The same question on the same day has the same answer, which is kept for a while."""
        from waterline.questions.session import today

        packed = "gzip" in request.headers.get("accept-encoding", "")
        key = (request.url.path, tuple(sorted(pairs)), today(), packed)
        return self._answers.get(key, lambda: _packed(make(path, pairs)) if packed else make(path, pairs))

    async def _respond(self, make: Callable[[], Response], html: bool, given: Mapping[str, str]) -> Response:
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(WORKERS)
        try:
            found = await anyio.to_thread.run_sync(make, limiter=self._threads, abandon_on_cancel=True)
            return Response(found.body, found.status_code, dict(found.headers))
        except InputError as wrong:
            # A question that can be read but has no answer is not found; one that cannot be read is bad
            missing = isinstance(wrong, UnknownNameError | GraphError | MissingFactError)
            status = 404 if missing else 409 if isinstance(wrong, StalePageError) else 400
            said = " ".join(str(wrong).split())
        if html:
            return Response(self._pages.refusal(status, said, given), status, media_type="text/html; charset=utf-8")
        return problem(status, said)


def _packed(response: Response) -> Response:
    """The response compressed, where that is worth it; done once for each answer that is kept."""
    body, kind = bytes(response.body), response.media_type or ""
    if len(body) < WORTH_PACKING or not kind.startswith(("text/", "application/json", "image/svg")):
        return response
    headers = {name: text for name, text in response.headers.items() if name != "content-length"}
    return Response(gzip.compress(body, 4, mtime=0), response.status_code, {**headers, **_PACKED})


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises HTTPException for a body that is none."""
    if "application/x-www-form-urlencoded" not in request.headers.get("content-type", ""):
        raise HTTPException(415, "send a form: application/x-www-form-urlencoded")
    try:
        text = (await request.body()).decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
    except ValueError:
        raise HTTPException(400, "the form cannot be read") from None


async def _healthy(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


@functools.cache
def api_description() -> dict[str, Any]:
    """The OpenAPI description of the routes under /api."""
    found: dict[str, Any] = data_file("waterline.web", "openapi.yaml")
    return found


async def _description(_: Request) -> Response:
    return JSONResponse(api_description())


async def _static(request: Request) -> Response:
    """A file of the package by its name; nothing of the address reaches the file system."""
    files = static_files()
    name = request.path_params["file"]
    if name not in files:
        return problem(404, f"there is no {name[:60]!r}")
    return Response(files[name], media_type=_MEDIA[name.rpartition(".")[2]])


@functools.cache
def static_files() -> dict[str, bytes]:
    """Scripts and styles by name: those of the static folder, and the report's own."""
    from waterline.report.page import page_script, style_sheet

    own = {
        file.name: file.read_bytes()
        for file in resources.files("waterline.web").joinpath("static").iterdir()
        if file.name.rpartition(".")[2] in _MEDIA
    }
    return {**own, "report.css": style_sheet().encode(), "report.js": page_script().encode()}


async def _http_problem(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    return problem(wrong.status_code, str(wrong.detail), wrong.headers)


async def _failure(request: Request, wrong: Exception) -> Response:
    return problem(500, f"internal failure: {type(wrong).__name__}")
