"""What an episode's day took off a share beyond its market and its sector, from the returns that are shipped.

The event study itself is in `waterline.market.event_study`; `waterline event` shows all of it.
"""

from __future__ import annotations

import functools
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.quantity import quantity
from waterline.facts.roles import episode

if TYPE_CHECKING:
    from waterline.market.event_study.study import Study

_EPISODE: dict[str, Any] = {"ticker": episode("text"), "event_date": episode("date"), "returns": episode("text")}


@quantity("fraction", opaque=True, **_EPISODE)
def event_abnormal_return(ticker: Samples, event_date: Samples, returns: Samples) -> Samples:
    """Log return of the event day beyond what the market model expects of the share.

    event_abnormal_return = return − (α + β × market)

    Estimated on the 250 trading days that end eleven before the event. Source: MacKinlay (1997).
    """
    return _day("market", ticker, event_date, returns)


@quantity("fraction", opaque=True, **_EPISODE)
def event_abnormal_return_beyond_sector(ticker: Samples, event_date: Samples, returns: Samples) -> Samples:
    """Log return of the event day beyond what market and sector together expect of the share.

    event_abnormal_return_beyond_sector = return − (α + β₁ × market + β₂ × sector)

    The sector is a fund of chip makers that holds the share itself, so that this understates its own part.
    """
    return _day("factors", ticker, event_date, returns)


@quantity("probability", opaque=True, **_EPISODE)
def event_common_day_chance(ticker: Samples, event_date: Samples, returns: Samples) -> Samples:
    """Chance that companies would move together as far as on the event day, if nothing had happened.

    event_common_day_chance = p(Kolari–Pynnönen)

    Of all companies in the shipped returns, buyers and suppliers of compute. Source: Kolari & Pynnönen (2010).
    """
    found = _study(_text(ticker), _text(event_date), _text(returns)).group_tests()
    return np.array([float(found["kolari_pynnonen"].p_value[0])])


@quantity("fraction", opaque=True, month_end=episode("date"), event_abnormal_return="fraction", **_EPISODE)
def abnormal_part_kept(
    month_end: Samples, event_abnormal_return: Samples, ticker: Samples, event_date: Samples, returns: Samples
) -> Samples:
    """Part of the day's abnormal return that was still there a month later; below one, part was taken back.

    abnormal_part_kept = cumulative_abnormal_return(event_date, month_end) ÷ event_abnormal_return
    """
    found = _study(_text(ticker), _text(event_date), _text(returns), _text(month_end))
    return np.asarray(found.own.cumulative()[0] / event_abnormal_return)


def _day(model: str, ticker: Samples, event_date: Samples, returns: Samples) -> Samples:
    fitted = _study(_text(ticker), _text(event_date), _text(returns)).models()
    return np.array([float(fit.abnormal[0, 0]) for name, fit in fitted.items() if name == model])


def _text(value: Samples) -> str:
    return str(value.flat[0])


@functools.cache
def _study(ticker: str, day: str, returns: str, last: str = "") -> Study:
    from waterline.market.event_study.evidence import shipped_evidence
    from waterline.market.event_study.study import WINDOW, Event, study

    first = date.fromisoformat(day)
    window = (first, date.fromisoformat(last)) if last else WINDOW
    data = shipped_evidence(ticker.upper(), table=returns)
    return study(Event(ticker.upper(), first, window=window), data)
