"""The shape of the code: imports point downward, every quantity checks out and is documented."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from waterline.core.dimensions import run_with_units
from waterline.questions.catalogue import shipped_catalogue

ROOT = Path(__file__).parents[1]


def test_imports_point_downward_only() -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize("name", sorted(shipped_catalogue()))
def test_formula_gives_the_unit_it_declares(name: str) -> None:
    found = shipped_catalogue()[name]
    if not found.opaque:
        run_with_units(found)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from waterline.cli.main import main; main([]); "
        "print(sorted({'numpy', 'scipy', 'pint', 'yaml', 'msgspec', 'jinja2', 'rich', 'babel'} & set(sys.modules)))"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip().endswith("[]")
