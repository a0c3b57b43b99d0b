"""Bringing an image to the spacing that a model was trained at."""

from __future__ import annotations

import math
from fractions import Fraction

import cv2
import numpy as np

from mitokeras.errors import DataError

TOLERANCE = 0.02
"""Spacings that differ by less are taken as equal: the scanners' own differ by as much."""

LARGEST_FACTOR = 1.5
"""Beyond it chromatin that was never recorded would be made up: a 20x scan for a 40x model is
refused."""

SMALLEST_FACTOR = 0.25
"""Below it the image is no histology at the resolution that it claims."""

LARGEST_DENOMINATOR = 64
"""Factors are ratios of small whole numbers, so that windows of a slide can start where the
pixels of both grids do. That changes the spacing by less than 0.05 %."""


def resize_factor(spacing_um_px: float, target_um_px: float, name: str) -> float:
    """How much to enlarge an image so that its pixels have the target spacing.

    Args:
        spacing_um_px: Size of a pixel of the image.
        target_um_px: Size of a pixel that the model was trained at.
        name: Name of the image, for the message.

    Returns:
        A ratio of whole numbers, the lower at most `LARGEST_DENOMINATOR`; 1.0 within `TOLERANCE`.

    Raises:
        DataError: The factor is above `LARGEST_FACTOR` or below `SMALLEST_FACTOR`.
    """
    factor = spacing_um_px / target_um_px
    if not SMALLEST_FACTOR <= factor <= LARGEST_FACTOR:
        raise DataError(
            f"{name}: its spacing must be {SMALLEST_FACTOR * target_um_px:g} to "
            f"{LARGEST_FACTOR * target_um_px:g} um/px for a model of {target_um_px:g} um/px. "
            f"Received: {spacing_um_px:g} um/px"
        )
    return 1.0 if abs(factor - 1) <= TOLERANCE else float(as_ratio(factor))


def as_ratio(factor: float) -> Fraction:
    """The ratio of whole numbers that a factor of `resize_factor` is."""
    return Fraction(factor).limit_denominator(LARGEST_DENOMINATOR)


def resize(image: np.ndarray, factor: float) -> np.ndarray:
    """Enlarge (bilinear) or shrink (area mean) an image or mask by a factor."""
    if factor == 1.0:
        return image
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation)


def resized_px(side_px: int, factor: float) -> int:
    """Length of a side of an image after `resize`, of which it may be a window only.

    OpenCV rounds as well; half a pixel goes down, which any window of the image still gives.
    """
    return max(1, math.ceil(side_px * as_ratio(factor) - Fraction(1, 2)))
