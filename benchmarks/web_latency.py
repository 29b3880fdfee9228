"""How long a change of an assumption takes, from request to the parts of the page to put in place.

Goal: 95% of changes under 100 ms for the largest study on one core. Every change sets a value that was not asked for
before, so that nothing is answered from memory but what the change leaves alone. Run: python benchmarks/web_latency.py
[STUDY]. Wall time needs a quiet machine; CPU time is given beside it.
"""

from __future__ import annotations

import json
import sys
import time
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


def main(name: str) -> None:
    freeze_caches()
    studies = {study: read_study(study) for study in shipped_studies()}
    limits = Limits(rate=1e6, burst=10**6, seconds=300.0)
    app = application(default_session(), studies, {"localhost"}, limits, prepared=True)
    with TestClient(app, base_url="http://localhost") as client:
        page = client.get(f"/studies/{name}").text
        time.sleep(3)  # until the other studies are worked out as well
        living = page.partition('id="living-data">')[2].partition("</script>")[0]
        controls = [control for control in json.loads(living)["controls"].values() if control["low"] > 0]
        chosen = controls[:: max(1, len(controls) // LEAVES)][:LEAVES]
        wall, cpu, sizes = [], [], []
        before = ""
        for number in range(CHANGES):
            control = chosen[number % len(chosen)]
            value = control["middle"] * (1 + 0.004 * (number // len(chosen) + 1))
            change = {f"set.{control['name']}": f"{value:.6g}"}
            clock, work = time.perf_counter(), time.process_time()
            answer = client.get(f"/api/studies/{name}/changes", params={**change, "before": before})
            if answer.status_code == 400:
                continue  # a value that lies outside its bounds, or that no formula can take
            assert answer.status_code == 200, answer.text
            wall.append(1000 * (time.perf_counter() - clock))
            cpu.append(1000 * (time.process_time() - work))
            sizes.append(len(answer.content))
            before = urlencode(change)
    for label, times in (("wall", wall[4:]), ("cpu", cpu[4:])):
        p50, p95, worst = np.percentile(times, (50, 95, 100))
        print(f"{label}: median {p50:.0f} ms, p95 {p95:.0f} ms, worst {worst:.0f} ms over {len(times)} changes")
    print(f"under 100 ms: {np.mean(np.array(cpu[4:]) < 100):.0%}; {len(chosen)} of {len(controls)} inputs")
    print(f"sent: median {np.median(sizes) / 1000:.0f} kB of a page of {len(page) / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "deepseek-shock")
