"""Kernels: matrix products by tiles and waves, attention, and kernels bound by memory."""

from __future__ import annotations

from functools import partial

import numpy as np

from waterline.performance.chip import Machine
from waterline.performance.table import Array

HALF, SINGLE = 2.0, 4.0  # bytes of an element at 16 and at 32 bits


def matmul_time(
    machine: Machine,
    rows: Array,
    depth: Array,
    columns: Array,
    *,
    rate: Array,
    element_bytes: Array,
    output_bytes: float,
    count: Array,
) -> Array:
    """Seconds for `count` products of (rows × depth) by (depth × columns), run as one group.

    The output is cut into tiles; a compute unit works through `depth` for one tile at rate/units, after a fixed
    start-up per tile (loading the first operands, writing the result). Tiles come in waves, and the last wave is
    on average half empty. The product cannot be faster than its operands move through memory.
    """
    units = machine.compute_units
    tile = machine.tile_rows * machine.tile_columns
    tiles = count * np.ceil(rows / machine.tile_rows) * np.ceil(columns / machine.tile_columns)
    waves = np.maximum(tiles / units + 0.5, 1.0)
    compute = waves * (2.0 * tile * depth * units / rate + machine.tile_overhead)
    moved = count * ((rows + columns) * depth * element_bytes + rows * columns * output_bytes)
    return np.asarray(np.maximum(compute, moved / machine.memory_rate))


def linear_times(
    machine: Machine,
    rows: Array,
    inputs: Array,
    outputs: Array,
    *,
    rate: Array,
    element_bytes: Array,
    count: Array | float = 1.0,
) -> tuple[Array, Array, Array]:
    """Seconds of the three products of a linear layer: output, input gradient, weight gradient.

    Shapes: (rows × inputs)(inputs × outputs), (rows × outputs)(outputs × inputs), (inputs × rows)(rows × outputs);
    the weight gradient is accumulated in 32 bits.
    """
    group = partial(matmul_time, machine, rate=rate, element_bytes=element_bytes, count=np.asarray(count, dtype=float))
    return (
        group(rows, inputs, outputs, output_bytes=HALF),
        group(rows, outputs, inputs, output_bytes=HALF),
        group(inputs, rows, outputs, output_bytes=SINGLE),
    )


def attention_times(
    machine: Machine,
    queries: Array,
    span: Array,
    *,
    heads: Array,
    query_dim: Array,
    value_dim: Array,
) -> tuple[Array, Array]:
    """Seconds of attention forward and backward for `queries` tokens that each see `span` tokens on average.

    Two products forward, five backward (FlashAttention-2, arXiv 2307.08691, section 3). The exponentials cost as
    much as `softmax_width` columns of the products, which is what makes narrow heads slow.
    """
    work = 2.0 * queries * span * heads * (query_dim + value_dim + machine.softmax_width)
    return (
        np.asarray(work / machine.attention_forward_rate),
        np.asarray(2.5 * work / machine.attention_backward_rate),
    )


def moved_time(machine: Machine, moved_bytes: Array) -> Array:
    """Seconds for a kernel bound by memory to move `moved_bytes`."""
    return np.asarray(moved_bytes / machine.memory_rate)
