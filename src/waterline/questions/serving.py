"""The verb ``plan serve``: how to serve a model on a chip within limits, and what a token then costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from waterline.core.answer import Summary
from waterline.core.errors import InputError
from waterline.core.scenario import Scenario
from waterline.performance.known import known_chip, known_model
from waterline.performance.serving.constants import serving_constants
from waterline.performance.serving.estimate import best_serving
from waterline.performance.serving.plans import frontier_rows, plan_rows
from waterline.performance.serving.search import ServingQuestion
from waterline.questions.session import Inquiry, Session

HOUR = 3600.0


@dataclass(frozen=True)
class Wanted:
    """What a user asks to serve: names, mean tokens of a request, limits in ms.

    `cached_share` of the input is found in a prefix cache and not read again.
    """

    model: str
    chip: str
    input: float
    output: float
    count: int | None = None
    ttft_ms: float = math.inf
    tpot_ms: float = math.inf
    precision: str = ""
    top: int = 10
    cached_share: float = 0.0


def plan_serve(session: Session, wanted: Wanted, scenario: Scenario) -> dict[str, Any]:
    """Plans with rates, latencies and prices; plain data with the keys of the ``plan serve`` command.

    Prices of tokens are given at the market's rent and at the cost of ownership. A request's input and output share
    the chips' time, and so their price, as `prompt_share` says; `usd_per_mtok_output_all_in` puts all of it on the
    output. Raises InputError for what cannot be served, naming the nearest that can.
    """
    if not 0.0 <= wanted.cached_share < 1.0:
        raise InputError(f"--cached-share must lie between 0 and 1, not {wanted.cached_share:g}")
    inquiry = session.inquiry(scenario)
    constants = serving_constants()
    question = ServingQuestion(
        known_model(inquiry.known, wanted.model),
        known_chip(inquiry.known, wanted.chip),
        input=wanted.input * (1.0 - wanted.cached_share),
        cached=wanted.input * wanted.cached_share,
        output=wanted.output,
        count=wanted.count,
        precision=wanted.precision,
        ttft_limit=wanted.ttft_ms / 1e3,
        tpot_limit=wanted.tpot_ms / 1e3,
    )
    answer = best_serving(question, constants)
    prices = _prices(inquiry, wanted)
    power = _power(inquiry, wanted)
    plans = plan_rows(answer, constants, wanted.top)
    return {
        "model": question.model.name,
        "chip": question.chip.name,
        "workload": {"input": wanted.input, "output": wanted.output, "cached_share": wanted.cached_share},
        "limits": {"ttft_ms": _limit(wanted.ttft_ms), "tpot_ms": _limit(wanted.tpot_ms)},
        "plans": [{**plan, **_costs(plan, prices, power)} for plan in plans],
        "frontier": frontier_rows(answer),
        "prices_usd_per_chip_hour": {name: _plain(price) for name, price in prices.items()},
        "model_error": {name: constants.of("model_error", f"{name}_closed") for name in ("tpot", "ttft", "throughput")},
        "evaluated": sum(pool.served.tpot.size for pool in answer.pools),
        "as_of": scenario.as_of.isoformat(),
    }


def _costs(plan: dict[str, Any], prices: dict[str, Summary | None], power: float | None) -> dict[str, Any]:
    """Prices per million tokens at each price of a chip-hour, and energy per output token in joule."""
    costs: dict[str, Any] = {"usd_per_mtok_output": None, "usd_per_mtok_input": None}
    for name, price in prices.items():
        if price is None:
            continue
        found = _token_prices(plan, price.median)
        costs[name] = found
        if costs["usd_per_mtok_output"] is None:
            costs.update(found)
    costs["joule_per_output_token"] = power and power / plan["output_tokens_per_s_per_chip"]
    return costs


def _token_prices(plan: dict[str, Any], per_hour: float) -> dict[str, float]:
    per_second = per_hour / HOUR
    output, share = plan["output_tokens_per_s_per_chip"], plan["prompt_share"]
    return {
        "usd_per_mtok_output": 1e6 * per_second * (1.0 - share) / output,
        "usd_per_mtok_input": 1e6 * per_second * share / plan["input_tokens_per_s_per_chip"],
        "usd_per_mtok_output_all_in": 1e6 * per_second / output,
    }


def _prices(inquiry: Inquiry, wanted: Wanted) -> dict[str, Summary | None]:
    """USD per chip-hour: market rent on the day of the question (else at the model's release, else as assumed), and
    what the chip costs its owner; None where too little is known."""
    chip = inquiry.known.entity("chip", wanted.chip)
    rent = _asked(inquiry, f"{chip}.rental_price", wanted) or _asked(inquiry, "market_rental_price", wanted)
    return {"market": rent, "ownership": _asked(inquiry, "ownership_cost_per_gpu_hour", wanted)}


def _power(inquiry: Inquiry, wanted: Wanted) -> float | None:
    """Watts at the wall of the server for one chip that serves."""
    drawn, share = _asked(inquiry, "power_per_chip", wanted), _asked(inquiry, "serving_power_share", wanted)
    return None if drawn is None or share is None else 1e3 * drawn.median * share.median


def _asked(inquiry: Inquiry, quantity: str, wanted: Wanted) -> Summary | None:
    try:
        return inquiry.ask(quantity, {"model": wanted.model, "chip": wanted.chip}).summary
    except InputError:
        return None  # the facts know too little of the price; the plan itself is what was asked


def _limit(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain(summary: Summary | None) -> dict[str, float] | None:
    return None if summary is None else {"median": summary.median, "p05": summary.p05, "p95": summary.p95}
