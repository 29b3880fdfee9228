from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from waterline.performance.chip import Machine
from waterline.performance.collectives import exchange_time, gather_time, members_inside, reduce_time
from waterline.performance.kernels import attention_times, matmul_time

ONE = np.asarray(1.0)


@pytest.fixture
def simple(machine: Machine) -> Machine:
    """Four units of 1 TFLOP/s together, 100 × 100 tiles without start-up, slow links, round numbers."""
    return replace(
        machine,
        linear_rate=1e12,
        half_rate=1e12,
        compute_units=4.0,
        tile_rows=100.0,
        tile_columns=100.0,
        tile_overhead=0.0,
        memory_rate=1e12,
        attention_forward_rate=1e12,
        attention_backward_rate=0.5e12,
        softmax_width=0.0,
        link_rate=1e9,
        link_latency=0.0,
        network_rate=1e8,
        network_latency=0.0,
        domain=8.0,
    )


def product(machine: Machine, rows: float, depth: float, columns: float, count: float = 1.0) -> float:
    size = [np.asarray(value) for value in (rows, depth, columns)]
    return float(
        matmul_time(
            machine,
            *size,
            rate=np.asarray(1e12),
            element_bytes=np.asarray(2.0),
            output_bytes=2.0,
            count=np.asarray(count),
        )
    )


def test_full_waves_of_tiles_take_flops_over_rate_and_half_a_wave(simple: Machine) -> None:
    # 400 × 1000: 40 tiles over 4 units are 10 waves, and the last is half empty; 2·400·1e6·1000 FLOP at 1 TFLOP/s
    flops = 2.0 * 400 * 1_000_000 * 1000
    assert product(simple, 400, 1_000_000, 1000) == pytest.approx(flops / 1e12 * 10.5 / 10)


def test_a_tile_that_is_not_full_costs_a_full_one(simple: Machine) -> None:
    assert product(simple, 401, 1e6, 1000) == product(simple, 500, 1e6, 1000)


def test_thin_products_are_bound_by_memory(simple: Machine) -> None:
    # 1 row × 1000 × 1e6 reads its 1e9 weights of two bytes and the row, and writes 1e6 results
    moved = (1 + 1e6) * 1000 * 2 + 1e6 * 2
    slow = replace(simple, memory_rate=1e9)
    assert product(slow, 1, 1000, 1e6) == pytest.approx(moved / 1e9)


def test_attention_backward_is_five_products_at_its_own_rate(simple: Machine) -> None:
    forward, backward = attention_times(
        simple, np.asarray(10.0), np.asarray(100.0), heads=ONE, query_dim=ONE * 64, value_dim=ONE * 64
    )
    assert float(forward) == pytest.approx(2 * 10 * 100 * (64 + 64) / 1e12)
    assert float(backward) == pytest.approx(2.5 * 2 * float(forward))


def test_gather_within_a_domain_moves_all_but_one_share_over_links(simple: Machine) -> None:
    assert float(gather_time(simple, ONE * 8, ONE, ONE * 8e9)) == pytest.approx(7.0)
    assert float(reduce_time(simple, ONE * 8, ONE, ONE * 8e9)) == pytest.approx(14.0)


def test_gather_across_domains_shares_the_network_among_members(simple: Machine) -> None:
    # 16 ranks in 2 domains: half of 8 GB crosses, over the 8 adapters of a domain at 0.1 GB/s each
    assert float(gather_time(simple, ONE * 16, ONE, ONE * 8e9)) == pytest.approx(max(7.0, 4.0 / 0.8))


def test_ranks_a_domain_apart_have_one_member_inside(simple: Machine) -> None:
    assert float(members_inside(simple, ONE * 16, ONE * 8)) == 1.0


def test_a_group_of_one_needs_no_time(simple: Machine) -> None:
    assert float(gather_time(simple, ONE, ONE, ONE * 8e9)) == 0.0
    assert float(exchange_time(simple, ONE, ONE, ONE * 8e9, copies=ONE * 8, deduplicated=1.0)) == 0.0


def test_sending_once_per_node_saves_network_traffic(simple: Machine) -> None:
    apart = float(exchange_time(simple, ONE * 64, ONE, ONE * 1e9, copies=ONE * 8, deduplicated=0.0))
    once = float(exchange_time(simple, ONE * 64, ONE, ONE * 1e9, copies=ONE * 8, deduplicated=1.0))
    reached = 8 * (1 - (7 / 8) ** 8) / 8
    assert once / apart == pytest.approx(reached)
