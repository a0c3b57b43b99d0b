"""The tissue of a slide, and its area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitokeras.detect.tissue import SPECK_MM2, tissue_mask
from mitokeras.slides import Slide

OVERVIEW_UM_PX = 8.0
"""Tissue is told from glass at this spacing."""


@dataclass(frozen=True, eq=False)
class SlideTissue:
    """Where there is tissue on a slide.

    Attributes:
        mask: Tissue on the overview, bool.
        shrink: Pixels of level 0 to one of the overview, on each axis.
        spacing_um_px: Size of a pixel of the overview.
        size_px: Width and height of the slide in pixels of the overview, of which it may cover the
            last in part.
        unwritten_mm2: Tissue that a coarser level shows where level 0 was never written, so that no
            figure can be looked for there; it is not in the mask. 0 where less than `SPECK_MM2`.
    """

    mask: np.ndarray
    shrink: int
    spacing_um_px: float
    size_px: tuple[float, float]
    unwritten_mm2: float = 0.0

    def area_mm2(self, mask: np.ndarray | None = None) -> float:
        """Area of the tissue, or of another mask of the overview; the slide's border cuts it off.

        Args:
            mask: Bool, of the overview's shape.
        """
        mask = self.mask if mask is None else mask
        last_column, last_row = (
            size - (length - 1) for size, length in zip(self.size_px, mask.shape[::-1], strict=True)
        )
        columns = np.count_nonzero(mask, axis=0) - (1.0 - last_row) * mask[-1]
        covered = columns.sum() - (1.0 - last_column) * columns[-1]
        return float(covered) * (self.spacing_um_px / 1000.0) ** 2


def slide_tissue(slide: Slide) -> SlideTissue:
    """Look for tissue on a slide's overview.

    Raises:
        DataError: The slide is damaged.
    """
    shrink = max(1, round(OVERVIEW_UM_PX / slide.spacing_um_px))
    spacing_um_px = shrink * slide.spacing_um_px
    size_px = slide.width / shrink, slide.height / shrink
    overview = slide.overview(shrink)
    seen = SlideTissue(tissue_mask(overview, spacing_um_px), shrink, spacing_um_px, size_px)
    if not slide.absent_tiles.count:
        return seen
    overview[slide.absent_tiles.on_overview(overview.shape[:2], shrink)] = 255
    mask = tissue_mask(overview, spacing_um_px)
    unwritten_mm2 = seen.area_mm2(seen.mask & ~mask)
    if unwritten_mm2 < SPECK_MM2:
        unwritten_mm2 = 0.0
    return SlideTissue(mask, shrink, spacing_um_px, size_px, unwritten_mm2)
