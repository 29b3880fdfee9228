"""An event study as plain data, with the keys of the ``event`` command."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from waterline.core.distribution import Z95
from waterline.facts.store import KnownFacts
from waterline.market.event_study.battery import TESTS
from waterline.market.event_study.least_squares import Fit
from waterline.market.event_study.p_values import students_p_values
from waterline.market.event_study.study import Study
from waterline.market.value import Change, value_change


def report(found: Study, known: KnownFacts) -> dict[str, Any]:
    """The study as plain data; numbers that cannot be had are null. Returns are log returns, money is USD.

    ``ar``, ``car``, ``t_stats`` and ``p_values`` are of the event window; ``tested`` says which tests are of the
    security alone and which need the group. ``wilcoxon`` is a sum of ranks, the other statistics are t or z.
    """
    own, tests = found.own, found.tests()
    total, error = (float(part[0]) for part in own.cumulative())
    degrees = float(own.observations[0]) - own.lost_degrees
    value = value_change(known, found.event.ticker, found.day)
    return {
        "ticker": found.event.ticker,
        "date": found.event.day.isoformat(),
        "event_date": found.day.isoformat(),
        "market": found.evidence.market,
        "model": own.model,
        "source": found.evidence.source,
        "estimation": _estimation(found),
        "window": list(found.window),
        "coefficients": _coefficients(found, own),
        "ar": [_plain(x) for x in own.abnormal[0]],
        "ar_se": [_plain(x) for x in own.standard_errors[0]],
        "car": total,
        "car_se": error,
        "t_stats": {"t": _plain(total / error), **{name: _first(test.statistic) for name, (test, _) in tests.items()}},
        "p_values": {
            "t": float(students_p_values(total / error, degrees)),
            **{name: _first(test.p_value) for name, (test, _) in tests.items()},
            "permutation": _plain(found.permutations()["ticker"]),
        },
        "tested": {"t": found.event.ticker, **{name: of for name, (_, of) in tests.items()}},
        "bhar": found.buy_and_hold(),
        "market_cap_change_usd": value.usd,
        "market_cap_change": _value(value),
        "models": [_model(name, fitted) for name, fitted in found.models().items()],
        "windows": {f"{a},{b}": _ratio(car, se, degrees) for (a, b), (car, se) in found.spans().items()},
        "path": path(found),
        "group": _group(found, known),
        "notes": list(found.notes),
    }


def path(found: Study) -> list[dict[str, Any]]:
    """Day by day around the event: abnormal and cumulative abnormal return with the latter's 90% interval."""
    first, last = found.path
    fitted = found.fitted((found.event.ticker,), found.path)
    rows = []
    for step, offset in enumerate(range(first, last + 1)):
        total, error = (float(part[0]) for part in fitted.cumulative(0, step))
        rows.append(
            {
                "day": offset,
                "date": str(found.panel.dates[found.place + offset]),
                "ar": _plain(fitted.abnormal[0, step]),
                "car": total,
                "low": total - Z95 * error,
                "high": total + Z95 * error,
            }
        )
    return rows


def _estimation(found: Study) -> dict[str, Any]:
    first, last = (str(found.panel.dates[found.place + end]) for end in found.estimation)
    observations = int(found.own.observations[0])
    return {"first": found.estimation[0], "last": found.estimation[1], "from": first, "to": last, "days": observations}


def _coefficients(found: Study, own: Fit) -> dict[str, float]:
    names = ("alpha", *found.panel.factor_names)
    values = dict(zip(names, own.coefficients[0].tolist(), strict=False))
    return {**values, "residual_deviation": float(np.sqrt(own.variance[0]))}


def _group(found: Study, known: KnownFacts) -> dict[str, Any] | None:
    if found.together is None:
        return None
    fitted, tests = found.together, found.group_tests()
    total, error = fitted.cumulative()
    members = [
        {
            "ticker": name,
            "beta": float(beta),
            "car": float(car),
            "t": _plain(car / se),
            "market_cap_change_usd": value_change(known, name, found.day).usd,
        }
        for name, beta, car, se in zip(found.group, fitted.coefficients[:, 1:2].sum(axis=1), total, error, strict=True)
    ]
    return {
        "names": list(found.group),
        "mean_car": float(total.mean()),
        "mean_correlation": _correlation(found),
        "t_stats": {name: _first(test.statistic) for name, test in tests.items()},
        "p_values": {
            **{name: _first(test.p_value) for name, test in tests.items()},
            "permutation": _plain(found.permutations()["group"]),
        },
        "allow_for_a_common_day": [name for name in tests if TESTS[name].allows_correlation],
        "members": sorted(members, key=lambda member: float(str(member["car"]))),
    }


def _correlation(found: Study) -> float:
    assert found.together is not None
    return found.together.usual.correlation


def _model(name: str, fitted: Fit) -> dict[str, Any]:
    total, error = (float(part[0]) for part in fitted.cumulative())
    return {"model": name, **_ratio(total, error, float(fitted.observations[0]) - fitted.lost_degrees)}


def _ratio(total: float, error: float, degrees: float) -> dict[str, Any]:
    return {
        "car": total,
        "se": error,
        "t": _plain(total / error),
        "p": float(students_p_values(total / error, degrees)),
    }


def _value(change: Change) -> Mapping[str, Any]:
    return {
        "usd": change.usd,
        "low": change.low,
        "high": change.high,
        "close_before": change.before,
        "close_after": change.after,
        "shares": change.shares,
        "sources": list(change.sources),
        "assumed": change.assumed,
        "reason": change.reason,
    }


def _first(values: np.ndarray) -> float | None:
    return _plain(values[0])


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
