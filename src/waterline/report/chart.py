"""Charts: a Vega-Lite template, rows and words in, a specification or a drawing out.

A chart is a file `charts/<name>.yaml`: a Vega-Lite specification without data, in which a text `{word}` stands for
a word of the reader's language. Numbers come only from the rows that the caller hands over.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

Specification = dict[str, Any]
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # names the grammar; nothing is fetched


def chart(
    name: str, rows: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Mapping[str, Any]]], words: Mapping[str, str]
) -> Specification:
    """The Vega-Lite specification of a chart: the template `name` with its data and words filled in.

    ``rows`` is the data, or data by name for a template whose layers say ``data: {name: …}``. Raises KeyError for a
    word that the template names and ``words`` lacks.
    """
    filled = _worded(_file(name), words)
    data = {"datasets": {key: list(value) for key, value in rows.items()}} if isinstance(rows, Mapping) else {
        "data": {"values": list(rows)}
    }  # fmt: skip
    return {"$schema": _SCHEMA, "config": _file("theme"), **data, **filled}


def drawing(specification: Specification) -> str:
    """The chart as SVG text. The first drawing of a process takes about a second, further ones 0.05 s."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(specification))


@functools.cache
def _file(name: str) -> Specification:
    import yaml

    text = resources.files("waterline.report").joinpath("charts", f"{name}.yaml").read_text("utf-8")
    loaded: Specification = yaml.safe_load(text)
    return loaded


def _worded(part: Any, words: Mapping[str, str]) -> Any:
    if isinstance(part, Mapping):
        return {key: _worded(value, words) for key, value in part.items()}
    if isinstance(part, list):
        return [_worded(value, words) for value in part]
    if isinstance(part, str) and part.startswith("{") and part.endswith("}"):
        return words[part[1:-1]]
    return part
