"""Clients that ask all at once: latency, errors and memory at the documented rate, and what happens above it.

Goal: 50 clients for a minute at the rate below, 99% of answers under 500 ms, no errors, memory flat; above the limit
the server sheds load and recovers. Run: python benchmarks/web_load.py [SECONDS]. Server and clients share the machine.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np

CLIENTS = 50
RATE = 25.0  # requests a second, all clients together: what the documentation promises for one core
PORT = 8377
SITE = f"http://127.0.0.1:{PORT}"


def address(chance: random.Random) -> str:
    """A request as a reader makes it; half of the questions were never asked before."""
    price = f"{chance.uniform(1, 4):.4f}" if chance.random() < 0.5 else chance.choice(("1.5", "2", "3"))
    return chance.choice(
        (
            f"/api/ask/rental_cost?model=deepseek-v3&chip=h800&set.h800.rental_price={price}",
            f"/api/explain/market_cost?model=deepseek-v3&chip=h800&set.market_rental_price={price}",
            f"/api/studies/deepseek-shock/changes?set.h800.rental_price={price}&before=",
            "/studies/deepseek-shock",
            "/api/quantities?q=rent",
            "/",
        )
    )


Seen = list[tuple[int, float]]  # status and seconds of every answer


async def reader(client: httpx.AsyncClient, until: float, pause: float, seed: int, seen: Seen) -> None:
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(0, pause))
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            status = (await client.get(SITE + address(chance))).status_code
        except httpx.HTTPError:
            status = 0
        took = time.monotonic() - started
        seen.append((status, took))
        await asyncio.sleep(max(0.0, pause * chance.uniform(0.6, 1.4) - took))


async def run(seconds: float, rate: float) -> Seen:
    seen: Seen = []
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx.AsyncClient(limits=limits, timeout=30) as client:
        until = time.monotonic() + seconds
        await asyncio.gather(*(reader(client, until, CLIENTS / rate, seed, seen) for seed in range(CLIENTS)))
    return seen


async def flood(seconds: float, clients: int) -> Seen:
    """As fast as the server answers, over plain sockets: what a client library would take to wait is not measured."""
    seen: Seen = []
    until = time.monotonic() + seconds

    async def one(seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < until:
            started = time.monotonic()
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
                writer.write(f"GET {address(chance)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.read()
                writer.close()
                status = int(answer[9:12] or 0)
            except OSError:
                status = 0
            seen.append((status, time.monotonic() - started))

    await asyncio.gather(*(one(seed) for seed in range(clients)))
    return seen


def resident(process: subprocess.Popen[bytes]) -> float:
    """Memory of the server in MB."""
    line = next(each for each in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "VmRSS" in each)
    return int(line.split()[1]) / 1000


def report(label: str, seen: Seen, seconds: float) -> None:
    good = [took for status, took in seen if status == 200]
    p50, p95, p99 = (1000 * value for value in np.percentile(good, (50, 95, 99))) if good else (0, 0, 0)
    counts = dict(sorted(Counter(status for status, _ in seen).items()))
    print(f"{label}: {len(seen) / seconds:.0f} requests/s, statuses {counts}; "
          f"of 200s median {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms")  # fmt: skip


def main(seconds: float) -> None:
    command = [sys.executable, "-m", "waterline.cli.main", "serve", "--port", str(PORT)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                if httpx.get(f"{SITE}/healthz").status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.2)
        asyncio.run(run(min(5.0, seconds), RATE))  # the first of everything
        before = resident(server)
        report(f"{CLIENTS} clients at {RATE:g}/s", asyncio.run(run(seconds, RATE)), seconds)
        print(f"memory: {before:.0f} MB before, {resident(server):.0f} MB after")
        report("far above the limit", asyncio.run(flood(min(10.0, seconds), 4 * CLIENTS)), min(10.0, seconds))
        time.sleep(2)
        report("and after", asyncio.run(run(min(5.0, seconds), RATE / 2)), min(5.0, seconds))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
