"""Porting effort: the equations, and what must hold whatever the counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

import waterline as wl
from waterline.moat import touchpoint_effort

COUNTS = [
    "direct_uses", "changed_uses", "unsupported_uses", "unknown_uses", "assembly_uses", "tensor_core_uses",
    "template_uses", "hardware_uses", "kernels", "device_lines", "python_weight", "build_uses",
]  # fmt: skip


def test_the_share_that_a_tool_converts_is_anchored_to_the_published_port():
    found = wl.ask("converted_share", samples=4096)
    assert found.summary.mean == pytest.approx(688 / 907, abs=0.002)
    expected = beta(688 * 0.02, 219 * 0.02).ppf([0.05, 0.95])
    assert [found.summary.p05, found.summary.p95] == pytest.approx(list(expected), rel=0.01)


def test_repeats_cost_a_small_part_of_the_first_use():
    one = touchpoint_effort.unsupported_porting_hours(
        np.array([10.0]), np.array([0.0]), np.array([0.05]), np.array([4.0])
    )
    again = touchpoint_effort.unsupported_porting_hours(
        np.array([10.0]), np.array([100.0]), np.array([0.05]), np.array([4.0])
    )
    assert (float(one[0]), float(again[0])) == (40.0, 60.0)


def test_kinds_of_user_rank_as_they_are_defined_and_the_interval_spans_an_order_of_magnitude():
    kinds = ["framework-application", "custom-kernels", "library-vendor"]
    found = wl.compare("porting_effort", "code", kinds, samples=1024)
    assert [answer.summary.median for answer in found.answers] == sorted(a.summary.median for a in found.answers)
    assert all(chance > 0.95 for chance in found.chances_above[1:])
    assert all(answer.summary.p95 / answer.summary.p05 > 8 for answer in found.answers)


@given(st.sampled_from(COUNTS), st.floats(0, 1e4), st.floats(1, 1e4))
def test_no_count_lowers_the_effort(name, low, more):
    def asked(value):
        return wl.ask("porting_effort", samples=16, set={name: str(value)}).samples

    assert np.all(asked(low + more) >= asked(low) * (1 - 1e-12))


def test_the_published_port_left_out_is_predicted_from_its_counts_and_judged_hours_alone():
    """Its own lines decide the converted share; left out, any share is as likely, and the report is not approached."""
    found = wl.ask("left_out_port_hours", code="caffe", samples=2048)
    moved = wl.ask("left_out_port_hours", code="caffe", samples=2048, set={"caffe-hip.lines_manual": "20000"})
    assert found.summary.median == pytest.approx(moved.summary.median)
    ratio = wl.ask("left_out_port_ratio", code="caffe", samples=2048).summary
    assert ratio.median == pytest.approx(found.summary.median / 40)
    assert ratio.p05 > 1  # the report says less than the model's 90% interval does; docs/explanation/moat.md says why
