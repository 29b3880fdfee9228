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

_EPISODE: dict[str, Any] = {"ticker": episode("text"), "event_date": episode("date")}


@quantity("fraction", opaque=True, **_EPISODE)
def event_abnormal_return(ticker: Samples, event_date: Samples) -> Samples:
    """Log return of the event day beyond what the market model expects of the share.

    event_abnormal_return = return − (α + β × market)

    Estimated on the 250 trading days that end eleven before the event. Source: MacKinlay (1997).
    """
    return _day(ticker, event_date, "market")


@quantity("fraction", opaque=True, **_EPISODE)
def event_abnormal_return_beyond_sector(ticker: Samples, event_date: Samples) -> Samples:
    """Log return of the event day beyond what market and sector together expect of the share.

    event_abnormal_return_beyond_sector = return − (α + β₁ × market + β₂ × sector)

    The sector is a fund of chip makers that holds the share itself, so that this understates its own part.
    """
    return _day(ticker, event_date, "factors")


@quantity("probability", opaque=True, **_EPISODE)
def event_common_day_chance(ticker: Samples, event_date: Samples) -> Samples:
    """Chance that companies would move together as far as on the event day, if nothing had happened.

    event_common_day_chance = p(Kolari–Pynnönen)

    Of all companies in the shipped returns, buyers and suppliers of compute. Source: Kolari & Pynnönen (2010).
    """
    found = _study(str(ticker.flat[0]), str(event_date.flat[0]), "").group_tests()
    return np.array([float(found["kolari_pynnonen"].p_value[0])])


@quantity("fraction", opaque=True, month_end=episode("date"), event_abnormal_return="fraction", **_EPISODE)
def abnormal_part_kept(
    month_end: Samples, event_abnormal_return: Samples, ticker: Samples, event_date: Samples
) -> Samples:
    """Part of the day's abnormal return that was still there a month later; below one, part was taken back.

    abnormal_part_kept = cumulative_abnormal_return(event_date, month_end) ÷ event_abnormal_return
    """
    found = _study(str(ticker.flat[0]), str(event_date.flat[0]), str(month_end.flat[0]))
    return np.asarray(found.own.cumulative()[0] / event_abnormal_return)


def _day(ticker: Samples, event_date: Samples, model: str) -> Samples:
    fitted = _study(str(ticker.flat[0]), str(event_date.flat[0]), "").models()
    return np.array([float(fit.abnormal[0, 0]) for name, fit in fitted.items() if name == model])


@functools.cache
def _study(ticker: str, day: str, last: str) -> Study:
    from waterline.market.event_study.evidence import evidence
    from waterline.market.event_study.study import WINDOW, Event, study

    first = date.fromisoformat(day)
    window = (first, date.fromisoformat(last)) if last else WINDOW
    return study(Event(ticker.upper(), first, window=window), evidence(ticker.upper(), stored=False))
