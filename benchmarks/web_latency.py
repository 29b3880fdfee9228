"""How long a change of an assumption takes, from request to the parts of the page to put in place.

    python benchmarks/web_latency.py [--json]

Goal: 95% of changes under 100 ms for the largest study on one core: of what a reader has before the eyes, with the
tree of the changed input open. The notes under it follow in a request of their own, measured beside it. Every input is
changed once, to a value that was not asked for before, so that nothing is answered from memory but what the change
leaves alone. Wall time needs a quiet machine; CPU time is given beside it, that of the client included.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np
from figures import Figures
from starlette.testclient import TestClient

from waterline.core.files import freeze_caches
from waterline.questions.session import default_session
from waterline.studies.read import read_study, shipped_studies
from waterline.web.app import application
from waterline.web.guard import Limits

STUDY = "deepseek-shock"
WARM = 4  # changes that are not counted
GOAL = 100.0  # ms
PARTS = {"page": 1.004, "notes": 1.0057}  # and what values are multiplied by, so that no two are the same


def main() -> None:
    """Print the figures."""
    freeze_caches()
    studies = {study: read_study(study) for study in shipped_studies()}
    limits = Limits(rate=1e6, burst=10**6, seconds=300.0)
    app = application(default_session(), studies, {"localhost"}, limits, prepared=True)
    with TestClient(app, base_url="http://localhost") as client:
        page = client.get(f"/studies/{STUDY}").text
        time.sleep(3)  # until the other studies are worked out as well
        living = page.partition('id="living-data">')[2].partition("</script>")[0]
        controls = {place: each for place, each in json.loads(living)["controls"].items() if each["low"] > 0}
        taken = {part: list(changes(client, controls, part)) for part in PARTS}
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


def changes(client: TestClient, controls: dict[str, dict[str, Any]], part: str) -> Iterator[tuple[float, float, int]]:
    """Milliseconds of wall and of processor time, and bytes, of one change after another."""
    before = ""
    for place, control in controls.items():
        change = {f"set.{control['name']}": f"{PARTS[part] * control['middle']:.6g}"}
        query = {**change, "before": before, "part": part, **({"opened": place} if part == "page" else {})}
        clock, work = time.perf_counter(), time.process_time()
        answer = client.get(f"/api/studies/{STUDY}/changes", params=query)
        if answer.status_code == 400:
            continue  # a value that lies outside its bounds, or that no formula can take
        assert answer.status_code == 200, answer.text
        yield 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - work), len(answer.content)
        before = urlencode(change)


if __name__ == "__main__":
    main()
