"""The normal distribution's quantiles and probabilities, to double precision.

Nearly every question needs them, and importing SciPy for them alone would take longer than all the rest of an answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Wichura (1988), Algorithm AS 241, routine PPND16: numerators and denominators of the three rational functions,
# highest power first.
_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_FLANK = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258,
     3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1.0),
)  # fmt: skip
_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip


def normal_quantile(u: Numbers) -> Numbers:
    """The standard normal value below which a share ``u`` lies, for ``u`` of any shape within (0, 1)."""
    shares = np.ravel(u)
    centred = shares - 0.5
    result = np.asarray(centred * _ratio(_CENTRE, 0.180625 - centred * centred))
    outside = np.flatnonzero(np.abs(centred) > 0.425)
    if outside.size:
        result[outside] = _outside(shares.take(outside), centred.take(outside))
    return result.reshape(np.shape(u))


def _outside(shares: Numbers, centred: Numbers) -> Numbers:
    """Quantiles in the lowest and the highest 7.5%."""
    distance = np.sqrt(-np.log(np.where(centred < 0, shares, 1.0 - shares)))
    result = _ratio(_FLANK, distance - 1.6)
    far = np.flatnonzero(distance > 5.0)
    if far.size:
        result[far] = _ratio(_TAIL, distance.take(far) - 5.0)
    return np.copysign(result, centred)


def normal_probability(x: float | Numbers) -> Numbers:
    """The shares of the standard normal distribution below ``x``, of any shape."""
    halves = np.asarray(x) * -math.sqrt(0.5)
    return 0.5 * np.fromiter(map(math.erfc, halves.ravel()), float, halves.size).reshape(halves.shape)


def _ratio(coefficients: tuple[Sequence[float], Sequence[float]], x: Numbers) -> Numbers:
    above, below = (np.full_like(x, powers[0]) for powers in coefficients)
    for numerator, denominator in zip(coefficients[0][1:], coefficients[1][1:], strict=True):
        above *= x
        above += numerator
        below *= x
        below += denominator
    above /= below
    return above
