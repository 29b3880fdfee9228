"""The shelf of a server: what several readers ask for at once is made once, and what fails is not kept."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("starlette")

from waterline.core.errors import InputError
from waterline.web.living import Shelf


def test_what_many_ask_for_at_once_is_made_once() -> None:
    shelf, made, start = Shelf(4), [], threading.Barrier(8)

    def make() -> str:
        time.sleep(0.02)
        made.append(threading.get_ident())
        return "page"

    def ask() -> str:
        start.wait()
        return shelf.get("key", make)

    with ThreadPoolExecutor(8) as readers:
        found = [reader.result() for reader in [readers.submit(ask) for _ in range(8)]]
    assert found == ["page"] * 8
    assert len(made) == 1


def test_a_failure_is_not_kept_and_the_oldest_goes_first() -> None:
    shelf = Shelf(2)

    def fail() -> str:
        raise InputError("no such study")

    with pytest.raises(InputError):
        shelf.get("a", fail)
    assert shelf.get("a", lambda: "first") == "first"
    shelf.get("b", lambda: "second")
    assert shelf.get("a", lambda: "anew") == "first"
    shelf.get("c", lambda: "third")
    assert shelf.get("b", lambda: "anew") == "anew"
