"""Files are whole or absent, keep their permissions, and leave nothing behind; one process at a time holds a place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from waterline.core import files
from waterline.core.errors import InputError
from waterline.core.files import cache_directory, caches_are_frozen, held, read_cache, write_atomically, write_cache


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "made" / "file"
    write_atomically(path, b"first")
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    path.chmod(0o640)
    write_atomically(path, b"second", durable=False)
    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == ["file"]


def test_what_cannot_be_written_is_named_and_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(InputError, match=r"cannot write .*file/below: (Not a directory|File exists)"):
        write_atomically(path / "below", b"new")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot write .*file: No space left on device"):
        write_atomically(path, b"new")
    write_atomically(tmp_path / "other", b"new", durable=False)
    assert path.read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["file", "other"]


def test_caches_stand_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATERLINE_CACHE", str(tmp_path / "own"))
    assert cache_directory() == tmp_path / "own"
    assert read_cache("x") is None
    write_cache("x", b"1")
    assert read_cache("x") == b"1"
    monkeypatch.delenv("WATERLINE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path / "xdg" / "waterline"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_directory() == tmp_path / ".cache" / "waterline"


def test_frozen_caches_are_read_and_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATERLINE_CACHE", str(tmp_path))
    monkeypatch.setattr(files, "_frozen", False)
    write_cache("x", b"1")
    assert not caches_are_frozen()
    files.freeze_caches()
    assert caches_are_frozen()
    write_cache("x", b"2")
    assert read_cache("x") == b"1"


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("WATERLINE_CACHE", str(tmp_path / "file"))
    write_cache("x", b"1")
    assert read_cache("x") is None


HOLD = """
import sys, time
from pathlib import Path
from waterline.core.files import held
with held(Path(sys.argv[1]), wait=True):
    print("held", flush=True)
    time.sleep(0.3)
    (Path(sys.argv[1]) / "done").touch()
"""


def test_a_second_process_waits_or_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "new"
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(InputError, match="another process is writing to"), held(place, wait=False):
        pass
    with held(place, wait=True):
        assert (place / "done").exists()
    assert other.wait() == 0
    with held(place, wait=False):
        pass
    with held(tmp_path / "made" / "here", wait=False):
        assert (tmp_path / "made" / "here").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"), held(tmp_path / "file", wait=False):
        pass
