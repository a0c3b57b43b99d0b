"""Which tiles of a slide or field have tissue; the others are blank and reach no network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitokeras.data.resize import resized_px
from mitokeras.detect.slide_tissue import slide_tissue
from mitokeras.detect.spec import DetectorSpec
from mitokeras.detect.tiling import TileGrid
from mitokeras.detect.tissue import tissue_px
from mitokeras.slides import Slide

MARGIN_UM = 16.0
"""A tile is looked at when tissue lies so near to its core."""


@dataclass(frozen=True, eq=False)
class TissueTiles:
    """The tiles of a slide, and how much tissue is in each.

    Attributes:
        area_mm2: Tissue on the slide.
        unwritten_mm2: As in `SlideTissue`.
        grid: The tiles.
        cores: Top left (y, x) of each core, int64, shape (n, 2).
        tissue: Tissue in each widened core, as `tissue_px` gives it, shape (n,).
        mask: Tissue on the overview, bool.
        mask_px: Pixels of the grid to one of the mask, on each axis.
    """

    area_mm2: float
    unwritten_mm2: float
    grid: TileGrid
    cores: np.ndarray
    tissue: np.ndarray
    mask: np.ndarray
    mask_px: float

    def own(self) -> np.ndarray:
        """The cores of the tiles that are not blank, shape (m, 2)."""
        return self.cores[self.tissue > 0]

    def fullest(self) -> np.ndarray:
        """All cores, those with the most tissue first."""
        return self.cores[np.argsort(-self.tissue, kind="stable")]

    def hold(self, xy: np.ndarray) -> np.ndarray:
        """Which points (x, y) of the plane, shape (n, 2), lie in tiles that are not blank."""
        across = -(-self.grid.width // self.grid.core_px)
        column, row = np.floor((xy + 0.5) / self.grid.core_px).astype(np.int64).T
        return np.asarray(self.tissue[row * across + column] > 0)

    def in_squares(self, corners: np.ndarray, side_px: int) -> np.ndarray:
        """Tissue in squares of the plane, by their top left (y, x), as `tissue_px` gives it."""
        return tissue_px(self.mask, self.mask_px, corners, side_px, 0)


def plane_grid(width: int, height: int, factor: float, spec: DetectorSpec) -> TileGrid:
    """The tiles of the plane that the model sees of an image of this size."""
    height, width = resized_px(height, factor), resized_px(width, factor)
    return TileGrid(height, width, spec.tile_px, spec.halo_px)


def tissue_tiles(slide: Slide, factor: float, spec: DetectorSpec) -> TissueTiles:
    """Look for tissue on a slide's overview.

    Args:
        slide: Opened.
        factor: Factor that brings level 0 to the plane that the model sees.
        spec: Specification of the model.

    Raises:
        DataError: The slide is damaged.
    """
    found = slide_tissue(slide)
    grid = plane_grid(slide.width, slide.height, factor, spec)
    cores = np.array(list(grid.cores()), dtype=np.int64)
    mask_px = found.shrink * factor
    margin_px = round(MARGIN_UM / found.spacing_um_px * mask_px)
    tissue = tissue_px(found.mask, mask_px, cores, grid.core_px, margin_px)
    area_mm2, unwritten_mm2 = found.area_mm2(), found.unwritten_mm2
    return TissueTiles(area_mm2, unwritten_mm2, grid, cores, tissue, found.mask, mask_px)
