"""What names say: chips and models looked up by the words in them, sizes read from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TypeVar

from waterline.performance.model import Model

Entry = TypeVar("Entry")
SIZES_APART = 1.4  # names round, and some count embeddings and others do not


def lookup(name: str, known: Mapping[str, Entry], accept: Callable[[Entry], bool] = lambda entry: True) -> Entry | None:
    """The entry whose name has the same words and numbers, or the nearest whose words contain or are contained.

    "Nemotron_3_Nano" finds "Nemotron-3-Nano-30B-A3B", "Llama-3-70B-12layers" finds "Llama-3-70B". Entries that
    `accept` turns down are passed over.
    """
    wanted = _words(name)
    best: tuple[int, str] | None = None
    for key, entry in known.items():
        words = _words(key)
        if words and (words <= wanted or wanted <= words):
            apart = len(words ^ wanted)
            if (best is None or apart < best[0]) and accept(entry):
                best = (apart, key)
    return known[best[1]] if best else None


@cache
def _words(name: str) -> frozenset[str]:
    """Words and numbers of a name; a size such as 70B stays one word, a version's "v" is dropped."""
    found = re.findall(r"\d+[bm](?![a-z])|[a-z]+|\d+", re.sub(r"\bv(?=\d)", "", name.lower().replace("_", " ")))
    return frozenset(found)


SIZE = re.compile(r"(?:^|[^a-z0-9.])(a?)(\d+(?:\.\d+)?)([mbt])(?![a-z])")
UNIT = {"m": 1e6, "b": 1e9, "t": 1e12}


def sizes_in(name: str) -> tuple[float | None, float | None]:
    """Parameters and active parameters that a name states, as "350m", "31b", "10T" or "120B-A12B"."""
    text = name.lower().replace("_", "-")
    sizes = {letter: float(number) * UNIT[unit] for letter, number, unit in SIZE.findall(text)}
    return sizes.get(""), sizes.get("a")


def sized_by_name(model: Model) -> Model:
    """The model with the size that its name states where nothing else is known."""
    total, active = sizes_in(model.name)
    if model.parameters or model.layers or total is None:
        return model
    return replace(model, parameters=total, active_parameters=active or model.active_parameters)


def same_size(row: Model, known: Model) -> bool:
    """Whether two models can be one: their parameters, stated or named, are near, or the row is cut to fewer layers."""
    size = row.parameters or sizes_in(row.name)[0]
    cut = bool(row.layers and known.layers and row.layers < known.layers)
    if size is None or known.parameters is None or cut:
        return True
    return max(size / known.parameters, known.parameters / size) < SIZES_APART


def merged(row: Model, known: Model | None) -> Model:
    """The row's model with what it leaves unsaid taken from a known model, when their hidden widths agree."""
    if known is None or (row.hidden and known.hidden and row.hidden != known.hidden):
        return row
    reduced = bool(row.layers and known.layers and row.layers != known.layers)
    skip = {"name", "parameters", "active_parameters", "dense_layers", "mtp_layers"} if reduced else {"name"}
    if row.heads:
        skip |= {"head_dim", "ffn_hidden"}  # stated or deliberately absent
    changes = {
        field: value
        for field, value in vars(known).items()
        if field not in skip and getattr(row, field) is None and value is not None
    }
    return replace(row, **changes)
