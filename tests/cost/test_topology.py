"""Counting: published switch and link counts to the digit, and what no topology can wire."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import waterline as wl
from waterline.core.errors import InputError
from waterline.cost.topology import fat_tree, torus

ONE = np.ones(1)

# Accelerators and switches of the H100 cluster cost sheet (August 2024): 64-port switches, eight rails kept apart.
SHEET = [
    (512, 8),
    (1024, 48),
    (2048, 96),
    (4096, 192),
    (8192, 384),
    (16384, 768),
    (32768, 2560),
    (65536, 5120),
    (524288, 40960),
]


# Accelerators; leaf, spine and core switches; links: DGX SuperPOD reference architecture for B200, 64-port switches.
SUPERPOD = [
    (512, 16, 8, 0, 2 * 512),
    (1024, 32, 16, 0, 2 * 1024),
    (2048, 64, 32, 0, 2 * 2048),
    (4096, 128, 128, 64, 3 * 4096),
    (8192, 256, 256, 128, 3 * 8192),
    (16384, 512, 512, 256, 3 * 16384),
]


def tree(endpoints: float, ports: float = 64, oversubscription: float = 1, planes: float = 1) -> tuple[float, ...]:
    found = fat_tree(endpoints * ONE, ports * ONE, oversubscription * ONE, planes * ONE)
    return tuple(float(part[0]) for part in (found.leaves, found.spines, found.cores, found.links))


@pytest.mark.parametrize(("chips", "switches"), SHEET)
def test_switches_of_the_cost_sheet(chips: int, switches: int) -> None:
    leaves, spines, cores, _ = tree(chips, planes=8)
    assert leaves + spines + cores == switches


@pytest.mark.parametrize("row", SUPERPOD)
def test_switches_and_cables_of_dgx_superpods(row: tuple[int, ...]) -> None:
    assert tree(row[0]) == row[1:]


def test_dgx_superpod_of_four_units() -> None:
    # 127 nodes: 32 leaf and 16 spine switches.
    assert tree(127 * 8)[:3] == (32, 16, 0)


def test_three_tiers_have_three_links_for_each_endpoint() -> None:
    assert tree(32768)[3] == 3 * 32768
    assert tree(2048)[3] == 2 * 2048
    assert tree(64) == (1, 0, 0, 64)


def test_a_thinned_top_tier_has_fewer_switches() -> None:
    assert tree(24576, oversubscription=7)[:3] == (768, 768, np.ceil(768 / 14))


def test_too_many_endpoints_are_refused() -> None:
    with pytest.raises(InputError, match="65,536"):
        tree(65537)


def test_a_single_sample_beyond_three_tiers_is_wired_as_trees_side_by_side() -> None:
    found = fat_tree(np.array([64.0, 64.0, 200_000.0]), 64 * ONE, ONE, 2 * ONE)
    # two planes of two trees, each of 50,000 endpoints on 1,563 leaves with 32 links up, as many again from the spines
    assert (found.leaves[2], found.links[2]) == (4 * 1563, 4 * (50_000 + 2 * 1563 * 32))


@given(st.integers(1, 65536), st.sampled_from([32, 64, 128]))
def test_tiers_have_ports_for_all_their_links(endpoints: int, ports: int) -> None:
    if endpoints > ports**3 / 4:
        return
    leaves, spines, cores, links = tree(endpoints, ports)
    assert leaves * ports >= endpoints
    assert 2 * links <= endpoints + (leaves + spines + cores) * ports
    assert links >= endpoints


def test_tpu_v4_pod_has_48_optical_switches() -> None:
    pod = torus(4096 * ONE, 4096 * ONE, 4 * ONE, 3 * ONE, 136 * ONE)
    assert pod.optical_switches[0] == 48
    assert pod.optical_links[0] == 64 * 96 / 2
    assert pod.optical_links[0] + pod.electrical_links[0] == 3 * 4096


def test_a_pod_of_more_cubes_than_a_switch_joins_has_switches_side_by_side() -> None:
    pods = torus(2 * 8960 * ONE, 8960 * ONE, 4 * ONE, 3 * ONE, 136 * ONE)
    assert pods.optical_switches[0] == 2 * 48 * 3  # 140 cubes take 280 ports of 136


def test_a_pod_of_one_cube_closes_its_rings_in_copper() -> None:
    server = torus(64 * ONE, 64 * ONE, 4 * ONE, 3 * ONE, 136 * ONE)
    assert (server.electrical_links[0], server.optical_links[0], server.optical_switches[0]) == (192, 0, 0)


def test_a_count_beyond_the_switch_is_refused_at_the_door() -> None:
    answer = wl.ask("cluster_capital_cost", chip="h100-sxm", count=100000, switch="quantum-2")
    with pytest.raises(InputError, match="more than three tiers of switches with 64 ports"):
        _ = answer.summary
