"""What bounds such as ">10000" say, as if each were a measurement with an error of its own."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import log_ndtr

from molgen.project.models.base import Values

SWEEPS = 50
DAMPING = 0.7
TOLERANCE = 1e-4
FLAT = 1e-8  # least precision of a site: a bound that says nothing new


def pseudo_measurements(mean: Values, covariance: Values, bounds: Values, signs: Values, noise: Values) -> tuple[Values, Values]:
    """Values [b] and variances [b] of measurements that say what bounds say, by expectation propagation.

    The likelihood of a bound is Tobit's, Phi(sign (f - bound) / sigma), of a true value f. Sites are updated side by side as in
    Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), section 3.6, with damping.

    Parameters
    ----------
    mean, covariance : float64 [b], [b, b]
        Of the true values, by all that is known besides the bounds.
    bounds, signs : float64 [b]
        1 where the true value lies above its bound, -1 where it lies below.
    noise : float64 [b]
        Variance of a measurement.
    """
    precision, shift = np.full(len(bounds), FLAT), np.zeros(len(bounds))
    for _ in range(SWEEPS):
        posterior_mean, variance = _posterior(mean, covariance, precision, shift)
        cavity = 1 / np.maximum(1 / variance - precision, 1e-10)
        cavity_mean = cavity * (posterior_mean / variance - shift)
        spread = np.sqrt(cavity + noise)
        z = signs * (cavity_mean - bounds) / spread
        ratio = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(z))
        moment = cavity_mean + signs * cavity * ratio / spread
        second = np.maximum(cavity - cavity**2 * ratio * (z + ratio) / (cavity + noise), 1e-12)
        wanted = np.maximum(1 / second - 1 / cavity, FLAT)
        wanted_shift = moment * (wanted + 1 / cavity) - cavity_mean / cavity
        step = np.abs(wanted - precision).max() / wanted.max() + np.abs(wanted_shift - shift).max() / np.abs(wanted_shift).max()
        precision += DAMPING * (wanted - precision)
        shift += DAMPING * (wanted_shift - shift)
        if step < TOLERANCE:
            break
    return shift / precision, 1 / precision


def _posterior(mean: Values, covariance: Values, precision: Values, shift: Values) -> tuple[Values, Values]:
    """Means [b] and variances [b] given sites."""
    root = np.sqrt(precision)
    inner = cho_factor(np.eye(len(mean)) + root[:, None] * covariance * root, lower=True, check_finite=False)
    scaled = root[:, None] * covariance
    solved = cho_solve(inner, scaled, check_finite=False)
    variance = covariance.diagonal() - (scaled * solved).sum(0)
    surprise = shift - precision * mean
    change = covariance @ surprise
    change -= scaled.T @ cho_solve(inner, root * change, check_finite=False)
    return mean + change, np.maximum(variance, 1e-12)
