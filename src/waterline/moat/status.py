"""What becomes of a touchpoint on a target: direct, changed, unsupported or unknown, and why."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from waterline.core.errors import unknown
from waterline.moat.findings import Kind
from waterline.moat.lexicon import Api, PythonName, apis, python_surface, targets
from waterline.moat.python import surface_name

STATUSES = ("direct", "changed", "unsupported", "unknown")
_NOT_TARGETS = ("python", "tables")
_ALWAYS_WORK: frozenset[Kind] = frozenset(("template", "tensor core", "assembly", "hardware"))


@dataclass(frozen=True, slots=True)
class Status:
    """``name`` is one of `STATUSES`; ``why`` says what decides it, or what takes its place."""

    name: str
    why: str


def target_names() -> list[str]:
    """The targets that a scan can be made for."""
    return [name for name in targets() if name not in _NOT_TARGETS]


def target_rules(target: str) -> dict[str, Any]:
    """Rules of a target. Raises InputError for one that there is none of."""
    if target not in target_names():
        raise unknown("target", target, target_names())
    found: dict[str, Any] = targets()[target]
    return found


@functools.lru_cache(maxsize=200_000)
def status(kind: Kind, library: str, name: str, target: str) -> Status:
    """Status of a touchpoint on a target."""
    rules = target_rules(target)
    if kind == "python":
        return _python(name, target)
    if kind in _ALWAYS_WORK:
        return Status("unsupported", "written for this hardware: moved by hand")
    if kind == "unknown":
        return Status("unknown", "not in the API map")
    api = apis().get(name.strip("<>"))
    if api is not None:
        listed = _listed(api, rules.get("table", ""))
        if listed is not None:
            return listed
    found = rules["libraries"].get(library) or rules["kinds"].get(kind) or rules["default"]
    return Status(found, f"by its family: {rules['name']}")


def python_weight(name: str, target: str) -> float:
    """Weight of a Python name in the effort, in the unit of `python_weight`."""
    known = _known_python(name)
    found = _python(name, target).name
    return known.weight if found == known.hip else float(targets()["python"]["weights"][found])


def _listed(api: Api, table: str) -> Status | None:
    if table == "hip":
        why = {"direct": api.hip_name or "the same name", "changed": "deprecated, or another call"}
        return Status(
            api.hip, why.get(api.hip, f"no equal in the tables of {targets()['tables'][api.source]['as_of']}")
        )
    if table == "sycl" and api.sycl:
        migrated = "migrated by SYCLomatic" if api.sycl == "direct" else "not migrated by SYCLomatic"
        return Status(api.sycl, migrated)
    return None


def _python(name: str, target: str) -> Status:
    known = _known_python(name)
    if target == "hip":
        return Status(known.hip, known.alternative or "no alternative named")
    by_family = targets()["python"][target]
    found = by_family.get(known.family, by_family["default"])
    return Status(found, known.alternative if found != "unsupported" else "by its family")


def _known_python(name: str) -> PythonName:
    known = surface_name(name)
    return known[1] if known is not None else python_surface()[name]
