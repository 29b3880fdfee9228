"""How long a change of an assumption takes, from request to the parts of the page to put in place.

Goal: 95% of changes under 100 ms for the largest study on one core: of what a reader has before the eyes, with the
tree of the changed input open. The notes under it follow in a request of their own, measured beside it. Every change
sets a value that was not asked for before, so that nothing is answered from memory but what the change leaves alone.
Run: python benchmarks/web_latency.py [STUDY] [--all]; with --all every input is changed once. Wall time needs a quiet
machine; CPU time is given beside it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np
from starlette.testclient import TestClient

from waterline.core.files import freeze_caches
from waterline.questions.session import default_session
from waterline.studies.read import read_study, shipped_studies
from waterline.web.app import application
from waterline.web.guard import Limits

CHANGES = 200
LEAVES = 40  # inputs that are changed in turn
WARM = 4  # changes that are not counted
GOAL = 100.0  # ms
STEP = {"page": 0.0, "notes": 0.0017}  # values of one part are not those of the other


def main(name: str, every: bool) -> None:
    freeze_caches()
    studies = {study: read_study(study) for study in shipped_studies()}
    limits = Limits(rate=1e6, burst=10**6, seconds=300.0)
    app = application(default_session(), studies, {"localhost"}, limits, prepared=True)
    with TestClient(app, base_url="http://localhost") as client:
        page = client.get(f"/studies/{name}").text
        time.sleep(3)  # until the other studies are worked out as well
        living = page.partition('id="living-data">')[2].partition("</script>")[0]
        found = json.loads(living)["controls"].items()
        controls = [(place, control) for place, control in found if control["low"] > 0]
        chosen = controls if every else controls[:: max(1, len(controls) // LEAVES)][:LEAVES]
        taken = {part: list(_changes(client, name, chosen, part)) for part in ("page", "notes")}
    for part, changes in taken.items():
        wall, cpu, sizes = np.array(changes[WARM:]).T
        for label, times in (("wall", wall), ("processor", cpu)):
            p50, p95, worst = np.percentile(times, (50, 95, 100))
            shares = f"{np.mean(times < GOAL):.0%} under {GOAL:.0f} ms"
            print(f"{part}, {label}: median {p50:.0f} ms, p95 {p95:.0f} ms, worst {worst:.0f} ms, {shares}")
        print(f"{part}: sent {np.median(sizes) / 1000:.0f} kB in the median, of a page of {len(page) / 1000:.0f} kB")
    print(f"{len(taken['page'])} changes of {len(chosen)} of {len(controls)} inputs")


def _changes(
    client: TestClient, name: str, chosen: list[tuple[str, dict[str, Any]]], part: str
) -> Iterator[tuple[float, float, int]]:
    """Milliseconds of wall and of processor time, and bytes, of one change after another."""
    before = ""
    for number in range(max(CHANGES, len(chosen))):
        place, control = chosen[number % len(chosen)]
        value = control["middle"] * (1 + 0.004 * (number // len(chosen) + 1) + STEP[part])
        change = {f"set.{control['name']}": f"{value:.6g}"}
        query = {**change, "before": before, "part": part, **({"opened": place} if part == "page" else {})}
        clock, work = time.perf_counter(), time.process_time()
        answer = client.get(f"/api/studies/{name}/changes", params=query)
        if answer.status_code == 400:
            continue  # a value that lies outside its bounds, or that no formula can take
        assert answer.status_code == 200, answer.text
        yield 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - work), len(answer.content)
        before = urlencode(change)


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--all"]
    main(given[0] if given else "deepseek-shock", "--all" in sys.argv)
