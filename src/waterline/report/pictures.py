"""A study's pictures: each a drawing that follows the page's colours, and the table of the same numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from waterline.report.chart import chart, drawing
from waterline.report.figures import Figures, Shown
from waterline.report.inline_drawing import inline_drawing
from waterline.report.notes import Notes
from waterline.report.wording import Wording, style_of

LONG_NAME = 28  # letters of a name from which the key has one line for each
LOG_FROM = 20.0  # medians that differ by more than this ratio are drawn on a log scale


@dataclass(frozen=True)
class DrawnPicture:
    """A picture ready for the page: drawing, and the table's columns and rows."""

    id: str
    title: Markup
    caption: Markup
    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[Markup, ...], Markup, str], ...]


class Pictures:
    """All pictures of a model, in one language."""

    def __init__(self, model: Mapping[str, Any], wording: Wording, figures: Figures, notes: Notes) -> None:
        self._models = model.get("pictures") or ()
        self._wording, self._figures, self._notes = wording, figures, notes

    def of_section(self, key: str) -> list[DrawnPicture]:
        """Pictures of a section about which something is known."""
        return [self.draw(picture) for picture in self._models if picture["section"] == key and picture["rows"]]

    def draw(self, picture: Mapping[str, Any]) -> DrawnPicture:
        """One picture. Raises InputError for a chart that there is no template of."""
        rows, several, words = self._read(picture)
        text, language = self._wording.pick(picture["text"])
        title = str((text or {}).get("title") or rows[0].quantity_label)
        svg = drawing(self._specification(picture, rows, several, words))
        heads = [
            *([self._wording.say("picture_quantity")] if several else []),
            *(self._axis_title(axis["name"]) for axis in picture["axes"]),
        ]
        return DrawnPicture(
            id=str(picture["id"]),
            title=self._wording.marked(title, language if text else self._wording.language),
            caption=self._wording.marked(str((text or {}).get("caption") or ""), language),
            svg=inline_drawing(svg, f"picture-{picture['id']}", title, self._described(rows, picture, several)),
            columns=(*heads, words["value_title"], self._wording.say("iceberg_range")),
            rows=tuple(self._table_row(row, picture, several) for row in rows),
        )

    def specified(self, picture: Mapping[str, Any]) -> dict[str, Any]:
        """One picture as a Vega-Lite specification with its data."""
        return self._specification(picture, *self._read(picture))

    def _read(self, picture: Mapping[str, Any]) -> tuple[list[_Row], bool, dict[str, Any]]:
        rows = [_Row(picture, row, self._wording) for row in picture["rows"]]
        several = len({row.quantity for row in rows}) > 1
        return rows, several, self._words(picture, rows, several, self._wording.pick(picture["text"])[0] or {})

    def _specification(
        self, picture: Mapping[str, Any], rows: Sequence[_Row], several: bool, words: Mapping[str, Any]
    ) -> dict[str, Any]:
        factor = _scale(picture, rows)
        data = []
        series: dict[str, int] = {}
        across: dict[str | float, int] = {}
        ends = min(row.median for row in rows), max(row.median for row in rows)
        middle = (ends[0] * ends[1]) ** 0.5 if _wide(rows) else (ends[0] + ends[1]) / 2
        for row in rows:
            name = row.quantity_label if several else row.places[1] if len(row.places) > 1 else row.quantity_label
            place = row.places[0]
            data.append(
                {
                    "across": place,
                    "order": across.setdefault(place, len(across)),
                    "series": name,
                    "series_order": series.setdefault(str(name), len(series)),
                    "median": row.median * factor,
                    "p05": row.p05 * factor,
                    "p95": row.p95 * factor,
                    "text": self._shown(row, picture).value,
                    "dark": row.median > middle,
                    **{axis["name"]: value for axis, value in zip(picture["axes"], row.places, strict=True)},
                }
            )
        columns = 1 if any(len(name) > LONG_NAME for name in series) else 0
        legend = {"title": None, "orient": "top", "labelLimit": 480, "columns": columns} if len(series) > 1 else None
        return chart(str(picture["chart"]), data, {**words, "legend": legend})

    def _words(
        self, picture: Mapping[str, Any], rows: Sequence[_Row], several: bool, text: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What templates may name: titles of the axes, scales, how numbers are written, and the picture's own words."""
        axes = [self._axis_title(axis["name"]) for axis in picture["axes"]]
        number = self._wording.say("chart_number")
        wide = _wide(rows)
        title = self._value_title(picture, rows[0])
        labels = {"title": title, "labelExpr": number, "labelOverlap": True, "tickCount": 6}
        powers = {"values": _powers_of_ten(picture, rows)} if wide else {}
        return {
            **(text.get("words") or {}),
            "across_title": axes[0],
            "across_number": self._axis_number(picture, 0),
            "series_number": self._axis_number(picture, 1),
            "series_title": axes[1] if len(axes) > 1 else "",
            "value_title": title,
            "value_axis": {**labels, **powers},
            "linear_axis": labels,
            "value_scale": {"type": "log", "nice": False} if wide else {"zero": not several},
            "colour_scale": {"type": "log" if wide else "linear", "range": "heatmap"},
            "number": number,
        }

    def _table_row(
        self, row: _Row, picture: Mapping[str, Any], several: bool
    ) -> tuple[tuple[Markup, ...], Markup, str]:
        shown = self._shown(row, picture)
        heads = [*([row.quantity_label] if several else []), *row.written(self._figures)]
        number = self._notes.number(row.node, shown=shown, ranged=False) if row.node else Markup.escape(shown.value)
        return tuple(self._wording.foreign(head) for head in heads), number, shown.interval or "–"

    def _shown(self, row: _Row, picture: Mapping[str, Any]) -> Shown:
        estimate = {"median": row.median, "p05": row.p05, "p95": row.p95}
        return self._figures.shown(estimate, str(picture["unit"]), row.name)

    def _value_title(self, picture: Mapping[str, Any], row: _Row) -> str:
        if _percent(picture, row):
            return "%"
        numerator, *denominators = str(picture["unit"]).split("/")
        title = self._unit(numerator)
        for unit in denominators:
            title = self._wording.per(title, unit.strip())
        return title or row.quantity_label

    def _unit(self, unit: str) -> str:
        return self._wording.units.get(unit.strip(), unit.strip()).rpartition("|")[2]

    def _axis_title(self, name: str) -> str:
        known = self._wording.messages.get(f"role_{name}")
        return known or self._wording.label({"name": name})[0]

    def _axis_number(self, picture: Mapping[str, Any], place: int) -> str:
        """How numbers on an axis are written: a share in percent, as the text writes it."""
        for axis in picture["axes"][place : place + 1]:
            if style_of(picture["rows"][0]["at"][axis["name"]].get("unit", ""), axis["name"]) == "percent":
                return "isNaN(+datum.value) ? datum.label : format(+datum.value, '~%')"
        return self._wording.say("chart_number")

    def _described(self, rows: Sequence[_Row], picture: Mapping[str, Any], several: bool) -> str:
        """The numbers in words, for those who do not see the drawing."""
        told = []
        for row in rows[:24]:
            heads = [*([row.quantity_label] if several else []), *row.written(self._figures)]
            shown = self._shown(row, picture)
            told.append(f"{', '.join(heads)}: {shown.value} {shown.interval}".strip())
        return "; ".join(told)


class _Row:
    """A row with its labels in the page's language; ``places`` are names of entities or numbers."""

    def __init__(self, picture: Mapping[str, Any], row: Mapping[str, Any], wording: Wording) -> None:
        self.quantity, self.name = str(row["quantity"]), str(row["name"])
        self.node = row.get("node")
        self.median, self.p05, self.p95 = (float(row[key]) for key in ("median", "p05", "p95"))
        own, _ = wording.pick(picture.get("labels"))
        attribute = {"name": self.quantity.rpartition(".")[2], "label": row.get("label")}
        self.quantity_label = str((own or {}).get(self.quantity) or wording.label(attribute)[0])
        names = (wording.pick(picture["text"])[0] or {}).get("names") or {}
        self._axes = [axis["name"] for axis in picture["axes"]]
        self._at = row["at"]
        self.places: list[str | float] = [
            str(names.get(at["id"], at["name"])) if "id" in at else float(at["value"])
            for at in (row["at"][axis] for axis in self._axes)
        ]

    def written(self, figures: Figures) -> list[str]:
        """Its places as texts."""
        return [
            place if isinstance(place, str) else figures.value(place, at.get("unit", ""), name)
            for place, at, name in zip(self.places, (self._at[axis] for axis in self._axes), self._axes, strict=True)
        ]


def _wide(rows: Sequence[_Row]) -> bool:
    medians = [row.median for row in rows]
    return min(row.p05 for row in rows) > 0 and max(medians) / min(medians) > LOG_FROM


def _powers_of_ten(picture: Mapping[str, Any], rows: Sequence[_Row]) -> list[float]:
    """Those that a log scale over the rows reaches."""
    factor = _scale(picture, rows)
    ends = min(row.p05 for row in rows) * factor, max(row.p95 for row in rows) * factor
    first, last = (math.log10(end) for end in ends)
    return [10.0**power for power in range(math.ceil(first), math.floor(last) + 1)]


def _percent(picture: Mapping[str, Any], row: _Row) -> bool:
    return style_of(str(picture["unit"]), row.name) in ("percent", "points")


def _scale(picture: Mapping[str, Any], rows: Sequence[_Row]) -> float:
    """A fraction is drawn in percent, as the text writes it."""
    return 100.0 if rows and style_of(str(picture["unit"]), rows[0].name) == "percent" else 1.0
