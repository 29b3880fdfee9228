"""What every test shares: caches of its own, and no network."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
import pytest_socket

hypothesis.settings.register_profile("waterline", deadline=None)  # how long an example takes is no matter of tests
hypothesis.settings.load_profile("waterline")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep caches and stores of the test run apart from the user's."""
    patch = pytest.MonkeyPatch()
    patch.setenv("WATERLINE_CACHE", str(tmp_path_factory.mktemp("cache")))
    patch.setenv("WATERLINE_STORE", str(tmp_path_factory.mktemp("store")))
    patch.delenv("WATERLINE_DEBUG", raising=False)
    patch.delenv("WATERLINE_FACTS", raising=False)
    yield
    patch.undo()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse the network; a browser and its driver speak over the loopback address."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)
