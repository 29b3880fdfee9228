"""What programs and papers call our tests and return models."""

from __future__ import annotations

from collections.abc import Callable

from waterline.core.errors import unknown
from waterline.market.event_study import several_days
from waterline.market.event_study.abnormal import Abnormal
from waterline.market.event_study.battery import TESTS, Test
from waterline.market.event_study.least_squares import Model
from waterline.market.event_study.parametric import brown_warner_1985, lamb

SYNONYMS = {
    "t": "cross_sectional",
    "boehmer": "bmp",
    "standardised_cross_sectional": "bmp",
    "standardized_cross_sectional": "bmp",
    "adjusted_bmp": "kolari_pynnonen",
    "rank": "corrado",
    "corrado_rank": "corrado",
    "generalized_sign": "generalised_sign",
}
CUMULATIVE: dict[str, Callable[[Abnormal], float]] = {
    "car_brown_warner_1985": lambda sample: several_days.over_days(sample, brown_warner_1985),
    "car_lamb": lambda sample: several_days.over_days(sample, lamb),
    "car_rank_test": several_days.rank_over_days,
}
LAMB = Test(lamb, "long-t", daily=True)  # for references only: `brown_warner_1985` is ours
MODEL_WORDS: tuple[tuple[str, Model], ...] = (
    ("scholes", "scholes-williams"),
    ("dimson", "dimson"),
    ("fama", "factors"),
    ("carhart", "factors"),
    ("factor", "factors"),
    ("mrkt_adj", "market-adjusted"),
    ("market adj", "market-adjusted"),
    ("market-adj", "market-adjusted"),
    ("market_adj", "market-adjusted"),
    ("mean", "mean-adjusted"),
    ("capm", "market"),
    ("market", "market"),
    ("sim", "market"),
    ("single", "market"),
)


def named_test(name: str) -> Test:
    """The test that a name means, with or without "test" behind it. Raises InputError when there is none."""
    called = name.lower().replace("-", "_").replace(" ", "_").removesuffix("_test")
    if called == "lamb":
        return LAMB
    called = SYNONYMS.get(called, called)
    if called not in TESTS:
        raise unknown("test", name, sorted({*TESTS, *SYNONYMS, *CUMULATIVE, "lamb"}))
    return TESTS[called]


def model_of(words: str) -> Model:
    """The return model that a description names. Raises ValueError when it names none."""
    lowered = words.lower()
    for word, model in MODEL_WORDS:
        if word in lowered:
            return model
    raise ValueError(f"no return model is meant by {words!r}")
