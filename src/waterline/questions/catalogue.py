"""Every quantity that Waterline can be asked for."""

from __future__ import annotations

import functools

from waterline.core.quantity import Catalogue


@functools.cache
def shipped_catalogue() -> Catalogue:
    """The quantities of all layers."""
    from waterline.cost import (
        cluster,
        definitions,
        market,
        ownership,
        power,
        programme,
        rental,
        run,
        scale_out,
        scale_up,
        system,
    )
    from waterline.market import capital_spending, episode, growth, moves
    from waterline.performance import quantities as training

    return Catalogue.of_modules(
        [
            run,
            training,
            rental,
            market,
            scale_up,
            scale_out,
            power,
            cluster,
            ownership,
            programme,
            definitions,
            system,
            episode,
            growth,
            capital_spending,
            moves,
        ]
    )
