"""Labels lie on their image: those of another image, level or scale do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from shapely.geometry.base import BaseGeometry

from mitokeras.data.known import area_px
from mitokeras.errors import DataError


def check_places(image: Path, places: np.ndarray, width: int, height: int) -> None:
    """Refuse places (x, y), shape (n, 2), beyond the outer edges of an image's pixels."""
    outside = ((places < -0.5) | (places > np.array([width, height]) - 0.5)).any(axis=1)
    if outside.any():
        x, y = places[outside][0]
        raise DataError(
            f"{image}: labels must lie within its {width} x {height} px. Received: ({x:g}, {y:g})"
        )


def check_area(image: Path, labelled: BaseGeometry, width: int, height: int) -> None:
    """Refuse an area that covers nothing of its image."""
    if not area_px(width, height, labelled, np.zeros((0, 4))):
        raise DataError(
            f"{image}: an area that is labelled whole must lie within its {width} x {height} px. "
            f"Received: one from {labelled.bounds[:2]} on"
        )
