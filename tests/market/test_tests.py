"""Event-study tests: published cases to the digit, and each formula against its definition written out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from market.conftest import made_up
from scipy import stats

from waterline.market.event_study import dependence, nonparametric, parametric
from waterline.market.event_study.abnormal import Abnormal, as_estudy2, textbook
from waterline.market.event_study.battery import TESTS, outcomes, window_outcomes
from waterline.market.event_study.buy_and_hold import buy_and_hold, skewness_adjusted
from waterline.market.event_study.clusters import clustered_mean, two_way_mean
from waterline.market.event_study.models import fit
from waterline.market.event_study.p_values import signed_rank_p_values, students_p_values
from waterline.market.event_study.permutation import day_permutation, window_permutation
from waterline.market.event_study.ranks import ranked
from waterline.market.event_study.sample import around
from waterline.market.event_study.validate import validate_event_study

WINDOWS = (-80, -6), (-2, 3)


@pytest.fixture(scope="module")
def sample() -> Abnormal:
    return textbook(fit(around(made_up(), 100, *WINDOWS)))


def test_every_reference_value_is_reproduced_to_the_digits_printed(references: Path) -> None:
    report = validate_event_study(references)
    wrong = [entry for entry in report["predictions"] if not entry["inside_printed_digits"] and "reason" not in entry]
    assert not wrong
    assert report["covered"] > 1000
    assert report["by_group"]["case=estudy2_covid"]["covered"] == report["by_group"]["case=estudy2_covid"]["rows"]
    assert report["p90_abs_pct_error"] < 1e-4


def test_ranks_are_scipys() -> None:
    values = np.round(np.random.default_rng(1).normal(size=(6, 30)), 1)
    values[values > 1.5] = np.nan
    found = ranked(values)
    assert found.ranks == pytest.approx(stats.rankdata(values, axis=1, nan_policy="omit"), nan_ok=True)
    assert found.medians == pytest.approx(np.nanmedian(values, axis=1))


def test_parametric_statistics_are_their_definitions(sample: Abnormal) -> None:
    day = sample.event[:, 2]
    there = ~np.isnan(day)
    standard, count = sample.standardised[there, 2], there.sum()
    degrees = sample.usual.observations[there] - 2
    assert parametric.cross_sectional(sample)[2] == pytest.approx(stats.ttest_1samp(day[there], 0).statistic)
    assert parametric.patell(sample)[2] == pytest.approx(standard.sum() / np.sqrt((degrees / (degrees - 2)).sum()))
    assert parametric.bmp(sample)[2] == pytest.approx(stats.ttest_1samp(standard, 0).statistic)
    usual = np.nanmean(sample.usual.residuals, axis=0).std(ddof=1)
    assert parametric.brown_warner_1985(sample)[2] == pytest.approx(day[there].sum() / count / usual)


def test_nonparametric_statistics_are_their_definitions(sample: Abnormal) -> None:
    day = sample.event[:, 2][~np.isnan(sample.event[:, 2])]
    positive, count = (day > 0).sum(), len(day)
    usual = np.nanmean(np.where(np.isnan(sample.usual.residuals), np.nan, sample.usual.residuals > 0))
    assert nonparametric.sign(sample)[2] == pytest.approx((positive - count / 2) / np.sqrt(count / 4))
    expected = (positive - count * usual) / np.sqrt(count * usual * (1 - usual))
    assert nonparametric.generalised_sign(sample)[2] == pytest.approx(expected)
    both = np.concatenate([sample.usual.residuals, sample.event], axis=1)
    places = stats.rankdata(both, axis=1, nan_policy="omit")
    score = np.nanmean(places - np.nanmean(places, axis=1, keepdims=True), axis=0)
    spread = np.sqrt((score**2).sum() / (~np.isnan(both)).sum(axis=1).mean())
    assert nonparametric.rank(sample) == pytest.approx(score[-6:] / spread)
    found = stats.wilcoxon(day)
    smaller = min(nonparametric.wilcoxon(sample)[2], count * (count + 1) / 2 - nonparametric.wilcoxon(sample)[2])
    assert smaller == pytest.approx(found.statistic)
    assert outcomes(sample)["wilcoxon"].p_value[2] == pytest.approx(found.pvalue)


def test_kolari_and_pynnonen_reduce_to_bmp_without_correlation_and_shrink_it_with() -> None:
    panel = made_up(securities=8, missing=0.0)
    found = textbook(fit(around(panel, 100, *WINDOWS)))
    pairs = np.corrcoef(found.usual.residuals)
    mean = (pairs.sum() - 8) / (8 * 7)
    assert found.usual.correlation == pytest.approx(mean)
    expected = parametric.bmp(found) * np.sqrt((1 - mean) / (1 + 7 * mean))
    assert dependence.kolari_pynnonen(found) == pytest.approx(expected)
    assert dependence.adjusted_patell(found) == pytest.approx(parametric.patell(found) / np.sqrt(1 + 7 * mean))


def test_permutations_place_the_event_among_other_days(sample: Abnormal) -> None:
    single = textbook(fit(around(made_up(1, missing=0.0), 100, (-80, -6), (0, 0))))
    scaled = np.abs(single.usual.residuals[0] / single.usual.residuals[0].std(ddof=1))
    share = (1 + (scaled >= abs(single.standardised[0, 0])).sum()) / 76
    assert day_permutation(single)[0] == pytest.approx(share)
    assert 1 / 76 <= window_permutation(sample) <= 1


def test_signed_ranks_have_exact_p_values() -> None:
    for count in (4, 9, 25):
        highest = count * (count + 1) / 2
        found = signed_rank_p_values(np.array([highest]), np.array([count]))[0]
        assert found == pytest.approx(2 * 0.5**count)


def test_tests_of_several_days_take_the_sum_or_add_up_days() -> None:
    fitted = fit(around(made_up(missing=0.0), 100, *WINDOWS))
    found = window_outcomes(fitted)
    total, error = fitted.cumulative()
    degrees = fitted.observations - 2
    assert set(found) == set(TESTS)
    assert found["patell"].statistic[0] == pytest.approx(
        (total / error).sum() / np.sqrt((degrees / (degrees - 2)).sum())
    )
    daily = parametric.brown_warner_1985(textbook(fitted))
    assert found["brown_warner_1985"].statistic[0] == pytest.approx(daily.sum() / np.sqrt(6))


def test_conventions_differ_only_in_their_details() -> None:
    windows = around(made_up(missing=0.0), 100, *WINDOWS)
    fitted = fit(windows)
    ours, theirs = textbook(fitted), as_estudy2(fitted, windows)
    assert theirs.inflation == pytest.approx(ours.inflation)
    assert parametric.patell(theirs) == pytest.approx(parametric.patell(ours) * np.sqrt(74 / 73))


def test_clustered_means_are_whites_with_one_member_each() -> None:
    values = np.random.default_rng(5).normal(0.1, 1, 40)
    alone = clustered_mean(values, list(range(40)))
    assert alone.variance == pytest.approx(values.var(ddof=1) / 40)
    twice = clustered_mean(np.concatenate([values, values]), [*range(40), *range(40)])
    assert twice.variance == pytest.approx(alone.variance)
    assert two_way_mean(values, list(range(40)), [0] * 20 + [1] * 20).clusters == 2


def test_buying_and_holding_compounds() -> None:
    event, market = np.array([[0.1, -0.05], [np.nan, 0.2]]), np.array([[0.01, 0.01]])
    assert buy_and_hold(event, market) == pytest.approx([1.1 * 0.95 - 1.01**2, 1.2 - 1.01])
    values = np.array([0.1, -0.2, 0.4, 0.05, 0.1])
    assert skewness_adjusted(values - values.mean() + 0.0) != 0  # a skewed sample with mean zero


def test_students_p_values_are_those_of_scipy() -> None:
    ratio, degrees = (
        np.array([0.0, -0.3, 1.96, 7.0, 60.0, np.inf, np.nan]),
        np.array([[1.0], [12.0], [248.0], [5000.0]]),
    )
    np.testing.assert_allclose(students_p_values(ratio, degrees), 2 * stats.t.sf(np.abs(ratio), degrees), rtol=1e-9)
    assert np.isnan(students_p_values(2.0, 0.0))
