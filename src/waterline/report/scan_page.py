"""The page of a scan: a treemap of the code by lock-in, what holds it, and what to change first."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from waterline.questions.code_base import Portrait, folders
from waterline.report.figures import Figures
from waterline.report.page import asset, environment
from waterline.report.safety import cleaned, content_policy
from waterline.report.treemap import Tile, treemap
from waterline.report.wording import ENGLISH, SIMPLIFIED, TRADITIONAL, simplified, table, wording

WIDTH, HEIGHT = 960.0, 480.0  # of the treemap, in drawing units
STEPS = (2.0, 10.0, 50.0, 250.0)  # hours per 1,000 lines between one tint and the next
NAMES_SHOWN = 40
ASSUMPTIONS_SHOWN = 40
_LETTER, _LINE = 6.6, 16.0  # width of a letter and height of a line of a tile's label


def scan_page(found: Portrait, report: Mapping[str, Any], language: str) -> str:
    """A self-contained HTML page of a scan and its ``report`` (see `questions.code_base.document`).

    Names of files and code are untrusted text; nothing on the page runs, and nothing is fetched. Reasons of statuses
    and of assumptions are in English whatever the language, and marked so.
    """
    style = asset("scan.css")
    words = _messages(language)
    rows = cleaned(folders(found))
    shown = cleaned(report)
    figures = Figures(wording(language))
    return environment().get_template("scan.html").render(
        say=lambda key, **values: words[key].format(**values) if values else words[key],
        language=language,
        in_english=Markup("" if language == ENGLISH else ' lang="en"'),
        report=shown,
        headline=[_headline(figures, words, shown, key, unit) for key, unit in _HEADLINES if shown.get(key)],
        move=_move(figures, words, shown["break_even"]),
        tiles=_tiles(rows),
        folders=rows,
        steps=STEPS,
        width=WIDTH,
        height=HEIGHT,
        held=[row for row in shown["names"] if row["own"] and row["status"] != "direct"][:NAMES_SHOWN],
        largest_drop=max((row["drop_hours"] for row in shown["change_first"]), default=1.0) or 1.0,
        assumptions=shown["assumptions"][:ASSUMPTIONS_SHOWN],
        number=lambda value: figures.value(float(value), "count"),
        policy=Markup(content_policy(style, "")),
        style=Markup(style),
    )  # fmt: skip


@functools.cache
def _messages(language: str) -> Mapping[str, str]:
    words: Mapping[str, str] = table(f"scan.{TRADITIONAL if language == SIMPLIFIED else language}.yaml")["messages"]
    return {key: simplified(text) for key, text in words.items()} if language == SIMPLIFIED else words


_HEADLINES = (
    ("effort_person_weeks", "week"),
    ("cost_usd", "USD"),
    ("portability_score", "fraction"),
    ("lock_in_hours_per_1000_lines", "hour"),
)


def _headline(
    figures: Figures, words: Mapping[str, str], report: Mapping[str, Any], key: str, unit: str
) -> dict[str, str]:
    shown = figures.shown(report[key], unit, hint="share" if unit == "fraction" else "")
    return {"label": words[key], "meaning": words[f"{key}_meaning"], "value": shown.value, "interval": shown.interval}


def _move(figures: Figures, words: Mapping[str, str], found: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Rows of the break-even; what stands for never, or for no fleet, in words."""
    if found is None or "unknown" in found:
        return []
    rows = [{"label": words["pays"], "value": figures.value(found["pays"], "fraction", hint="share"), "interval": ""}]
    for key, label, unit, beyond, words_beyond in (
        ("months", "months", "count", found["never_months"], words["never"]),
        ("switching_cost_usd", "switching_cost", "USD", math.inf, ""),
        ("saving_usd_per_year", "saving", "USD", math.inf, ""),
        ("smallest_fleet", "smallest_fleet", "count", found["no_fleet"], words["no_fleet"]),
    ):
        value, low, high = (
            words_beyond if found[key][end] >= beyond else figures.value(_rounded(found[key][end]), unit)
            for end in ("median", "p05", "p95")
        )
        rows.append({"label": words[label], "value": value, "interval": f"{low} – {high}"})
    return rows


def _rounded(value: float) -> float:
    """Three significant digits: more are not borne out by what is assumed."""
    return float(f"{value:.3g}")


def _tint(row: Mapping[str, Any]) -> int:
    return sum(row["hours_per_1000_lines"] >= step for step in STEPS)


def _tiles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    places = treemap([float(row["lines"]) for row in rows], WIDTH, HEIGHT)
    return [
        {"place": tile, "row": row, "tint": _tint(row), "label": _label(str(row["part"]), tile)}
        for row, tile in zip(rows, places, strict=True)
    ]


def _label(part: str, tile: Tile) -> str:
    """The end of a path that fits into its tile, or nothing."""
    letters = math.floor((tile.width - 10) / _LETTER)
    if tile.height < _LINE * 1.4 or letters < 4:
        return ""
    return part if len(part) <= letters else "…" + part[-(letters - 1) :]
