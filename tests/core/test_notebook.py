"""Answers show themselves in a notebook, and hand their samples on."""

from __future__ import annotations

import builtins
from datetime import date
from typing import Any

import numpy as np
import pytest

import waterline as wl

AS_OF = date(2026, 11, 24)


@pytest.fixture(scope="module")
def cost() -> wl.Answer:
    return wl.ask("market_cost", model="deepseek-v3", chip="h800", as_of=AS_OF)


def test_an_answer_shows_value_range_picture_and_grounds(cost: wl.Answer) -> None:
    shown = cost._repr_html_()
    assert f"{cost.summary.median:.4g} USD" in shown
    assert "<div>What making the model cost" in shown
    assert "<svg" in shown
    assert "<script" not in shown
    assert "assumption" in shown
    assert "market_cost" in str(cost.__rich__())


def test_a_certain_answer_has_no_picture() -> None:
    assert "<svg" not in wl.ask("rental_cost", model="deepseek-v3", chip="h800", as_of=AS_OF)._repr_html_()


def test_the_tree_shows_itself_and_stays_plain_data(cost: wl.Answer) -> None:
    tree = cost.explain(depth=1)
    assert tree == wl.explain("market_cost", model="deepseek-v3", chip="h800", as_of=AS_OF, depth=1)
    assert tree["name"] == "market_cost"
    assert repr(tree).startswith("market_cost = ")
    assert tree._repr_html_().count("<li>") == len(tree["inputs"])


def test_a_frame_holds_the_samples_of_the_answer_and_its_leaves(cost: wl.Answer) -> None:
    pytest.importorskip("pandas")
    frame = cost.to_frame()
    assert np.array_equal(frame["market_cost"], cost.samples)
    assert len(frame.columns) > 2
    assert frame.attrs["units"]["market_cost"] == "USD"


def test_without_pandas_it_is_said_what_to_install(cost: wl.Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def bare(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", bare)
    with pytest.raises(wl.InputError, match="pip install pandas"):
        cost.to_frame()
