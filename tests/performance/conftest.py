from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from waterline.facts.store import FactBase
from waterline.performance.chip import Chip, Machine, machine_of
from waterline.performance.constants import Constants, default_constants
from waterline.performance.known import chips_by_name, models_by_name
from waterline.performance.model import Model
from waterline.performance.software import Software, software_of
from waterline.performance.training.plan import Plans

SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="session")
def constants() -> Constants:
    return default_constants()


@pytest.fixture(scope="session")
def chip() -> Chip:
    """The data sheet of an H100 SXM."""
    return Chip(
        name="h100-sxm",
        vendor="nvda",
        released="2022-03",
        bf16_flops=989.4e12,
        fp16_flops=989.4e12,
        fp8_flops=1978.9e12,
        mem_capacity=80e9,
        mem_bw=3.35e12,
        scale_up_bw_bidir=900e9,
        scale_up_domain=8,
        scale_out_bw=50e9,
        tdp=700,
    )


@pytest.fixture(scope="session")
def software(constants: Constants) -> Software:
    return software_of("Megatron-Core", "2025-06", constants)


@pytest.fixture(scope="session")
def machine(chip: Chip, software: Software, constants: Constants) -> Machine:
    return machine_of(chip, "bf16", software, constants)


@pytest.fixture(scope="session")
def llama() -> Model:
    """Llama 3 70B."""
    return Model(
        name="Llama-3-70B",
        parameters=70.55e9,
        layers=80,
        hidden=8192,
        ffn_hidden=28672,
        heads=64,
        kv_heads=8,
        head_dim=128,
        vocab=128256,
        attention="GQA",
    )


@pytest.fixture(scope="session")
def deepseek() -> Model:
    """DeepSeek-V3."""
    return Model(
        name="DeepSeek-V3",
        parameters=671e9,
        active_parameters=37e9,
        layers=61,
        hidden=7168,
        ffn_hidden=18432,
        heads=128,
        kv_heads=128,
        head_dim=192,
        vocab=129280,
        experts=256,
        experts_per_token=8,
        shared_experts=1,
        moe_ffn_hidden=2048,
        attention="MLA",
    )


@pytest.fixture(scope="session")
def shipped() -> tuple[dict[str, Chip], dict[str, Model]]:
    """Chips and models of the shipped fact base, by name."""
    facts = FactBase.load()
    known = facts.as_of(facts.known_to)
    return chips_by_name(known), models_by_name(known)


@pytest.fixture(scope="session")
def published_rows() -> Path:
    path = SHARED / "validation" / "training_runs.csv"
    if not path.exists():
        pytest.skip("needs the published rows in ../shared")
    return path


@pytest.fixture
def one_plan() -> Plans:
    """TP 4, PP 4, 2 replicas, micro-batch 1, distributed optimiser: 32 chips."""
    fields = {
        "tp": 4,
        "pp": 4,
        "vp": 5,
        "cp": 1,
        "ep": 1,
        "dp": 2,
        "micro_batch": 1,
        "recompute": 0,
        "share": 0,
        "zero": 1,
        "shard": 2,
        "bubble": 1,
    }
    return Plans(**{name: np.array([float(value)]) for name, value in fields.items()})
