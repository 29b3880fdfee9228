"""How long a change of an assumption takes, from request to the parts of the page to put in place.

    python benchmarks/web_latency.py [--json]

Goal: 95% of changes under 100 ms for the largest study on one core: of what a reader has before the eyes, with the
tree of the changed input open. The notes under it follow in a request of their own, measured beside it. Every input is
changed once, to a value that was not asked for before, so that nothing is answered from memory but what the change
leaves alone. The server is `waterline serve`, in a process of its own, asked over one connection as a browser would.
Wall time needs a quiet machine; the server's processor time is given beside it.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from figures import Figures

STUDY = "deepseek-shock"
PORT = 8378
WARM = 4  # changes that are not counted
GOAL = 100.0  # ms
PARTS = {"page": 1.004, "notes": 1.0057}  # and what values are multiplied by, so that no two are the same


def main() -> None:
    """Print the figures."""
    command = [sys.executable, "-m", "waterline.cli.main", "serve", "--port", str(PORT), "--rate", "1000000"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        connection = connected()
        _, body = answer(connection, f"/studies/{STUDY}")
        page = body.decode()
        time.sleep(3)  # until the other studies are worked out as well
        living = page.partition('id="living-data">')[2].partition("</script>")[0]
        controls = {place: each for place, each in json.loads(living)["controls"].items() if each["low"] > 0}
        taken = {part: list(changes(connection, server.pid, controls, part)) for part in PARTS}
    finally:
        server.terminate()
        server.wait()
    figures = Figures(
        "A change of a living report", f"{len(taken['page']):,} inputs of {STUDY}, a page of {len(page) / 1e6:.0f} MB"
    )
    for part, found in taken.items():
        wall, processor, sizes = np.array(found[WARM:]).T
        p50, p95, worst = np.percentile(wall, (50, 95, 100))
        figures.add(f"{part}: median", p50, "ms")
        figures.add(f"{part}: 95% under", p95, "ms", f"{GOAL:.0f} or less" if part == "page" else "")
        figures.add(f"{part}: worst", worst, "ms")
        figures.add(f"{part}: processor time, 95% under", np.percentile(processor, 95), "ms")
        figures.add(f"{part}: under {GOAL:.0f} ms", 100 * np.mean(wall < GOAL), "%")
        figures.add(f"{part}: sent, median", np.median(sizes) / 1000, "kB")
    figures.show()


def connected() -> HTTPConnection:
    """A connection to the server, once it answers."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            connection = HTTPConnection("127.0.0.1", PORT, timeout=300)
            connection.connect()
            return connection
        time.sleep(0.1)
    raise SystemExit(f"no server at port {PORT}")


def answer(connection: HTTPConnection, address: str) -> tuple[int, bytes]:
    """Status and content of an answer, unpacked."""
    connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
    found = connection.getresponse()
    body = found.read()
    return found.status, gzip.decompress(body) if found.headers["Content-Encoding"] == "gzip" else body


def changes(
    connection: HTTPConnection, server: int, controls: dict[str, dict[str, Any]], part: str
) -> Iterator[tuple[float, float, int]]:
    """Milliseconds of wall and of the server's processor time, and bytes, of one change after another."""
    before = ""
    for place, control in controls.items():
        change = {f"set.{control['name']}": f"{PARTS[part] * control['middle']:.6g}"}
        query = {**change, "before": before, "part": part, **({"opened": place} if part == "page" else {})}
        clock, work = time.perf_counter(), processor_time(server)
        status, body = answer(connection, f"/api/studies/{STUDY}/changes?{urlencode(query)}")
        if status == 400:
            continue  # a value that lies outside its bounds, or that no formula can take
        assert status == 200, body.decode()
        yield 1000 * (time.perf_counter() - clock), processor_time(server) - work, len(body)
        before = urlencode(change)


def processor_time(process: int) -> float:
    """Milliseconds that the threads of a process have run."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


if __name__ == "__main__":
    main()
