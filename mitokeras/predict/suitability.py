"""Whether a model suits a slide, by a few windows of its tissue before any network runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mitokeras.counting.prediction import Suitability
from mitokeras.data.shifts import Look, keypoints_of
from mitokeras.data.stain_range import LEAST_MM2, StainRange, sampled, stain_numbers
from mitokeras.detect.blank import TissueTiles
from mitokeras.detect.focus import is_sharp
from mitokeras.disk.files import sha256_of
from mitokeras.predict.plane import Plane

if TYPE_CHECKING:
    from mitokeras.detect.learned import Learned
    from mitokeras.detect.spec import DetectorSpec

WINDOW_PX = 256
"""Side of a window; of it the middle half is enough to tell the focus."""

WINDOWS = 32
"""At most so many, of those that are half full of tissue, where there are some."""

WINDOW_PIXELS = 1_500
"""About as many of each are enough for the stain."""

LOOK_PX = 320
"""Side of the square that is compared with the tissue that was learned from."""

LARGEST_BYTES = 2**29
"""No field of a data set that can be learned from is larger; a whole slide takes long to hash."""

NO_STAINS = "no two stains were found"


def suitability_of(
    plane: Plane, found: TissueTiles, spec: DetectorSpec, learned: Learned, file: Path | None
) -> Suitability:
    """Look at a sample of a slide's tissue.

    Args:
        plane: The slide at the model's spacing, its stain as it is.
        found: Its tissue.
        spec: Specification of the model.
        learned: What the model has learned from.
        file: The slide's, if it has one.

    Raises:
        DataError: The slide is damaged.
        OSError: The file may not be read.
    """
    side = min(WINDOW_PX, plane.height, plane.width)
    corners = _windows(plane, found, side)
    windows = [_square(plane, corner, side) for corner in corners]
    enough = found.area_mm2 >= LEAST_MM2
    middle = slice(side // 4, side - side // 4)
    sharp = [is_sharp(window[middle, middle], spec.spacing_um_px) for window in windows]
    told = [each for each in sharp if each is not None]
    return Suitability(
        learned_from=_learned_from(plane, corners, side, spec, learned, file),
        strange_stain=_strange_stain(windows, learned.stains) if enough else None,
        out_of_focus=round(told.count(False) / len(told), 4) if told else None,
    )


def _windows(plane: Plane, found: TissueTiles, side: int) -> np.ndarray:
    """Top left (y, x) of some windows with tissue, shape (n, 2)."""
    rows, columns = (
        np.linspace(0, length - side, -(-length // side)).astype(np.int64)
        for length in (plane.height, plane.width)
    )
    corners = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=2).reshape(-1, 2)
    tissue = found.in_squares(corners, side) * found.mask_px**2 / side**2
    corners = corners[tissue >= min(0.5, tissue.max())]
    chosen = np.random.default_rng(0).permutation(len(corners))[:WINDOWS]
    return corners[np.sort(chosen)]


def _square(plane: Plane, corner: np.ndarray, side: int) -> np.ndarray:
    y, x = (int(place) for place in corner)
    return plane.window(slice(y, y + side), slice(x, x + side))


def _strange_stain(windows: list[np.ndarray], stains: StainRange | None) -> tuple[str, ...] | None:
    if stains is None:
        return None
    numbers = stain_numbers(np.concatenate([sampled(each, WINDOW_PIXELS) for each in windows]))
    return (NO_STAINS,) if numbers is None else stains.beyond(numbers)


def _learned_from(
    plane: Plane,
    corners: np.ndarray,
    side: int,
    spec: DetectorSpec,
    learned: Learned,
    file: Path | None,
) -> bool | None:
    """Whether the file is one that was learned from, or a window in its middle shows its tissue."""
    if learned.images is None and learned.tissue is None:
        return None
    known = file if learned.images else None
    if known and known.stat().st_size <= LARGEST_BYTES and learned.has_file(sha256_of(known)):
        return True
    sides = np.array([plane.height, plane.width])
    off = corners + (side - sides) / 2
    nearest = corners[np.argmin((off**2).sum(axis=1))]
    top, left = (nearest + (side - LOOK_PX) // 2).clip(0, np.maximum(sides - LOOK_PX, 0))
    bottom, right = np.minimum((top + LOOK_PX, left + LOOK_PX), sides)
    look = plane.window(slice(int(top), int(bottom)), slice(int(left), int(right)))
    seen = Look.at(look, spec.spacing_um_px)
    whole_px = seen.grey.size * sides.prod() / (look.shape[0] * look.shape[1])
    return learned.has_tissue(keypoints_of(seen, whole_px))
