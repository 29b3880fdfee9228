"""What names say: chips and models looked up by the words in them, sizes read from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TypeVar

from waterline.performance.model import Model

Entry = TypeVar("Entry")


def lookup(name: str, known: Mapping[str, Entry]) -> Entry | None:
    """The entry whose name has the same words and numbers, or the nearest whose words contain or are contained.

    "Nemotron_3_Nano" finds "Nemotron-3-Nano-30B-A3B", "Llama-3-70B-12layers" finds "Llama-3-70B".
    """
    wanted = _words(name)
    best: tuple[int, str] | None = None
    for key in known:
        words = _words(key)
        if words and (words <= wanted or wanted <= words):
            apart = len(words ^ wanted)
            if best is None or apart < best[0]:
                best = (apart, key)
    return known[best[1]] if best else None


@cache
def _words(name: str) -> frozenset[str]:
    """Words and numbers of a name; a size such as 70B stays one word, a version's "v" is dropped."""
    found = re.findall(r"\d+[bm](?![a-z])|[a-z]+|\d+", re.sub(r"\bv(?=\d)", "", name.lower().replace("_", " ")))
    return frozenset(found)


def sized_by_name(model: Model) -> Model:
    """The model with the size that its name states, as "31b" or "120B-A12B", where nothing else is known."""
    if model.parameters or model.layers:
        return model
    sizes = {
        letter: float(number)
        for letter, number in re.findall(r"(?:^|[^a-z0-9.])(a?)(\d+(?:\.\d+)?)b(?![a-z])", model.name.lower())
    }
    if "" not in sizes:
        return model
    return replace(
        model,
        parameters=1e9 * sizes[""],
        active_parameters=1e9 * sizes["a"] if "a" in sizes else model.active_parameters,
    )


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
