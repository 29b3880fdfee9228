from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own for scans; the fact base's stays shared, because it is slow to make."""
    place = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("waterline.moat.memory.read_cache", lambda name: _read(place / name))
    monkeypatch.setattr("waterline.moat.memory.write_cache", lambda name, content: (place / name).write_bytes(content))
    return place


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
