"""Practice: a training software in numbers, as the constants and its capabilities make them."""

from __future__ import annotations

from dataclasses import dataclass

from waterline.performance.constants import Constants
from waterline.performance.software import Software


@dataclass(frozen=True)
class Practice:
    """A software in numbers: what the constants make of its capabilities. Floats, or arrays after `stack`.

    `…_exposed` is the share of a communication that stays visible however much compute there is to hide it;
    `…_hides` is 1 where compute hides the rest; `expert_alone` is the exposed share of expert exchange without
    another micro-batch to hide behind, `exchange_gain` the network rate of its kernels over other collectives'.
    `traffic` multiplies the bytes of element-wise kernels. `selective_modules` is 1 where selective recomputation
    means named modules (norms, activation functions, latent up-projections, unfused attention cores:
    `selective_attention`), 0 where it keeps a share `selective_keeps` of all activations.
    `selective_share` is the share of the forward pass that it repeats. `fragmentation` multiplies allocated memory,
    `reserve` is bytes of driver and buffers. `loss_moves` and `loss_holds` are bytes per logit that the loss reads
    and writes, forward and backward, and that it keeps. `step_overhead` is in seconds, `jitter` per doubling of the
    number of scale-up domains.
    """

    tensor_exposed: float
    data_exposed: float
    data_hides: float
    pipeline_exposed: float
    expert_exposed: float
    expert_alone: float
    traffic: float
    flash: float
    sequence_parallel: float
    expert_hides: float
    node_dispatch: float
    exchange_gain: float
    grouped_experts: float
    grouped_fraction: float
    expert_moves: float
    mixer_moves: float
    synchronised: float
    selective_modules: float
    selective_attention: float
    selective_share: float
    selective_keeps: float
    step_overhead: float
    jitter: float
    distributed_optimizer: float
    gradient_bytes: float
    sharded_parameters: float
    state_bytes: float
    owner_broadcast: float
    loss_moves: float
    loss_holds: float
    fragmentation: float
    reserve: float


def practice_of(software: Software, constants: Constants) -> Practice:
    """The numbers of a software: overlap residues, memory traffic, recomputation habits, fixed costs."""
    engine = software.engine

    def exposed(capability: float, name: str) -> float:
        return constants.of(name, engine) if capability else 1.0

    return Practice(
        tensor_exposed=exposed(software.tensor_overlap, "tensor_residue"),
        data_exposed=exposed(software.data_overlap, "data_residue"),
        data_hides=software.data_overlap,
        pipeline_exposed=exposed(software.pipeline_overlap, "pipeline_residue"),
        expert_exposed=constants.of("expert_residue", engine),
        expert_alone=constants.of("fused_exchange", engine) if software.fused_routing else 1.0,
        expert_hides=software.expert_overlap,
        node_dispatch=software.node_dispatch,
        exchange_gain=constants["exchange_fraction"] / constants["network_fraction"] if software.node_dispatch else 1.0,
        traffic=1.0 if software.fused else constants["unfused_traffic"],
        flash=software.flash,
        sequence_parallel=software.sequence_parallel,
        grouped_experts=software.grouped_experts,
        grouped_fraction=constants.of(
            "fused_grouped_fraction" if software.fused_routing else "grouped_fraction", engine
        ),
        expert_moves=constants.of("expert_moves", engine) * _immaturity(software, constants),
        mixer_moves=constants["mixer_moves"],
        synchronised=0.0 if software.sync_free else constants["synchronised"],
        selective_modules=constants.of("selective_modules", engine),
        selective_attention=0.0 if software.flash else constants.of("selective_modules", engine),
        selective_share=constants.of("selective_share", engine),
        selective_keeps=constants.of("selective_keeps", engine),
        step_overhead=constants.of("step_overhead", engine),
        jitter=constants.of("jitter", engine),
        distributed_optimizer=software.distributed_optimizer,
        gradient_bytes=constants["half_gradient_bytes" if software.half_gradients else "gradient_bytes"],
        sharded_parameters=constants["half_parameter_bytes" if software.half_states else "sharded_parameters"],
        owner_broadcast=software.owner_broadcast,
        loss_moves=constants["fused_loss_moves"] if software.fused_loss else constants.of("loss_moves", engine),
        loss_holds=constants["fused_loss_holds" if software.fused_loss else "loss_holds"],
        fragmentation=constants.of("fragmentation", engine),
        reserve=constants.of("memory_reserve", engine),
        state_bytes=constants["half_state_bytes" if software.half_states else "state_bytes"],
    )


def _immaturity(software: Software, constants: Constants) -> float:
    """Routing kernels of a release before the fused ones: more memory traffic the further back it is."""
    if software.fused_routing:
        return 1.0
    early = min(max(constants["expert_fusion_year"] - software.year, 0.0), constants["expert_fusion_span"])
    return float(constants.of("expert_maturing", software.engine) ** early)
