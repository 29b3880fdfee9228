"""What stands between the network and the pages: host, size, rate, load and time limits, and safe headers.

Nothing here knows what is asked. It counts requests for each client address with a bucket that refills, sheds what
the machine cannot carry, and gives up on what takes too long.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from waterline.web.problems import problem

MOST_CLIENTS = 4096  # addresses remembered at a time

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server carries. ``rate`` is requests a second from one address, ``burst`` how many at once."""

    rate: float = 100.0
    burst: int = 200
    at_once: int = 64
    seconds: float = 20.0
    body_bytes: int = 64 * 1024
    query_bytes: int = 8 * 1024


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, limits: Limits, hosts: Collection[str]) -> None:
        self._app, self._limits, self._hosts = app, limits, frozenset(hosts)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is None and self._running >= self._limits.at_once:
            refused = problem(503, "the server is busy; try again in a moment", {"retry-after": "1"})
        if refused is not None:
            await refused(scope, receive, _with_headers(send))
            return
        self._running += 1
        try:
            await self._answer(scope, receive, _with_headers(send))
        finally:
            self._running -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await self._body(receive)
                if body is None:
                    size = self._limits.body_bytes
                    await problem(413, f"the request is larger than {size:,} bytes")(scope, receive, watched)
                    return
                await self._app(scope, body, watched)
        except TimeoutError:
            if not started:
                text = f"this took longer than {self._limits.seconds:g} seconds; ask for less"
                await problem(503, text, {"retry-after": "5"})(scope, receive, send)

    async def _body(self, receive: Receive) -> Receive | None:
        """The request's body read up to the limit, ready to be received again; None when it is larger."""
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > self._limits.body_bytes:
                return None
        waiting: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

        async def again() -> Message:
            return waiting.pop() if waiting else await receive()

        return again

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if _host(headers.get("host", "")) not in self._hosts:
            return problem(421, "this server does not answer for that host name")
        if len(scope.get("query_string", b"")) > self._limits.query_bytes:
            return problem(400, f"a query has at most {self._limits.query_bytes:,} bytes")
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._limits.body_bytes:
            return problem(413, f"the request is larger than {self._limits.body_bytes:,} bytes")
        client = scope["client"][0] if scope.get("client") else ""
        if not self._admitted(client):
            return problem(
                429, f"more than {self._limits.rate:g} requests a second from one address", {"retry-after": "1"}
            )
        return None

    def _admitted(self, client: str) -> bool:
        """Take one from the client's bucket, which refills at the rate; False when it is empty."""
        now = monotonic()
        level, seen = self._buckets.pop(client, (float(self._limits.burst), now))
        level = min(float(self._limits.burst), level + (now - seen) * self._limits.rate)
        admitted = level >= 1
        self._buckets[client] = (level - 1 if admitted else level, now)
        while len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return admitted


def loopback_names(host: str) -> set[str]:
    """Host names that a server on ``host`` answers for: its own, and the loopback's when it is there or everywhere."""
    names = {host.strip("[]").lower()}
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        local = address.is_loopback or address.is_unspecified
    except ValueError:
        local = host == "localhost"
    return names | {"localhost", "127.0.0.1", "::1"} if local else names


def _host(header: str) -> str:
    """The name in a Host header, without port and brackets."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-cache")
        await send(message)

    return sending
