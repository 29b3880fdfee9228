"""Every quantity that Waterline can be asked for."""

from __future__ import annotations

import functools

from waterline.core.quantity import Catalogue


@functools.cache
def shipped_catalogue() -> Catalogue:
    """The quantities of all layers."""
    from waterline.cost import definitions, market, ownership, programme, rental, run, system
    from waterline.market import abnormal_return, capital_spending, episode, growth, moves, recovery
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
            abnormal_return,
            recovery,
        ]
    )
