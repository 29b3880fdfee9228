"""The commands that write files, each with what it needs in its directory: what `faults.py` disturbs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from waterline.studies.read import SHIPPED as STUDIES

PARTS = "import waterline.questions.sweep.request as r; r.PART_SAMPLES = 64 * 50; "
AS_OF = ("--as-of", "2026-11-24")
SWEEP = ("sweep", "market_cost", "model=deepseek-v3", "--over", "market_rental_price=1:4:1000", "--samples", "64")

OWN_FACTS = {
    "sources/own.yaml": "sheet: {date: 2024-01-01, publisher: Maker, title: Sheet, url: 'https://example.org/sheet'}\n",
    "chip/own.yaml": """# kept
kind: chip
entities:
  h1:
    facts:
      announced:
      - {value: 2024-01-01, unit: date, valid: 2024-01-01, known: 2024-01-01, source: sheet, trust: A}
""",
}
FACT = ("facts", "add", "h1.rental_price", "--unit", "USD/hour", "--valid", "2025-01-01", "--known", "2025-01-02",
        "--trust", "B", "--provider", "one")  # fmt: skip
NEW_SOURCE = ("--source", "list", "--source-title", "List", "--source-publisher", "Maker", "--source-date",
              "2025-01-02", "--source-url", "https://example.org/list")  # fmt: skip
KERNEL = "#include <cuda_runtime.h>\n__global__ void add(float *a) { a[threadIdx.x] += 1; }\n"


def nothing(place: Path) -> None:
    """A command that needs no file."""


def own_facts(place: Path) -> None:
    """A fact directory of the user's own."""
    for name, text in OWN_FACTS.items():
        path = place / "facts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def prices(place: Path) -> None:
    """Prices of a security and a market, 700 days."""
    first = date(2023, 1, 2)
    for name, step in (("AAA", 1.0013), ("SPY", 1.0005)):
        rows = (f"{first + timedelta(days=day)},{100 * step ** day * (1 + 0.01 * (day * 7 % 11)):.4f}"
                for day in range(700))  # fmt: skip
        (place / f"{name}.csv").write_text("Date,Close\n" + "\n".join(rows) + "\n")


def code(place: Path) -> None:
    """A code base of 60 files."""
    (place / "code").mkdir()
    for number in range(60):
        (place / "code" / f"kernel{number}.cu").write_text(KERNEL * 20)


def own_study(place: Path) -> None:
    """The starter of a study."""
    (place / "mine.yaml").write_bytes(STUDIES.with_name("starter.yaml").read_bytes())


def facts_there(place: Path) -> int:
    """Rents that stand in the user's facts."""
    return (place / "facts" / "chip" / "own.yaml").read_text().count("USD/hour")


def loads_there(place: Path) -> int:
    """Loads in the price store."""
    return len(list((place / "store" / "prices").glob("*.parquet")))


@dataclass(frozen=True)
class Command:
    """A command, and what it stands on.

    ``first`` is run before it. ``second`` is what a second process runs at the same time, where that is another thing,
    and ``both`` then counts what is there. ``adds``: it adds a file each time that it runs, named after the day.
    """

    said: tuple[str, ...]
    prepare: Callable[[Path], None] = nothing
    first: str = ""
    facts: str = ""
    second: tuple[str, ...] = ()
    both: Callable[[Path], int] | None = None
    adds: bool = False

    def words(self, turn: int) -> tuple[str, ...]:
        """The words of the first or second of two processes."""
        return self.second if turn and self.second else self.said


COMMANDS = {
    "sweep, in parts": Command((*SWEEP, "--workers", "2", "--out", "grid.parquet", *AS_OF), first=PARTS),
    "sweep, one file": Command((*SWEEP, "--out", "grid.parquet", *AS_OF)),
    "study --out": Command(("study", "deepseek-shock", "--out", "reports", *AS_OF)),
    "study --pdf": Command(("study", "mine.yaml", "--pdf", "--lang", "en", "--out", "reports", *AS_OF), own_study),
    "ledger --out": Command(("ledger", "--out", "pages", *AS_OF)),
    "study new": Command(("study", "new", "mine.yaml")),
    "facts add": Command((*FACT, "--value", "2", "--source", "sheet"), own_facts, facts="facts",
                         second=(*FACT, "--value", "3", "--source", "sheet", "--provider", "two"), both=facts_there),
    "facts add, new source": Command((*FACT, "--value", "2", *NEW_SOURCE), own_facts, facts="facts",
                         second=(*FACT, "--value", "3", "--source", "sheet", "--provider", "two"), both=facts_there),
    "facts refresh": Command(("facts", "refresh", "prices", "--file", "."), prices, both=loads_there, adds=True),
    "event --picture": Command(("event", "AAA", "2024-06-03", "--prices", ".", "--picture", "car.svg"), prices),
    "scan --html": Command(("scan", "code", "--html", "code.html", *AS_OF), code),
    "plan train --picture": Command(("plan", "train", "llama-3.1-8b", "--chip", "h100-sxm", "--count", "64",
                                     "--picture", "plans.svg", *AS_OF)),
    "plan serve --picture": Command(("plan", "serve", "llama-3.1-8b", "--chip", "h100-sxm", "--input", "1000",
                                     "--output", "200", "--picture", "frontier.svg", *AS_OF)),
}  # fmt: skip
