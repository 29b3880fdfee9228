from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waterline.core.errors import InputError
from waterline.performance.constants import Constants, default_constants
from waterline.performance.model import Model, active_parameters, count_parameters, model_flops_per_token
from waterline.performance.shapes import attention_mix, shape_of


def test_parameters_of_published_models(llama: Model, deepseek: Model, constants: Constants) -> None:
    assert float(count_parameters(shape_of(llama, constants)).total) == pytest.approx(70.55e9, rel=0.002)
    shape = shape_of(deepseek, constants)
    assert float(count_parameters(shape).total) == pytest.approx(671e9, rel=0.002)
    # 37B active with the embedding look-up, which multiplies nothing, left out
    assert float(active_parameters(shape)) == pytest.approx(37e9 - 129280 * 7168, rel=0.02)


def test_the_total_settles_gates_and_dense_layers(llama: Model, deepseek: Model, constants: Constants) -> None:
    assert shape_of(llama, constants).gates == 2.0
    gpt = Model(parameters=174.6e9, layers=96, hidden=12288, ffn_hidden=49152, heads=96, vocab=51200)
    assert shape_of(gpt, constants).gates == 1.0
    assert shape_of(deepseek, constants).dense_layers == 3.0


def test_flops_are_six_per_active_weight_and_attention(llama: Model, constants: Constants) -> None:
    shape = shape_of(llama, constants)
    attention = 12 * 80 * 8192 * 8192 / 2  # 12 × layers × width × sequence, halved by the causal mask
    expected = 6 * float(active_parameters(shape)) + attention
    assert float(model_flops_per_token(shape, np.asarray(8192.0))) == pytest.approx(expected)


def test_layer_mixes_are_read_from_descriptions() -> None:
    assert attention_mix("gqa, swa1024 5:1", 60, 1024) == (60, 50)
    assert attention_mix("gqa, swa128 alternate", 36, 128) == (36, 18)
    assert attention_mix("lightning linear 7:1 gqa", 80, None) == (10, 0)
    assert attention_mix("linear 0:0", 8, None) == attention_mix("linear " + "9" * 400 + ":1", 8, None) == (1, 0)


@settings(max_examples=60, deadline=None)
@given(total=st.floats(1e8, 5e12), share=st.floats(0.03, 1.0))
def test_a_model_known_by_size_alone_has_that_size(total: float, share: float) -> None:
    shape = shape_of(Model(parameters=total, active_parameters=total * share), default_constants())
    count = count_parameters(shape)
    without_ends = float(count.total) - float(count.embedding) - float(count.logits)
    assert without_ends == pytest.approx(total, rel=0.35)


def test_windows_and_sparsity_never_add_work(llama: Model, constants: Constants) -> None:
    sequence = np.asarray(32768.0)
    full = float(model_flops_per_token(shape_of(llama, constants), sequence))
    windowed = replace(llama, attention="GQA, SWA1024 5:1", sliding_window=1024)
    assert float(model_flops_per_token(shape_of(windowed, constants), sequence)) < full


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Model(name="mystery"), "mystery: neither an architecture nor a number of parameters"),
        (Model(name="m", parameters=-1), "parameters must be a positive number"),
        (Model(name="m", parameters=1e9, active_parameters=2e9), "more active parameters than parameters"),
    ],
)
def test_impossible_models_are_refused(model: Model, said: str, constants: Constants) -> None:
    with pytest.raises(InputError, match=said):
        shape_of(model, constants)
