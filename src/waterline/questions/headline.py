"""The verb ``check``: a training headline's figures against each other, physics, published runs and market prices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from waterline.core.answer import Summary, summarise
from waterline.core.distribution import interval, points
from waterline.core.draws import draw
from waterline.core.errors import InputError, MissingFactError
from waterline.core.scenario import Scenario
from waterline.performance.constants import default_constants
from waterline.performance.known import known_chip, known_model
from waterline.performance.model import Model
from waterline.performance.training.estimate import Question
from waterline.performance.training.headline import (
    IMPOSSIBLE,
    NINETY,
    Finding,
    Flag,
    Headline,
    chance_of_real,
    check_headline,
    published_place,
    share_below,
)
from waterline.questions.session import Inquiry, Session

PRICE_ROUNDING = 0.02  # a cost and hours may both be rounded before they are divided
DEFAULT_COUNT = 1024  # used only when neither the headline nor the facts say how many chips


@dataclass(frozen=True)
class Published:
    """What a headline says; None where it is silent. Counts, days, tokens, GPU-hours and USD."""

    chip: str
    model: str | None = None
    count: float | None = None
    days: float | None = None
    tokens: float | None = None
    gpu_hours: float | None = None
    cost: float | None = None
    parameters: float | None = None
    active_parameters: float | None = None
    precision: str | None = None


def check(session: Session, published: Published, scenario: Scenario) -> dict[str, Any]:
    """Test a headline; plain data with the keys of the ``check`` command.

    Raises InputError for figures that are not positive, an unknown model or chip, or too little to test.
    """
    _check_figures(published)
    inquiry = session.inquiry(scenario)
    question = _question(published, inquiry)
    finding = check_headline(Headline(question, published.tokens, published.days, published.gpu_hours))
    implied = dict(finding.implied)
    flags = list(finding.flags)
    hours = implied.get("gpu_hours")
    prices = _prices(published, inquiry)
    if published.cost is not None and (hours or finding.gpu_hours):
        # without hours of its own a headline's cost is spread over those that the engine expects
        implied["usd_per_gpu_hour"] = published.cost / (hours or finding.gpu_hours[0])  # type: ignore[index]
        flags += _price_flags(implied["usd_per_gpu_hour"], prices)
    place = published_place(finding.implied, question)
    probability = _after_price(finding.probability, implied.get("usd_per_gpu_hour"), prices)
    impossible = any(flag.severity == "impossible" for flag in flags)
    if impossible:
        probability = min(probability, IMPOSSIBLE)
    return {
        "consistent": finding.consistent and not impossible,
        "probability": probability,
        "implied": implied,
        "published_runs": place,
        "places": _places(implied, place, prices),
        "market_price": _plain(prices),
        "flags": [{"id": flag.id, "severity": flag.severity, "text": flag.text} for flag in flags],
        "estimate": _estimate(published, finding, prices, inquiry),
        "bindings": {"model": question.model.name, "chip": question.chip.name, "count": question.count},
        "precision": question.precision,
        "as_of": scenario.as_of.isoformat(),
    }


def _check_figures(published: Published) -> None:
    for name in ("count", "days", "tokens", "gpu_hours", "cost", "parameters", "active_parameters"):
        value = getattr(published, name)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"--{name.replace('_', '-')} must be a positive number, not {value:g}")
    if published.model is None and published.parameters is None:
        raise InputError("check needs a model: --model NAME, or --params for one that is not in the facts")
    total, active = published.parameters, published.active_parameters
    if total is not None and active is not None and active > total:
        raise InputError(f"a model cannot have more active parameters ({active:g}) than parameters ({total:g})")


def _question(published: Published, inquiry: Inquiry) -> Question:
    known = inquiry.known
    model = known_model(known, published.model) if published.model else Model(name="the model")
    if published.parameters or published.active_parameters:
        total = published.parameters or model.parameters
        active = published.active_parameters or (None if published.parameters else model.active_parameters)
        model = Model(name=model.name, parameters=total, active_parameters=active or total)
    chip = known_chip(known, published.chip)
    precision = published.precision or _stated_precision(published, inquiry) or "bf16"
    date = known.reference(_entity(published, inquiry), "released") if published.model else None
    return Question(model, chip, _count(published, inquiry), precision, date=date[:7] if date else None)


def _count(published: Published, inquiry: Inquiry) -> int:
    """Chips as published; else from hours and days; else from the facts; else a usual cluster."""
    if published.count is not None:
        if published.count != int(published.count):
            raise InputError(f"--count must be a whole number, not {published.count:g}")
        return int(published.count)
    if published.gpu_hours and published.days:
        return max(1, round(published.gpu_hours / (24 * published.days)))
    if published.model:
        leaf = inquiry.known.stated(_entity(published, inquiry), "training_chips", None)
        if leaf is not None:
            return max(1, round(points(leaf.distribution)[1]))
    return DEFAULT_COUNT


def _stated_precision(published: Published, inquiry: Inquiry) -> str | None:
    return inquiry.known.reference(_entity(published, inquiry), "training_precision") if published.model else None


def _entity(published: Published, inquiry: Inquiry) -> str:
    assert published.model is not None
    return inquiry.known.entity("model", published.model)


def _bindings(published: Published, inquiry: Inquiry) -> dict[str, str]:
    bindings = {"chip": published.chip}
    if published.model:
        bindings["model"] = _entity(published, inquiry)
    return bindings


def _prices(published: Published, inquiry: Inquiry) -> Summary | None:
    """What an hour of the chip rented for at the time, or None where nothing is known."""
    try:
        return inquiry.ask("market_rental_price", _bindings(published, inquiry)).summary
    except MissingFactError:
        return None


def _price_flags(price: float, market: Summary | None) -> list[Flag]:
    if market is None:
        return []
    if price < market.p05 * (1 - PRICE_ROUNDING):
        text = f"{price:.2f} USD per GPU-hour is below the cheapest twentieth of market rents, {market.p05:.2f}"
        return [Flag("cost_below_market", "impossible" if price < market.p05 / 3 else "doubtful", text)]
    if price > market.p95 * (1 + PRICE_ROUNDING):
        text = f"{price:.2f} USD per GPU-hour is above the dearest twentieth of market rents, {market.p95:.2f}"
        return [Flag("cost_above_market", "note", text)]
    return []


def _after_price(probability: float, price: float | None, market: Summary | None) -> float:
    """The chance that a headline is real once its price per hour is held against market rents."""
    if price is None or market is None or market.p05 >= market.median:
        return probability
    deviation = math.log(market.median / market.p05) / NINETY
    return chance_of_real(probability, math.log(market.median / price), deviation, default_constants())


def _places(implied: dict[str, float], place: dict[str, Any], market: Summary | None) -> dict[str, dict[str, Any]]:
    """Each implied figure in the distribution of what was published of its class, with its percentile there."""
    runs = f"published {place['kind']} runs"
    known: dict[str, tuple[str, float, float, float]] = {
        "mfu": (runs, place["p05"], place["median"], place["p95"]),
        "tokens_per_s_per_chip": (f"{runs}, on this chip", place["rate_p05"], place["rate_median"], place["rate_p95"]),
    }
    if market is not None:
        known["usd_per_gpu_hour"] = ("market rents of the time", market.p05, market.median, market.p95)
    return {
        name: {
            "value": implied[name],
            "among": among,
            "p05": low,
            "median": middle,
            "p95": high,
            "percentile": 100.0 * share_below(implied[name], low, middle, high),
        }
        for name, (among, low, middle, high) in known.items()
        if name in implied
    }


def _estimate(
    published: Published, finding: Finding, prices: Summary | None, inquiry: Inquiry
) -> dict[str, dict[str, float] | None]:
    """The engine's hours, what they would rent for, and what the whole programme takes."""
    hours = finding.gpu_hours
    cost = programme = None
    if hours is not None and prices is not None:
        cost = _product(hours, prices, inquiry)
    if published.model is not None:
        try:
            programme = _plain(inquiry.ask("programme_cost", _bindings(published, inquiry)).summary)
        except InputError:
            programme = None  # the facts know too little of the programme; what is asked is the headline
    return {
        "gpu_hours": None if hours is None else dict(zip(("median", "p05", "p95"), hours, strict=True)),
        "cost_usd": cost,
        "programme_cost_usd": programme,
    }


def _product(hours: tuple[float, float, float], prices: Summary, inquiry: Inquiry) -> dict[str, float]:
    count, seed = inquiry.scenario.samples, inquiry.scenario.seed
    low, middle, high = sorted(hours)
    hour_samples = interval(low, middle, high).quantile(draw("check.gpu_hours", count, seed))
    price_samples = interval(prices.p05, prices.median, prices.p95).quantile(draw("check.price", count, seed))
    found = _plain(summarise(hour_samples * price_samples))
    assert found is not None
    return found


def _plain(summary: Summary | None) -> dict[str, float] | None:
    return None if summary is None else {"median": summary.median, "p05": summary.p05, "p95": summary.p95}
