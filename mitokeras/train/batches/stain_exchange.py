"""Show a patch in the stains of other laboratories.

Where the positives of a training set come from other laboratories than its negatives, a network
may learn the stain in place of the figure. When every patch may come in every stain, a stain
says nothing about the class.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mitokeras.data.stain import DEFAULT_NORMALIZER, WHITE, remix

Stains = tuple[np.ndarray, np.ndarray]
"""Stain matrix (3, 2) and maxima (2,), as `estimate_stains` gives them."""

MAXIMA_RATIO = (0.4, 2.5)
"""Range within which a concentration is multiplied."""

GREATEST_GAIN = 2.5
"""No difference of colour grows by more in OD: two stains 13 degrees apart, taken for two 35
degrees apart, would turn the noise of a camera and the blocks of a JPEG into coloured grain."""

LEAST_PINK = 0.35
"""Eosin takes at least this much more of the green light than of the red. Between Macenko's two
stains of a patch that is violet throughout (a tenth of the AtNorM-Br patches) lies no pink, its
second one is grey, and what is pink elsewhere would come out yellow or green."""


def plausible_stains(stains: Stains) -> Stains:
    """Mend a second stain that is no eosin: halfway from haematoxylin to the reference's eosin."""
    matrix, maxima = stains
    if matrix[1, 1] - matrix[0, 1] >= LEAST_PINK:
        return stains
    eosin = matrix[:, 0] + DEFAULT_NORMALIZER.stain_matrix[:, 1]
    return np.column_stack([matrix[:, 0], eosin / np.linalg.norm(eosin)]), maxima


def draw_stains(pool: Sequence[Stains], rng: np.random.Generator) -> Stains:
    """One member of a pool, or half of the time a mixture of two by a uniform share."""
    first, second = (pool[i] for i in rng.integers(len(pool), size=2))
    share = max(0.0, rng.uniform(-1.0, 1.0))
    matrix, maxima = (
        (1.0 - share) * one + share * other for one, other in zip(first, second, strict=True)
    )
    return matrix / np.linalg.norm(matrix, axis=0), maxima


def exchange_stains(image: np.ndarray, own: Stains, other: Stains) -> np.ndarray:
    """Take the two stains of a patch for two others, in optical density.

    What lies outside the plane of the two stains (pigment, ink, erythrocytes) is kept. The
    change is held back as a whole where it would be greater than `GREATEST_GAIN`.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        own: Its stains.
        other: Those that it is to have.

    Source: the stains are those of Macenko et al., "A method for normalizing histology slides
    for quantitative analysis", ISBI 2009.
    """
    matrix, maxima = own
    ratio = np.clip(other[1] / maxima, *MAXIMA_RATIO)
    # Zero for a colour outside of the plane.
    change = (other[0] * ratio - matrix) @ np.linalg.pinv(matrix)
    gain = np.linalg.norm(np.eye(3) + change, 2)
    if gain > GREATEST_GAIN:
        change *= (GREATEST_GAIN - 1.0) / (gain - 1.0)
    return remix(image, WHITE, -np.eye(3) - change, np.full(3, np.log(WHITE)), shift=-1.0)
