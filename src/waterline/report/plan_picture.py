"""The picture of a training plan: where the seconds of a step go, for the best plans side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from waterline.report.chart import chart, drawing
from waterline.report.wording import wording

SHOWN = 6  # plans drawn
DEGREES = ("tp", "pp", "vp", "cp", "ep", "dp")


def plan_picture(report: Mapping[str, Any], model: str, chip: str, count: int, language: str = "en") -> str:
    """SVG of the plans of a `plan_report`, one stacked bar each."""
    from waterline.performance.training.plan_report import gathered

    words = wording(language)
    rows = [
        {"plan": _name(plan), "part": words.say(f"step_{part}"), "seconds": seconds, "order": order}
        for plan in report["plans"][:SHOWN]
        for order, (part, seconds) in enumerate(gathered(plan["breakdown"]).items())
    ]
    title = words.say("step_title", model=model, chip=chip, count=f"{count:,}")
    return drawing(chart("training_step", rows, {"title": title, "seconds": words.say("step_seconds")}))


def _name(plan: Mapping[str, Any]) -> str:
    """The degrees that are more than one, the micro-batch and the recomputation."""
    degrees = [f"{name.upper()}{plan[name]}" for name in DEGREES if plan[name] > 1]
    recomputed = [] if plan["recompute"] == "none" else [f"{plan['recompute']} {plan['recompute_share']:.0%}"]
    return " ".join([*degrees, f"×{plan['micro_batch']}", *recomputed])
