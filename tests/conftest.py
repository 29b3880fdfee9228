"""What every test shares: caches of its own, and no network."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
import pytest_socket

# Nothing is timed: a busy machine is no failure
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep caches of the test run apart from the user's."""
    patch = pytest.MonkeyPatch()
    patch.setenv("WATERLINE_CACHE", str(tmp_path_factory.mktemp("cache")))
    patch.delenv("WATERLINE_DEBUG", raising=False)
    patch.delenv("WATERLINE_FACTS", raising=False)
    yield
    patch.undo()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse the network; a browser and its driver speak over the loopback address."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)
