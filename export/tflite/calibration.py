"""Tiles and crops of a run's training fields, whose values set the ranges of an int8 network."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mitokeras.counting.atypical import SUBTYPES
from mitokeras.data.stain import MIN_TISSUE, tissue_mask
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import cut_crops
from mitokeras.detect.tiling import TileGrid
from mitokeras.errors import DataError

logger = logging.getLogger(__name__)

TILES = 100
CROPS = 200
PIXELS = 64_000_000
"""Of all tiles together, at most: of large ones, such as windows, fewer are taken."""
_DRAWS_A_TILE = 4


@dataclass(frozen=True, eq=False)
class Calibration:
    """What the networks see when the detector runs.

    Attributes:
        segmenter: Tiles, uint8, shape (n, tile, tile, 3).
        classifier: Crops, uint8, shape (m, crop, crop, 3).
    """

    segmenter: np.ndarray
    classifier: np.ndarray


def calibration_set(
    fields: Sequence[StoredField], seed: int, *, tile_px: int, halo_px: int, crop_px: int
) -> Calibration:
    """Draw tiles of tissue, every second one about a mitotic figure, and crops inside them.

    Args:
        fields: The training fields.
        seed: Seed of the drawing.
        tile_px: Edge of a tile.
        halo_px: Context on each side of a tile.
        crop_px: Edge of a crop.

    Raises:
        DataError: The fields show no tissue.
    """
    by_index = {field.index: field for field in fields}
    rng = np.random.default_rng(seed)
    wanted = min(TILES, max(1, PIXELS // tile_px**2))
    draws = _places(fields, _DRAWS_A_TILE * wanted, rng)
    tiles: dict[int, np.ndarray] = {}
    crops: dict[int, np.ndarray] = {}
    for index in np.unique(draws[:, 0]).astype(int):
        image = by_index[index].image()
        grid = TileGrid.over(image, tile_px, halo_px)
        for row in map(int, np.flatnonzero(draws[:, 0] == index)):
            x, y = draws[row, 1:]
            core = (_start(y, grid.height, grid), _start(x, grid.width, grid))
            tile = grid.read(image, core)
            if tissue_mask(tile).mean() < MIN_TISSUE:
                continue
            shift = rng.integers(-crop_px, crop_px + 1, (-(-CROPS // wanted), 2))
            shift[0] = 0
            centres = np.clip(np.array([x, y]) + shift, 0, (grid.width - 1, grid.height - 1))
            tiles[row] = tile
            crops[row] = cut_crops(image, centres.astype(np.float64), crop_px)
    if not tiles:
        raise DataError(
            "int8 needs training fields with tissue to calibrate on. "
            f"Received: {len(draws)} tiles, each with less than {MIN_TISSUE:.0%} of tissue"
        )
    if len(tiles) < wanted:
        logger.warning("only %d tiles with tissue to calibrate on", len(tiles))
    kept = sorted(tiles)[:wanted]  # in the order of drawing
    return Calibration(
        np.stack([tiles[row] for row in kept]), np.concatenate([crops[row] for row in kept])
    )


def figure_crops(fields: Sequence[StoredField], seed: int, crop_px: int) -> np.ndarray:
    """Draw crops about labelled mitotic figures, as many normal as atypical ones.

    A run may have its stage 3 from a start, and no subtypes in its labels: then any figures.

    Args:
        fields: The training fields, with at least one figure.
        seed: Seed of the drawing.
        crop_px: Edge of a crop.

    Returns:
        uint8, shape (n, crop, crop, 3), n at most `CROPS`.
    """
    owner = np.repeat(np.arange(len(fields)), [len(field.figures) for field in fields])
    xy = np.concatenate([field.figures for field in fields])
    subtypes = np.concatenate([field.subtypes for field in fields])
    of_subtype = [np.flatnonzero(subtypes == name) for name in SUBTYPES]
    pools = [pool for pool in of_subtype if len(pool)] or [np.arange(len(xy))]
    rng = np.random.default_rng(seed)
    each = min(CROPS // len(pools), *map(len, pools))
    drawn = np.concatenate([rng.choice(pool, each, replace=False) for pool in pools])
    return np.concatenate(
        [
            cut_crops(fields[index].image(), xy[drawn[owner[drawn] == index]], crop_px)
            for index in np.unique(owner[drawn])
        ]
    )


def _places(fields: Sequence[StoredField], count: int, rng: np.random.Generator) -> np.ndarray:
    """Rows (field, x, y): about mitotic figures and anywhere, in turn, shape (count, 3)."""
    figures = [(field.index, x, y) for field in fields for x, y in field.figures]
    areas = np.array([field.area_mm2 for field in fields])
    rows = []
    for chosen in rng.choice(len(fields), count // 2, p=areas / areas.sum()):
        rows.append(figures[rng.integers(len(figures))])
        field = fields[chosen]
        rows.append((field.index, rng.uniform(0, field.width), rng.uniform(0, field.height)))
    return np.array(rows, dtype=np.float64)


def _start(centre: float, side: int, grid: TileGrid) -> int:
    """First row or column of the core about a centre, the tile inside the field if it fits."""
    low, high = grid.halo_px, side - grid.tile_px + grid.halo_px
    return int(np.clip(centre - grid.core_px / 2, low, max(low, high)))
