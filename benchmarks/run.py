"""Runs the benchmarks, keeps their figures in results/, and writes the table in the documentation.

    python benchmarks/run.py [NAME…] [--page] [--out DIR] [-- OPTIONS…]

A benchmark is a file here that knows ``--json`` (see `figures.py`); it runs alone, in a process of its own, and prints
one document. A file ``*_speed.py`` without it is run as well, and its lines are kept as they are. With names, only
those are run. ``--page`` runs nothing and rewrites the page from the results. What stands after ``--`` is handed to
every benchmark that is run: `run.py peers -- --squigglepy PYTHON` names an interpreter that has the package, and
`run.py faults -- --keep FILE` goes on from a run that was ended.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from figures import plain

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
PICTURES = ROOT / "docs" / "pictures"
NEVER = {"run.py", "figures.py"}
LONGEST = 3 * 3600  # seconds: an hour of fuzzing is of processor time
VERSIONS = ("waterline", "numpy", "scipy", "msgspec", "pyarrow", "distributed", "duckdb")


def main() -> int:
    """Run what was asked for; exit code 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--page", action="store_true", help="rewrite the page alone")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:cut])
    failed = (
        []
        if options.page
        else [path.stem for path in chosen(options.names) if not kept(path, words[cut + 1 :], options.out)]
    )
    write_page(options.out)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def chosen(names: list[str]) -> list[Path]:
    """The benchmarks, or those named."""
    found = [path for path in sorted(HERE.glob("*.py")) if speaks(path) or path.stem.endswith("_speed")]
    return [path for path in found if path.name not in NEVER and (not names or path.stem in names)]


def speaks(path: Path) -> bool:
    """Whether a benchmark can print one document instead of lines."""
    text = path.read_text("utf-8")
    return '"--json"' in text or "from figures import" in text


def kept(path: Path, options: list[str], out: Path) -> bool:
    """Run one benchmark and keep what it prints; False when it fails."""
    print(f"{path.stem} …", file=sys.stderr, flush=True)
    words = [sys.executable, str(path), *(["--json"] if speaks(path) else []), *options]
    done = subprocess.run(words, cwd=HERE, stdout=subprocess.PIPE, text=True, timeout=LONGEST, check=False)
    if done.returncode != 0:
        return False
    found = json.loads(done.stdout) if speaks(path) else {"title": path.stem, "printed": done.stdout.splitlines()}
    out.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), "found": found}, ensure_ascii=False, indent=1, sort_keys=True)
    (out / f"{path.stem}.json").write_text(text + "\n", "utf-8")
    return True


def machine() -> dict[str, Any]:
    """Where and with what a benchmark ran."""
    versions = {}
    for name in VERSIONS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "processors": os.cpu_count(),
        "busy": round(os.getloadavg()[1], 1),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.system() + " " + platform.release(),
        "python": platform.python_version(),
        "versions": versions,
    }


def processor() -> str:
    """The processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def write_page(results: Path) -> None:
    """The page of all results, with a chart for each set of curves."""
    lines = [
        "# Benchmarks",
        "<!-- Written by benchmarks/run.py; run it again to renew it. -->",
        "",
        "What `make bench` measured, with the machine it ran on. Every benchmark is a file in `benchmarks/` and runs "
        "alone. *Busy* is the number of processes that wanted a processor while it ran: above the number of "
        "processors, times are longer than they would be on a quiet machine, and ratios say more than times.",
    ]
    for path in sorted(results.glob("*.json")):
        stored = json.loads(path.read_text("utf-8"))
        lines += ["", f"## {stored['found'].get('title', path.stem)}", "", *_section(path.stem, stored)]
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")


def _section(name: str, stored: dict[str, Any]) -> list[str]:
    found, where = stored["found"], stored["machine"]
    versions = ", ".join(f"{package} {version}" for package, version in where["versions"].items())
    lines = [f"{found['method'][:1].upper()}{found['method'][1:]}.", ""] if found.get("method") else []
    lines += [
        f"`benchmarks/{name}.py`, {where['day']}: {where['processor']}, {where['processors']} processors, "
        f"busy {where['busy']}, {where['memory_gb']} GB, {where['system']}, Python {where['python']}; {versions}.",
        "",
    ]
    if found.get("figures"):
        lines += ["| what | figure | unit | goal |", "| --- | ---: | --- | --- |"]
        lines += [
            f"| {one['name']} | {plain(one['value'])} | {one['unit']} | {one['goal']} |" for one in found["figures"]
        ]
    if found.get("printed"):
        lines += ["", "```text", *found["printed"], "```"]
    for title in dict.fromkeys(curve["title"] for curve in found.get("curves", ())):
        lines += _curves(name, title, [curve for curve in found["curves"] if curve["title"] == title])
    return lines


def _curves(name: str, title: str, curves: list[dict[str, Any]]) -> list[str]:
    from waterline.report.chart import chart, drawing

    rows = [{"name": c["name"], "x": x, "y": y} for c in curves for x, y in c["points"] if y > 0]
    words = {"title": title, "x": curves[0]["x"], "y": curves[0]["y"]}
    file = f"{name}-{'-'.join(title.lower().split())}.svg"
    (PICTURES / file).write_text(drawing(chart("growth", rows, words)), "utf-8")
    places = sorted({x for curve in curves for x, _ in curve["points"]})
    lines = ["", f"![{title}](../pictures/{file})", ""]
    lines += ["| " + " | ".join([curves[0]["x"], *(f"{c['name']}, {c['y']}" for c in curves)]) + " |"]
    lines += ["|" + " ---: |" * (len(curves) + 1)]
    for x in places:
        cells = [plain(dict(map(tuple, c["points"]))[x]) if x in dict(map(tuple, c["points"])) else "" for c in curves]
        lines.append("| " + " | ".join([f"{x:,.0f}", *cells]) + " |")
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
