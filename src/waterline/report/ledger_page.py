"""The page of the ledger: how often what was given a chance came true, and every forecast on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from waterline.report.chart import chart, drawing
from waterline.report.inline_drawing import inline_drawing
from waterline.report.page import asset, environment
from waterline.report.safety import cleaned, content_policy, link
from waterline.report.wording import Wording, wording


def ledger_page(found: Mapping[str, Any], language: str) -> str:
    """A self-contained HTML page of a ledger as plain data (see `studies.ledger.Ledger.to_dict`).

    Nothing on the page runs, and nothing is fetched. Raises InputError for a language that no report is written in.
    """
    words, shown = wording(language), cleaned(found)
    style = asset("scan.css", "chart.css")
    return environment().get_template("ledger.html").render(
        say=words.say,
        language=language,
        ledger=shown,
        scores=shown["scores"],
        day=words.day,
        picture=_picture(shown["scores"]["calibration"], words),
        rows=[_row(entry, words) for entry in shown["forecasts"]],
        policy=Markup(content_policy(style, "")),
        style=Markup(style),
    )  # fmt: skip


def _picture(calibration: list[dict[str, Any]], words: Wording) -> Markup:
    """The calibration plot; empty while nothing is decided."""
    if not calibration:
        return Markup("")
    axes = {"chance_given": words.say("ledger_chance"), "came_true": words.say("ledger_frequency")}
    described = "; ".join(
        words.say("ledger_point", n=row["n"], chance=f"{row['probability']:.2f}", frequency=f"{row['frequency']:.2f}")
        for row in calibration
    )
    svg = drawing(chart("calibration", calibration, axes))
    return inline_drawing(svg, "calibration", words.say("ledger_calibration"), described)


def _row(entry: Mapping[str, Any], words: Wording) -> dict[str, Any]:
    text, language = words.pick(entry["texts"])
    came = {None: "ledger_open", 1: "ledger_yes", 0: "ledger_no"}[entry["outcome"]]
    sources = {source["title"]: link(str(source["url"])) for source in entry["sources"]}
    return {**entry, "shown": words.marked(text, language), "came": words.say(came), "cited": sources}
