"""Tests for securities that share their event day, and so are correlated on it (Kolari & Pynnönen 2010)."""

from __future__ import annotations

import numpy as np

from waterline.market.event_study.abnormal import Abnormal
from waterline.market.event_study.panel import Returns
from waterline.market.event_study.parametric import bmp, patell


def kolari_pynnonen(sample: Abnormal) -> Returns:
    """The BMP statistic with the securities' mean correlation r̄ taken into account.

    t = t_BMP √((1 − r̄) ÷ (1 + (N − 1) r̄))
    """
    return np.asarray(bmp(sample) * np.sqrt((1 - sample.usual.correlation) / _together(sample)))


def adjusted_patell(sample: Abnormal) -> Returns:
    """The Patell statistic with the securities' mean correlation taken into account: z ÷ √(1 + (N − 1) r̄)."""
    return np.asarray(patell(sample) / np.sqrt(_together(sample)))


def _together(sample: Abnormal) -> Returns:
    return np.asarray(1 + (sample.present - 1) * sample.usual.correlation)
