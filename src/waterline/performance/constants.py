"""The engines' constants: physical numbers with meaning, unit, bounds and origin, read from YAML files.

`constants.yaml` holds what every engine shares, an engine's own stand in the file of that name in its package,
`software.yaml` says what the releases of frameworks can do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from waterline.performance.shipped import shipped


@dataclass(frozen=True)
class Constant:
    """One number of the engine.

    `bounds` is the range that physics or published measurements allow; `origin` says which rows fixed the value
    within it, or which source it was taken from when it is not fitted. `expected` is the value before any row is
    seen, towards which a fit is drawn; the value itself where none is given.
    """

    name: str
    value: float
    unit: str
    meaning: str
    origin: str
    bounds: tuple[float, float] | None
    expected: float


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


FILES = ("constants.yaml", "software.yaml", "training/constants.yaml")


@cache
def default_constants() -> Constants:
    """The constants that ship with the package."""
    return parse_constants([shipped(name) for name in FILES])


def parse_constants(documents: Iterable[Mapping[str, Any]]) -> Constants:
    """Constants from parsed files, each with any of the sections `families`, `constants` and `software`.

    Raises ValueError when two files name the same constant.
    """
    entries: dict[str, Constant] = {}
    families: list[Family] = []
    software: dict[str, Any] = {}
    for document in documents:
        families += [
            Family(name, rule["vendor"], str(rule["since"])) for name, rule in document.get("families", {}).items()
        ]
        software.update(document.get("software", {}))
        for name, entry in document.get("constants", {}).items():
            for constant in _parsed(name, entry):
                if constant.name in entries:
                    raise ValueError(f"{constant.name} stands in two files of constants")
                entries[constant.name] = constant
    values = {name: entry.value for name, entry in entries.items()}
    return Constants(entries, values, tuple(families), software)


def _parsed(name: str, entry: Mapping[str, Any]) -> Iterator[Constant]:
    """One constant, or one for each family or software engine that the entry lists."""
    bounds = entry.get("bounds")
    limits = (float(bounds[0]), float(bounds[1])) if bounds else None
    expected = _by_kind(entry.get("expected", entry["value"]))
    for kind, value in _by_kind(entry["value"]).items():
        full = f"{name}.{kind}" if kind else name
        before = float(expected.get(kind, expected.get("", value)))
        yield Constant(full, float(value), entry["unit"], entry["meaning"], entry["origin"], limits, before)


def _by_kind(value: Any) -> dict[str, float]:
    """Numbers by family or software engine; the one for all others stands under the empty name."""
    if isinstance(value, Mapping):
        return {"" if kind == "other" else str(kind): number for kind, number in value.items()}
    return {"": value}
