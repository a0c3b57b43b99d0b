"""Bringing an image to the spacing that a model was trained at."""

from __future__ import annotations

import cv2
import numpy as np

from mitokeras.errors import DataError

TOLERANCE = 0.02
"""Spacings that differ by less are taken as equal: the scanners' own differ by as much."""

LARGEST_FACTOR = 2.0
"""Beyond it chromatin that was never recorded would be made up, or most of it thrown away."""


def resize_factor(spacing_um_px: float, target_um_px: float, name: str) -> float:
    """How much to enlarge an image so that its pixels have the target spacing.

    Args:
        spacing_um_px: Of the image.
        target_um_px: Of the model.
        name: Of the image, for the message.

    Returns:
        1.0 within `TOLERANCE`.

    Raises:
        DataError: The factor is above `LARGEST_FACTOR` or below its inverse.
    """
    factor = spacing_um_px / target_um_px
    if not 1 / LARGEST_FACTOR <= factor <= LARGEST_FACTOR:
        raise DataError(
            f"{name}: its spacing must be within {LARGEST_FACTOR:g} times of the model's "
            f"{target_um_px:g} um/px. Received: {spacing_um_px:g} um/px"
        )
    return 1.0 if abs(factor - 1) <= TOLERANCE else factor


def resize(image: np.ndarray, factor: float) -> np.ndarray:
    """Enlarge (bilinear) or shrink (area mean) an image or mask by a factor."""
    if factor == 1.0:
        return image
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation)
