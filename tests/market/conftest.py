"""Returns made up for tests, and the reference cases where they are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from waterline.market.event_study.panel import Panel

SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="session")
def references() -> Path:
    folder = SHARED / "validation" / "event_study"
    if not folder.is_dir():
        pytest.skip("needs the reference cases in ../shared")
    return folder


@pytest.fixture(scope="session")
def price_folder() -> Path:
    folder = SHARED / "data" / "prices"
    if not folder.is_dir():
        pytest.skip("needs the price histories in ../shared")
    return folder


def made_up(securities: int = 5, days: int = 120, missing: float = 0.05, seed: int = 1) -> Panel:
    random = np.random.default_rng(seed)
    market = random.normal(0.0005, 0.01, days)
    returns = np.outer(market, random.uniform(0.5, 2, securities)) + random.normal(0, 0.02, (days, securities))
    returns[random.uniform(size=returns.shape) < missing] = np.nan
    dates = np.busday_offset("2024-01-01", np.arange(days), roll="forward")
    return Panel(dates, tuple(f"S{k}" for k in range(securities)), returns, ("MARKET",), market[:, None])
