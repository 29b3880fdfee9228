"""Every quantity that Waterline can be asked for."""

from __future__ import annotations

import functools

from waterline.core.quantity import Catalogue


@functools.cache
def shipped_catalogue() -> Catalogue:
    """The quantities of all layers."""
    from waterline.cost import definitions, market, ownership, programme, rental, run, system
    from waterline.demand import (
        accelerators,
        evidence,
        layers,
        price,
        rebound,
        replacement,
        shares,
        spending,
        supply,
        training_share,
        winner,
    )
    from waterline.market import capital_spending, episode, fundamentals, growth, moves, outlook, reach, valuation
    from waterline.performance import quantities as training

    return Catalogue.of_modules(
        [
            run,
            training,
            rental,
            market,
            ownership,
            programme,
            definitions,
            system,
            episode,
            growth,
            capital_spending,
            moves,
            fundamentals,
            outlook,
            reach,
            valuation,
            accelerators,
            layers,
            training_share,
            evidence,
            spending,
            replacement,
            supply,
            rebound,
            shares,
            winner,
            price,
        ]
    )
