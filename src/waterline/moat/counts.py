"""From what a scan found to the counts that the effort's quantities read, in all or for a part of the code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from waterline.moat.findings import Findings, Kind, Touchpoint
from waterline.moat.lexicon import rules
from waterline.moat.scan import Scan, ScannedFile
from waterline.moat.status import Status, python_weight, status

OUTSIDE = "third-party"  # the role of code that its own makers port
_CLASS_OF_KIND: dict[Kind, str] = {
    "template": "template",
    "tensor core": "tensor_core",
    "assembly": "assembly",
    "hardware": "hardware",
}
CLASSES = ("direct", "changed", "unsupported", "unknown", "assembly", "tensor_core", "template", "hardware")


@dataclass(frozen=True, slots=True)
class Bound:
    """A touchpoint of a file with its status: ``count`` occurrences; ``covered`` by a portability layer."""

    file: ScannedFile
    touchpoint: Touchpoint
    status: Status
    covered: bool

    @property
    def count(self) -> int:
        """Occurrences in the file."""
        return len(self.touchpoint.lines)

    @property
    def group(self) -> str:
        """What one would stop using in one change: a library, a family, a kind of device code."""
        names = {
            "tensor core": "matrix units", "assembly": "inline PTX", "hardware": "warp and shared memory",
            "keyword": "kernels", "launch": "kernels", "build": "build files",
        }  # fmt: skip
        return names.get(self.touchpoint.kind, self.touchpoint.library)


def bound(scan: Scan, target: str) -> list[Bound]:
    """Every touchpoint of a scan with its status on ``target``.

    Left out are names that the code defines itself, and Python names of the packages that it is.
    """
    defined = {name for file in scan.files for name in file.findings.defined}
    aliases = {name for file in scan.files if _serves(file.findings, target) for name in file.findings.aliases}
    return [
        found
        for found in _bound(scan.files, target, defined, aliases)
        if found.touchpoint.kind != "python" or found.touchpoint.name.partition(".")[0] not in scan.packages
    ]


def _bound(files: Iterable[ScannedFile], target: str, defined: set[str], aliases: set[str]) -> Iterator[Bound]:
    for file in files:
        layered = _serves(file.findings, target)
        for touchpoint in file.findings.touchpoints:
            kind, name = touchpoint.kind, touchpoint.name
            root = name.partition("::")[0]
            if (kind == "unknown" and name in defined) or (kind == "library" and f"{root}::" in defined):
                continue
            found = status(kind, touchpoint.library, name, target)
            covered = layered or name in aliases or (bool(aliases) and kind in ("keyword", "launch"))
            yield Bound(file, touchpoint, found, covered and kind not in ("python", "build"))


def counts(touchpoints: Iterable[Bound], target: str) -> dict[str, float]:
    """The attributes of a code base for some of a scan's touchpoints, third-party code left out."""
    uses: Counter[str] = Counter()
    repeats: Counter[str] = Counter()
    templates: dict[tuple[str, str], int] = defaultdict(int)
    files: dict[str, Findings] = {}
    covered = code = 0
    weight = 0.0
    for found in touchpoints:
        if found.file.role == OUTSIDE:
            continue
        files[found.file.name] = found.file.findings
        kind = found.touchpoint.kind
        if kind == "python":
            uses["python"] += 1
            weight += python_weight(found.touchpoint.name, target)
            continue
        if kind == "build":
            uses["build"] += 1
            continue
        code += found.count
        covered += found.count * found.covered
        if kind == "template":
            templates[found.file.name, found.touchpoint.library] += found.count
        else:
            group = _CLASS_OF_KIND.get(kind, found.status.name)
            uses[group] += 1
            repeats[group] += found.count - 1
    uses["template"] = len(templates)
    repeats["template"] = sum(templates.values()) - len(templates)
    result: dict[str, float] = {f"{name}_uses": float(uses[name]) for name in (*CLASSES, "python", "build")}
    result |= {f"{name}_repeats": float(repeats[name]) for name in CLASSES}
    touching = [found for found in files.values() if found.language != "build"]
    return result | {
        "python_weight": weight,
        "portable_share": covered / code if code else 0.0,
        "kernels": float(sum(found.kernels for found in touching)),
        "device_lines": float(sum(found.lines for found in touching if found.device and found.language != "python")),
        "accelerator_lines": float(sum(found.lines for found in touching)),
    }


def _serves(findings: Findings, target: str) -> bool:
    layers = rules()["layers"]
    return any(target in layers[name]["serves"] for name in findings.layers if name in layers)
