"""Where chance comes from: one scrambled Sobol sequence per leaf, keyed by the leaf's name.

Each leaf gets its own one-dimensional Sobol' sequence, Owen-scrambled and visited in its own random order
("padding", Kollig & Keller 2002; "shuffled scrambled Sobol", Burley 2020). With 2^m points that is exactly
one point in each of the 2^m strata, placed at random inside it. A leaf's draws depend on nothing but its
name, the seed and the number of samples: adding a leaf moves no other, and two scenarios that share a leaf
share its draws, so that their difference is not blurred by chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from waterline.core.distribution import Samples
from waterline.core.errors import InputError
from waterline.core.normal import normal_probability, normal_quantile

Correlations = Mapping[tuple[str, str], float]


def draw(name: str, count: int, seed: int, block: int = 0) -> Samples:
    """``count`` probabilities in (0, 1), shape ``(count,)``, of the leaf ``name``; each ``block`` has its own."""
    generator = _generator(name, seed, block)
    stratum = generator.permutation(count)
    probabilities = stratum + generator.random(count)
    probabilities /= count
    return probabilities.clip(1e-12, 1 - 1e-12, out=probabilities)


def draw_correlated(
    names: Sequence[str], correlations: Correlations, count: int, seed: int, block: int = 0
) -> dict[str, Samples]:
    """Probabilities for leaves with stated rank (Spearman) correlations, by a Gaussian copula.

    ``correlations`` maps pairs of names to values in (-1, 1); pairs not named are uncorrelated.
    Raises InputError when the correlations contradict each other.
    """
    ordered = sorted(names)
    matrix = np.eye(len(ordered))
    for (first, second), rank in correlations.items():
        row, column = ordered.index(first), ordered.index(second)
        matrix[row, column] = matrix[column, row] = 2 * np.sin(np.pi * rank / 6)
    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError as problem:
        raise InputError(f"the correlations of {', '.join(ordered)} contradict each other") from problem
    normal = factor @ normal_quantile(np.stack([draw(name, count, seed, block) for name in ordered]))
    return dict(zip(ordered, normal_probability(normal), strict=True))


def _generator(name: str, seed: int, block: int) -> np.random.Generator:
    place = f"{seed}.{block}" if block else f"{seed}"
    digest = hashlib.blake2b(f"{place}:{name}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))
