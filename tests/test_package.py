"""What is handed out: a wheel with everything in it, the same bytes each time; and the page of its dependencies."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from docs.test_docs import script

ROOT = Path(__file__).resolve().parents[1]


def built(directory: Path) -> Path:
    """A wheel of the tree as it stands."""
    from hatchling.builders.wheel import WheelBuilder

    return Path(next(WheelBuilder(str(ROOT)).build(directory=str(directory), versions=["standard"])))


def test_the_wheel_holds_every_file_and_is_the_same_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    first, second = built(tmp_path / "first"), built(tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()
    packed = set(zipfile.ZipFile(first).namelist())
    files = {
        str(path.relative_to(ROOT / "src")) for path in (ROOT / "src" / "waterline").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }  # fmt: skip
    assert files <= packed
    assert "waterline/py.typed" in packed
    assert any(name.endswith("licenses/LICENSE") for name in packed)
    outside = {name for name in packed - files if ".dist-info/" not in name}
    assert not outside


@pytest.fixture(scope="module")
def dependencies() -> ModuleType:
    return script("dependencies")


def test_the_page_of_dependencies_lists_each_under_what_brings_it(dependencies: ModuleType) -> None:
    text = dependencies.PAGE.read_text("utf-8")
    listed = {extra: sorted(names) for extra, names in dependencies.listed(text).items()}
    assert listed == {extra: sorted(names) for extra, names in dependencies.declared().items()}


def test_licences_and_sizes_are_those_of_what_is_installed(dependencies: ModuleType) -> None:
    text = dependencies.PAGE.read_text("utf-8")
    for row in dependencies.ROW.finditer(text):
        licence, megabytes = (cell.strip() for cell in row[0].split("|")[-3:-1])
        assert licence == dependencies.licence(row["name"]), f"{row['name']}: run python docs/dependencies.py"
        size = dependencies.megabytes(row["name"])
        stated = 0.5 if megabytes == "< 1" else float(megabytes)
        assert size / 3 - 1 < stated < size * 3 + 1, row["name"]  # another system's files differ
