"""Refusals as JSON problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response that says what is wrong and what would be right."""
    document = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(document, status, headers, media_type="application/problem+json")
