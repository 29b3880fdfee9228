"""What design choices save: the right sign, nothing where a model does not make them."""

from __future__ import annotations

import pytest

import waterline as wl
from waterline.performance.constants import Constants
from waterline.performance.model import Model, count_parameters
from waterline.performance.shapes import shape_of
from waterline.performance.training.design_choices import made_dense, with_grouped_attention

CHOICES = ("fp8", "latent_attention", "experts", "dualpipe")


@pytest.fixture(scope="module")
def saved() -> dict[str, float]:
    return {
        choice: wl.ask(f"gpu_hours_saved_by_{choice}", model="deepseek-v3", chip="h800", samples=64).summary.median
        for choice in CHOICES
    }


def test_experts_save_most_and_latent_attention_costs(saved: dict[str, float]) -> None:
    assert saved["experts"] > saved["fp8"] > 0
    assert saved["dualpipe"] > 0
    assert saved["latent_attention"] < 0


def test_a_model_that_does_not_choose_saves_nothing() -> None:
    for choice in ("fp8", "latent_attention", "experts"):
        assert wl.ask(f"gpu_hours_saved_by_{choice}", model="llama-3.1-405b", samples=64).summary.median == 0


def test_the_dense_twin_has_as_many_parameters(deepseek: Model, llama: Model, constants: Constants) -> None:
    twin = made_dense(deepseek)
    both = [float(count_parameters(shape_of(model, constants)).total) for model in (deepseek, twin)]
    assert both[0] == pytest.approx(both[1], rel=0.03)
    assert with_grouped_attention(deepseek).attention == "GQA"
    assert made_dense(llama) is llama
    assert with_grouped_attention(llama) is llama
