"""Places of objects in label files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mitokeras.errors import DataError

LARGEST_PX = 2**31
"""No image is as wide; sums with larger numbers would overflow."""


def check_pixels(where: Path, places: np.ndarray) -> None:
    """Refuse places that can only be fractions of their images.

    Args:
        where: The label file or data set, for the error.
        places: As they stand in it, before half a pixel is subtracted.
    """
    if (places % 1).any() and ((places >= 0) & (places <= 1)).all():
        raise DataError(
            f"{where}: labels must be in pixels. Received: fractions of an image, all of 0 to 1"
        )
