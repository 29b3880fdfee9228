"""Charts: a Vega-Lite template, rows and words in, a specification or a drawing out.

A chart is a file `charts/<name>.yaml`: a Vega-Lite specification without data, in which a text `{word}` stands for
a word of the reader's language. Numbers come only from the rows that the caller hands over.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.metadata import version
from typing import Any

from waterline.core.data_file import data_file
from waterline.core.errors import unknown
from waterline.core.files import read_cache, write_cache

Specification = dict[str, Any]
_COUNTED = re.compile(r"(url\(#|id=\")(clip|gradient_)(\d+)")
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # names the grammar; nothing is fetched


def chart(
    name: str, rows: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Mapping[str, Any]]], words: Mapping[str, Any]
) -> Specification:
    """The Vega-Lite specification of a chart: the template `name` with its data and words filled in.

    ``rows`` is the data, or data by name for a template whose layers say ``data: {name: …}``. A word is a text, or a
    part of a specification (an axis, a scale). Raises InputError for a template that there is not, KeyError for a
    word that the template names and ``words`` lacks.
    """
    filled = _worded(_file(name), words)
    data = {"datasets": {key: list(value) for key, value in rows.items()}} if isinstance(rows, Mapping) else {
        "data": {"values": list(rows)}
    }  # fmt: skip
    return {"$schema": _SCHEMA, "config": _file("theme"), **data, **filled}


@functools.lru_cache(maxsize=256)
def _drawn(specification: str) -> str:
    """The drawing, kept between runs as well: the first one of a process takes about a second, further ones 0.05 s."""
    library = version("vl-convert-python")
    name = f"drawing-{hashlib.blake2b(f'{library} counted {specification}'.encode(), digest_size=16).hexdigest()}.svg"
    kept = read_cache(name)
    if kept is not None:
        return kept.decode()
    import vl_convert

    svg = _counted(str(vl_convert.vegalite_to_svg(specification)))
    write_cache(name, svg.encode())
    return svg


def _counted(svg: str) -> str:
    """The drawing with its own clips and gradients counted from 1: the library goes on from the drawing before."""
    numbers: dict[str, int] = {}
    return _COUNTED.sub(
        lambda found: f"{found[1]}{found[2]}{numbers.setdefault(found[2] + found[3], len(numbers) + 1)}", svg
    )


def drawing(specification: Specification) -> str:
    """The chart as SVG text."""
    return _drawn(json.dumps(specification, sort_keys=True, ensure_ascii=False))


def bitmap(specification: Specification) -> bytes:
    """The chart as a PNG on white, at twice its size."""
    import vl_convert

    on_white = {**specification, "config": {**specification["config"], "background": "white"}}
    return bytes(vl_convert.vegalite_to_png(on_white, scale=2))


def chart_names() -> list[str]:
    """Names of the templates."""
    files = resources.files("waterline.report").joinpath("charts").iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name != "theme.yaml")


@functools.cache
def _file(name: str) -> Specification:
    if name != "theme" and name not in chart_names():
        raise unknown("chart", name, chart_names())
    loaded: Specification = data_file("waterline.report", "charts", f"{name}.yaml")
    return loaded


def _worded(part: Any, words: Mapping[str, Any]) -> Any:
    if isinstance(part, Mapping):
        return {key: _worded(value, words) for key, value in part.items()}
    if isinstance(part, list):
        return [_worded(value, words) for value in part]
    if isinstance(part, str) and part.startswith("{") and part.endswith("}"):
        return words[part[1:-1]]
    return part
