"""The explore page: one quantity over one or two inputs, as a picture, a table, files and the command behind them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from waterline.core.errors import MissingFactError
from waterline.questions.session import Session
from waterline.report.chart import bitmap, drawing
from waterline.report.figures import figures
from waterline.report.notes import Notes
from waterline.report.pictures import DrawnPicture, Pictures
from waterline.report.wording import Wording
from waterline.web.api import Payload, file_name, sweep_model
from waterline.web.terms import Terms


def picture_model(session: Session, quantity: str, terms: Terms) -> dict[str, Any]:
    """A sweep as the model of a picture: a curve over an input, ranges over entities, a heat map over two axes."""
    if not terms.over:
        raise MissingFactError("a picture varies one or two things: over.NAME=a,b,c or over.NAME=low:high:count")
    model = sweep_model(session, quantity, terms)
    entities = [axis["role"] for axis in model["axes"]]
    chart = "heatmap" if len(entities) == 2 and not any(entities) else "ranges" if entities[0] else "curve"
    return {**model, "id": "explored", "chart": chart, "text": {}, "labels": {}}


def drawn(model: Mapping[str, Any], words: Wording) -> DrawnPicture:
    """The picture with its table."""
    return _pictures(words).draw(model)


def as_svg(model: Mapping[str, Any], words: Wording) -> Payload:
    """The picture as an SVG file."""
    return Payload(drawing(_pictures(words).specified(model)).encode(), "image/svg+xml", f"{file_name(model)}.svg")


def as_png(model: Mapping[str, Any], words: Wording) -> Payload:
    """The picture as a PNG file."""
    return Payload(bitmap(_pictures(words).specified(model)), "image/png", f"{file_name(model)}.png")


def command(quantity: str, terms: Terms) -> str:
    """The ``waterline`` command that gives the same numbers."""
    words = ["waterline", "sweep" if terms.over else "ask", quantity]
    words += [f"{role}={entity}" for role, entity in terms.bindings]
    words += [part for name, values in terms.over for part in ("--over", f"{name}={values}")]
    words += [part for name, text in terms.values for part in ("--set", f"{name}={text}")]
    if terms.as_of is not None:
        words += ["--as-of", terms.as_of.isoformat()]
    if terms.over:
        words += ["--out", f"{quantity}.parquet"]
    return shlex.join(words)


def _pictures(words: Wording) -> Pictures:
    written = figures(words.language)
    return Pictures({}, words, written, Notes({}, words, written))
