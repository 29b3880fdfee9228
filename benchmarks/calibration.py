"""What both fits write: constants with where they come from, and errors in percent."""

from __future__ import annotations

import re

import numpy as np
import yaml
from numpy.typing import ArrayLike

from waterline.performance.constants import Constants


def written(text: str, constants: Constants, names: list[str], origins: dict[str, str]) -> str:
    """The text of a file of constants with fitted values, rounded to three digits, and their origins in place."""
    for base in sorted({name.split(".")[0] for name in names}):
        entry = re.search(rf"(?m)^  {base}:\n    value: (.*)$", text)
        if entry is None:
            continue  # it stands in the other file
        old = yaml.safe_load(entry.group(1))
        if isinstance(old, dict):
            kinds = {kind: constants[base if kind == "other" else f"{base}.{kind}"] for kind in old}
            new = "{" + ", ".join(f"{kind}: {_digits(value)}" for kind, value in kinds.items()) + "}"
        else:
            new = _digits(constants[base])
        text = text[: entry.start(1)] + new + text[entry.end(1) :]
        origin = re.compile(rf"(?m)(^  {base}:\n(?:    .*\n)*?    origin: ).*$")
        text = origin.sub(lambda found, base=base: found.group(1) + origins[base], text, count=1)
    return text


def _digits(value: float) -> str:
    text = f"{value:.3g}"
    return text if "e" not in text or "." in text else text.replace("e", ".0e")


def summary(errors: ArrayLike) -> dict[str, float]:
    """Errors in percent, from ln(predicted / measured); empty for none."""
    percent = 100.0 * np.expm1(np.asarray(errors, dtype=float))
    if not percent.size:
        return {}
    return {
        "rows": int(percent.size),
        "median_abs_pct_error": round(float(np.median(abs(percent))), 1),
        "p90_abs_pct_error": round(float(np.quantile(abs(percent), 0.9)), 1),
        "bias_pct": round(float(np.median(percent)), 1),
    }
