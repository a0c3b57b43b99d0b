"""Whether tissue is in focus, by the fine structure that is left in it."""

from __future__ import annotations

import cv2
import numpy as np

SCALES_UM = (0.25, 0.5, 1.0)
"""Sigmas of three Gaussians. What lies between the first two is chromatin, between the last two
nuclei."""

SHARP = 0.5
"""Least deviation of the finer structure, by that of the coarser. Tissue in focus has .51 to 1.2,
whatever its contrast and stain; blurred with a sigma of 0.5 um, at which the shipped model misses
more than half of what it finds else, most has less. docs/real_tissue.md has the figures."""

LEAST_CONTRAST = 1.0
"""Deviation of the coarser structure, grey levels, below which nothing can be told."""


def is_sharp(image: np.ndarray, spacing_um_px: float) -> bool | None:
    """Whether a piece of tissue is in focus.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        spacing_um_px: Size of its pixels.

    Returns:
        None where it has too little structure.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine, middle, coarse = (
        cv2.GaussianBlur(grey, (0, 0), sigma_um / spacing_um_px) for sigma_um in SCALES_UM
    )
    chromatin, nuclei = float((fine - middle).std()), float((middle - coarse).std())
    return chromatin >= SHARP * nuclei if nuclei >= LEAST_CONTRAST else None
