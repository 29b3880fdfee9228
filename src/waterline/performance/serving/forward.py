"""One forward pass without its attention: matrix products, experts, collectives, launches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from waterline.performance.serving.operators import Operators
from waterline.performance.table import Array


@dataclass(frozen=True)
class PassTime:
    """Seconds of one forward pass by what takes them, each of a shape that broadcasts to that of the passes.

    `weights` is the time in which weights move, `products` what matrix products take beyond that; `cache` and
    `attention` the same of attention; `elementwise` norms, activations and conversions; `collectives`, `launches`
    fixed time of kernels, `host` scheduler and sampler.
    """

    weights: Array
    products: Array
    cache: Array | float
    attention: Array | float
    elementwise: Array
    collectives: Array
    launches: Array
    host: Array

    @property
    def total(self) -> Array:
        """Seconds of the pass."""
        matrices = self.weights + self.products + (self.cache + self.attention)
        return np.asarray(matrices + self.elementwise + self.collectives + self.launches + self.host)


def forward_time(operators: Operators, tokens: Array, sampled: Array, *, captured: bool) -> PassTime:
    """A pass of `tokens` new tokens per attention group, of which `sampled` yield an output token.

    Without attention over the cache, which `attention.py` adds. `captured` launches replay a recorded graph.
    """
    moved, whole = operators.head.moved, operators.head.whole(sampled)
    for products in operators.layers:
        moved, whole = moved + products.moved, whole + products.whole(tokens)
    if operators.experts is not None:
        moved_experts, whole_experts = operators.experts.times(tokens)
        moved, whole = moved + moved_experts, whole + whole_experts
    return PassTime(
        weights=moved,
        products=whole - moved,
        cache=0.0,
        attention=0.0,
        elementwise=tokens * operators.elementwise,
        collectives=operators.calls + tokens * operators.sent,
        launches=operators.launches if captured else operators.launches * operators.eager,
        host=operators.host(sampled),
    )
