"""From several facts to one value, by the rule that the attribute declares.

- best: only the best trust grade counts. One value is taken as it is; values that differ become the 90% interval
  from their minimum to their maximum around their median, and all of them are cited.
- latest: the observation with the newest ``valid`` date (ties: best trust, then newest ``known``).
- quotes: the offers valid within the year before the date asked for, one vote per provider (the median of its
  offers). With none in that year, the offers of the year after; with none there either, the newest ones before.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from waterline.core.distribution import Distribution, Point, empirical, interval
from waterline.facts.record import Attribute, Fact

WINDOW = timedelta(days=365)


def choose(attribute: Attribute, facts: Sequence[Fact], on: date) -> list[Fact]:
    """The facts that count towards the value at date ``on``, from those known; never empty for non-empty input."""
    if attribute.estimate == "quotes":
        return _quotes(facts, on)
    if attribute.estimate == "latest":
        past = [fact for fact in facts if fact.valid <= on] or list(facts)
        newest = max(fact.valid for fact in past)
        candidates = [fact for fact in past if fact.valid == newest]
        return [min(candidates, key=lambda fact: (fact.trust, -fact.known.toordinal()))]
    best = min(fact.trust for fact in facts)
    return [fact for fact in facts if fact.trust == best]


def combine(attribute: Attribute, facts: Sequence[Fact]) -> Distribution:
    """One distribution from the chosen facts, in the attribute's unit."""
    if attribute.estimate == "quotes":
        offers = defaultdict(list)
        for fact in facts:
            offers[fact.provider or fact.source].append(fact.centre)
        return empirical(tuple(statistics.median(prices) for _, prices in sorted(offers.items())))
    if len(facts) == 1:
        return _single(attribute, facts[0])
    centres = [fact.centre for fact in facts]
    ends = centres + [end * fact.factor for fact in facts for end in (fact.low, fact.high) if end is not None]
    return _range(attribute, min(ends), statistics.median(centres), max(ends))


def _single(attribute: Attribute, fact: Fact) -> Distribution:
    if fact.low is None or fact.high is None:
        return Point(fact.centre)
    middle = None if fact.mid is None else fact.mid * fact.factor
    return _range(attribute, fact.low * fact.factor, middle, fact.high * fact.factor)


def _range(attribute: Attribute, low: float, middle: float | None, high: float) -> Distribution:
    lower = float("-inf") if attribute.low is None or attribute.low >= low else attribute.low
    upper = float("inf") if attribute.high is None or attribute.high <= high else attribute.high
    return interval(low, middle, high, lower, upper)


def _quotes(facts: Sequence[Fact], on: date) -> list[Fact]:
    recent = [fact for fact in facts if on - WINDOW < fact.valid <= on]
    if recent:
        return recent
    soon = [fact for fact in facts if on < fact.valid <= on + WINDOW]
    if soon:
        return soon
    newest = max((fact.valid for fact in facts if fact.valid <= on), default=max(fact.valid for fact in facts))
    return [fact for fact in facts if newest - WINDOW < fact.valid <= newest]
