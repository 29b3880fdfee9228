"""Chips and models as the engine takes them, from the fact base."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from waterline.core.distribution import points
from waterline.core.errors import InputError, MissingFactError
from waterline.core.units import conversion_factor
from waterline.facts.record import Entity
from waterline.facts.store import KnownFacts
from waterline.performance.chip import Chip
from waterline.performance.model import Model

CHIP_UNITS = {
    "bf16_flops": "FLOP/s", "fp16_flops": "FLOP/s", "tf32_flops": "FLOP/s", "fp8_flops": "FLOP/s",
    "fp4_flops": "FLOP/s", "int8_ops": "FLOP/s", "mem_capacity": "byte", "mem_bw": "byte/s",
    "scale_up_bw_bidir": "byte/s", "scale_up_domain": "count", "scale_out_bw": "byte/s", "tdp": "W",
}  # fmt: skip
MODEL_UNITS = {
    **dict.fromkeys(
        (
            "parameters", "active_parameters", "layers", "dense_layers", "hidden", "ffn_hidden", "heads", "kv_heads",
            "head_dim", "vocab", "experts", "experts_per_token", "shared_experts", "moe_ffn_hidden",
            "mla_q_lora_rank", "mla_kv_lora_rank", "mla_qk_rope_dim", "mla_qk_nope_dim", "mla_v_head_dim",
            "mtp_layers", "released_bits",
        ),
        "count",
    ),
    "sliding_window": "token",
    "max_context": "token",
}  # fmt: skip


def known_chip(known: KnownFacts, name: str) -> Chip:
    """The chip of that id or alias; medians where sources give a range.

    Raises InputError for an unknown chip, MissingFactError when its memory or matrix rate is not known.
    """
    entity = known.facts.entity(name, "chip")
    values: dict[str, Any] = {
        attribute: _number(known, entity, attribute, unit) for attribute, unit in CHIP_UNITS.items()
    }
    capacity, bandwidth = values.pop("mem_capacity"), values.pop("mem_bw")
    if capacity is None or bandwidth is None or not (values["bf16_flops"] or values["fp16_flops"]):
        raise MissingFactError(f"too little is known about {entity.id}: the engine needs its matrix rate and memory")
    return Chip(
        name=entity.id,
        vendor=known.reference(entity.id, "vendor") or "unknown",
        released=_released(known, entity),
        mem_capacity=capacity,
        mem_bw=bandwidth,
        **values,
    )


def known_model(known: KnownFacts, name: str) -> Model:
    """The model of that id or alias, with whatever of its architecture is known."""
    entity = known.facts.entity(name, "model")
    numbers: dict[str, Any] = {
        attribute: _number(known, entity, attribute, unit) for attribute, unit in MODEL_UNITS.items()
    }
    tied = known.reference(entity.id, "tied_embeddings")
    return Model(
        name=entity.name,
        attention=known.reference(entity.id, "attention"),
        tied_embeddings=None if tied is None else tied == "yes",
        **numbers,
    )


def chips_by_name(known: KnownFacts) -> dict[str, Chip]:
    """Every chip that the engine can run, by id, name and aliases."""
    found: dict[str, Chip] = {}
    for entity in _of_kind(known, "chip"):
        try:
            chip = known_chip(known, entity.id)
        except InputError:
            continue  # asked for by name it is refused with a reason; a table of all chips leaves it out
        for name in (entity.id, entity.name, *entity.aliases):
            found.setdefault(name, chip)
    return found


def models_by_name(known: KnownFacts) -> dict[str, Model]:
    """Every model, by name."""
    return {entity.name: known_model(known, entity.id) for entity in _of_kind(known, "model")}


def _of_kind(known: KnownFacts, kind: str) -> Iterator[Entity]:
    return (entity for entity in known.facts.entities.values() if kind in entity.kinds)


def _number(known: KnownFacts, entity: Entity, attribute: str, unit: str) -> float | None:
    leaf = known.stated(entity.id, attribute, None)
    if leaf is None:
        return None
    return points(leaf.distribution)[1] * conversion_factor(leaf.unit, unit)


def _released(known: KnownFacts, entity: Entity) -> str:
    """Announcement before availability: families are told apart by when a design was shown."""
    for attribute in ("announced", "released"):
        day = known.reference(entity.id, attribute)
        if day is not None:
            return day[:7]
    raise MissingFactError(f"it is not known when {entity.id} was announced")
