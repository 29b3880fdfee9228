"""The engine's constants: physical numbers with meaning, unit, bounds and origin, read from `constants.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Constant:
    """One number of the engine.

    `bounds` is the range that physics or published measurements allow; `origin` says which rows fixed the value
    within it, or which source it was taken from when it is not fitted.
    """

    name: str
    value: float
    unit: str
    meaning: str
    origin: str
    bounds: tuple[float, float] | None


@dataclass(frozen=True)
class Family:
    """A generation of accelerators: those of `vendor` (a pattern) from `since` until the next family's `since`."""

    name: str
    vendor: str
    since: str


@dataclass(frozen=True)
class Constants:
    """All constants, families and software rules; immutable, `with_values` gives a changed copy."""

    entries: Mapping[str, Constant]
    values: Mapping[str, float]
    families: tuple[Family, ...]
    software: Mapping[str, Any]

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def of(self, name: str, kind: str) -> float:
        """The constant `name` for one family or software engine: `name.kind` if listed, else `name`."""
        return self.values.get(f"{name}.{kind}", self.values.get(name, float("nan")))

    def with_values(self, changes: Mapping[str, float]) -> Constants:
        """A copy with other values for some constants; unknown names raise KeyError."""
        unknown = set(changes) - set(self.values)
        if unknown:
            raise KeyError(f"no such constants: {sorted(unknown)}")
        return replace(self, values={**self.values, **changes})


@cache
def default_constants() -> Constants:
    """The constants that ship with the package."""
    import yaml

    text = resources.files("waterline.performance").joinpath("constants.yaml").read_text("utf-8")
    return parse_constants(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def parse_constants(document: Mapping[str, Any]) -> Constants:
    """Constants from a parsed `constants.yaml`."""
    entries: dict[str, Constant] = {}
    for name, entry in document["constants"].items():
        for suffix, value in _values(entry):
            bounds = entry.get("bounds")
            full = f"{name}.{suffix}" if suffix else name
            entries[full] = Constant(
                full,
                float(value),
                entry["unit"],
                entry["meaning"],
                entry["origin"],
                (float(bounds[0]), float(bounds[1])) if bounds else None,
            )
    families = tuple(Family(name, rule["vendor"], str(rule["since"])) for name, rule in document["families"].items())
    return Constants(
        entries,
        {name: entry.value for name, entry in entries.items()},
        families,
        document["software"],
    )


def _values(entry: Mapping[str, Any]) -> list[tuple[str, float]]:
    value = entry["value"]
    if isinstance(value, Mapping):
        return [("" if kind == "other" else str(kind), number) for kind, number in value.items()]
    return [("", value)]
