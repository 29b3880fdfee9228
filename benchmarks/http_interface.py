"""Throws requests made up from /openapi.json at a running server and holds every answer against that description.

    python benchmarks/http_interface.py [--examples 300] [--seed 1] [--json]

`waterline serve` is started on a free port, and schemathesis asks it: the documented examples, the edges of every
parameter, so many made-up requests of each route, good and bad ones, and chains of requests that follow the links.
All of its checks are on: no server error, no status, type, header or body that is not described, nothing bad accepted
and nothing good refused, methods as allowed. What fails is printed with the request, and ends with exit code 1.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from figures import Figures

PROGRAMS = Path(sys.executable).parent
PATIENCE = 300  # seconds for an answer: this is not about speed, and the machine may be busy
UP = 60.0  # seconds for the server to answer at all
ACCEPTED = "accepted"


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of our own, which lets any number of requests through."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [PROGRAMS / "waterline", "serve", "--port", str(port), "--rate", "1000000", "--seconds", str(PATIENCE)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}/healthz")
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait(address: str) -> None:
    until = time.monotonic() + UP
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def examined(address: str, examples: int, seed: int) -> tuple[dict[str, Any], str]:
    """Schemathesis' report as data, and what it printed."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        done = subprocess.run(
            [PROGRAMS / "schemathesis", "--no-color", "run", f"{address}/openapi.json", "--checks", "all",
             "--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure",
             "--request-timeout", str(PATIENCE), "--max-response-time", str(PATIENCE), "--generation-database", "none",
             "--report", "json", "--report-json-path", str(report)],
            cwd=directory, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return json.loads(report.read_text("utf-8")), done.stdout


def main() -> int:
    """Run, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with served() as address:
        report, printed = examined(address, options.examples, options.seed)
    cases, phases = (
        report["test_cases"],
        [name for name, phase in report["phases"].items() if phase["status"] != "skip"],
    )
    figures = Figures(
        "The HTTP interface against its description",
        f"schemathesis {report['schemathesis_version']}, every check, phases {', '.join(phases)}, "
        f"{options.examples} examples of each route, seed {options.seed}, {report['running_time']:.0f} s",
    )
    figures.add("routes", report["operations"]["tested"], f"of {report['operations']['total']}")
    figures.add("requests", cases["generated"], "")
    for route, rates in sorted(report["valid_rates"].items()):
        accepted = sum(phase[ACCEPTED] for phase in rates.values())
        figures.add(f"`{route}`: good requests answered with 200", accepted, f"of {sum(map(_asked, rates.values()))}")
    figures.add("kinds of failure", len(report["failures"]), "", "0")
    figures.add("requests without an answer", cases["errored"], "", "0")
    figures.show()
    if report["exit_code"]:
        print(printed, file=sys.stderr)
    return 1 if report["failures"] or report["errors"] else 0


def _asked(phase: dict[str, int]) -> int:
    return sum(phase.values())


if __name__ == "__main__":
    raise SystemExit(main())
