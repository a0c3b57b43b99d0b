"""Whether one detector is better than another: paired tests on the same fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from mitokeras.score.rates import BOOTSTRAP_DRAWS, rates

F1 = 2
"""Its place among `rates`."""


@dataclass(frozen=True)
class Difference:
    """F1 of A less F1 of B, of pooled counts.

    Attributes:
        difference: On the units as they are; NaN where either F1 is not defined.
        low: Lower end of the 95 % interval; NaN where no draw defines both.
        high: Upper end, likewise.
        p_value: Two-sided; NaN where no draw defines both.
    """

    difference: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class McNemar:
    """Fields that one detector gets right and the other does not.

    Attributes:
        only_a: Fields that A alone gets right.
        only_b: Fields that B alone gets right.
        p_value: Exact and two-sided.
    """

    only_a: int
    only_b: int
    p_value: float


def paired_bootstrap(a_counts: np.ndarray, b_counts: np.ndarray, seed: int = 0) -> Difference:
    """Bootstrap of the difference of F1, the same draws for both.

    The p-value is twice the share of draws on the rarer side of zero, a draw of exactly zero
    being on both, and the unresampled data one draw more, so that it is never zero (Davison and
    Hinkley 1997, section 4.2). It goes with the percentile interval. With few units both are too
    sure: of n units, n ** n draws are all there are.

    Args:
        a_counts: One row of (tp, fp, fn) for each unit that is drawn with replacement, (n, 3).
        b_counts: The other detector's on the same units in the same order.
        seed: Seed of the draws.

    Raises:
        ValueError: The shapes differ, or there is no unit.
    """
    if a_counts.shape != b_counts.shape or len(a_counts) == 0:
        raise ValueError(
            f"counts must be of the same units. Received: {a_counts.shape} and {b_counts.shape}"
        )
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(a_counts), (BOOTSTRAP_DRAWS, len(a_counts)))
    of_draws = _f1_difference(a_counts[drawn].sum(axis=1), b_counts[drawn].sum(axis=1))
    difference = float(_f1_difference(a_counts.sum(axis=0), b_counts.sum(axis=0)))
    defined = of_draws[~np.isnan(of_draws)]
    if not len(defined):
        return Difference(difference, np.nan, np.nan, np.nan)
    low, high = np.percentile(defined, [2.5, 97.5])
    rarer = min(np.sum(defined <= 0), np.sum(defined >= 0))
    p_value = min(1.0, 2 * float(rarer + 1) / (len(defined) + 1))
    return Difference(difference, float(low), float(high), p_value)


def _f1_difference(a_counts: np.ndarray, b_counts: np.ndarray) -> np.ndarray:
    return rates(a_counts)[..., F1] - rates(b_counts)[..., F1]


def mcnemar(a_right: np.ndarray, b_right: np.ndarray) -> McNemar:
    """McNemar's exact test: of the discordant units, is each detector right on half?

    Units count as independent, which fields of one case are not: the p-value is too small where
    a few cases hold most fields.

    Args:
        a_right: Whether A gets a unit right, bool, shape (n,).
        b_right: Whether B does, the same units in the same order.

    Raises:
        ValueError: The shapes differ.
    """
    if a_right.shape != b_right.shape:
        raise ValueError(f"units must be the same. Received: {a_right.shape} and {b_right.shape}")
    only_a = int(np.sum(a_right & ~b_right))
    only_b = int(np.sum(~a_right & b_right))
    discordant = only_a + only_b
    p_value = float(binomtest(only_a, discordant).pvalue) if discordant else 1.0
    return McNemar(only_a, only_b, p_value)
