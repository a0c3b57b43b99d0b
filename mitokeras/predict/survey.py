"""The first look at a slide: its size and spacing, its tissue, and the tiles worth a look."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mitokeras.data.resize import resize_factor
from mitokeras.data.stain import estimate_stains
from mitokeras.detect.blank import plane_grid, tissue_tiles
from mitokeras.detect.tiling import TileGrid
from mitokeras.detect.windows import WHOLE_PX
from mitokeras.errors import DataError
from mitokeras.predict.plane import Plane
from mitokeras.predict.suitability import suitability_of
from mitokeras.slides import Slide

if TYPE_CHECKING:
    from mitokeras.detect.learned import Learned
    from mitokeras.detect.spec import DetectorSpec

logger = logging.getLogger(__name__)

STAIN_TILES = 16
"""The stains of a slide are estimated on so many, those with the most tissue; those of an image of
at most `WHOLE_PX` on all of it, as in a field."""


@dataclass(frozen=True, eq=False)
class Survey:
    """What the stages have to know about a slide.

    Attributes:
        width: Width of level 0, pixels.
        height: Height of level 0, pixels.
        spacing_um_px: Size of a pixel of level 0.
        pixel_um: Its width and height, shape (2,).
        scan_corner: Where the scanned area begins on level 0, (x, y), shape (2,).
        spacing_source: Where it comes from.
        format: Format of the file.
        factor: Factor that brings level 0 to the model's spacing.
        tissue_mm2: Area of tissue.
        unwritten_mm2: As in `SlideTissue`.
        tiles: Number of tiles of the whole slide.
        cores: Top left (y, x) of the core of each tile with tissue, int64, shape (n, 2).
        stain_matrix: As `estimate_stains` gives it, shape (3, 2); empty where the model wants no
            normalisation or no two stains were found.
        stain_maxima: Shape (2,), or empty.
        suitability: JSON of a `Suitability`.
    """

    width: int
    height: int
    spacing_um_px: float
    pixel_um: np.ndarray
    scan_corner: np.ndarray
    spacing_source: str
    format: str
    factor: float
    tissue_mm2: float
    unwritten_mm2: float
    tiles: int
    cores: np.ndarray
    stain_matrix: np.ndarray
    stain_maxima: np.ndarray
    suitability: str

    def plane(self, slide: Slide, spec: DetectorSpec) -> Plane:
        """The slide as the networks see it."""
        normalizer = spec.normalizer()
        if normalizer is None or not self.stain_maxima.size:
            return Plane(slide, self.factor)
        stains = (self.stain_matrix, self.stain_maxima)
        return Plane(slide, self.factor, partial(normalizer.transform_from, stains))

    def grid(self, spec: DetectorSpec) -> TileGrid:
        """The tiles of the plane."""
        return plane_grid(self.width, self.height, self.factor, spec)

    @property
    def plane_spacing_um_px(self) -> float:
        return self.spacing_um_px / self.factor

    def level_0(self, xy: np.ndarray) -> np.ndarray:
        """Points (x, y) of the plane in pixels of level 0; pixel centres at whole numbers."""
        return (xy + 0.5) / self.factor - 0.5


def survey_slide(
    slide: Slide, spec: DetectorSpec, name: str, learned: Learned, file: Path | None = None
) -> Survey:
    """Look at a slide's overview.

    Args:
        slide: Opened.
        spec: Specification of the model.
        name: Name of the slide, for messages.
        learned: What the model has learned from.
        file: The slide's, if it has one.

    Raises:
        DataError: The spacing is too far from the model's, or there is no tissue.
    """
    factor = resize_factor(slide.spacing_um_px, spec.spacing_um_px, name)
    if min(slide.width, slide.height) * factor < 1:
        raise DataError(
            f"{name}: must be at least a pixel of the model's {spec.spacing_um_px:g} um wide and "
            f"high. Received: {slide.width} x {slide.height} px of {slide.spacing_um_px:g} um"
        )
    plane = Plane(slide, factor)
    found = tissue_tiles(slide, factor, spec)
    if not found.area_mm2:
        raise DataError(f"{name}: a slide must have tissue. Received: glass alone")
    stains = _stains(plane, found.grid, found.fullest(), spec, name)
    matrix, maxima = stains or (np.zeros((0, 0)), np.zeros(0))
    return Survey(
        width=slide.width,
        height=slide.height,
        spacing_um_px=slide.spacing_um_px,
        pixel_um=np.array(slide.pixel_um),
        scan_corner=np.array(slide.scan_corner),
        spacing_source=slide.spacing_source,
        format=slide.format,
        factor=factor,
        tissue_mm2=found.area_mm2,
        unwritten_mm2=found.unwritten_mm2,
        tiles=len(found.cores),
        cores=found.own(),
        stain_matrix=matrix,
        stain_maxima=maxima,
        suitability=suitability_of(plane, found, spec, learned, file).model_dump_json(),
    )


def _stains(
    plane: Plane, grid: TileGrid, cores: np.ndarray, spec: DetectorSpec, name: str
) -> tuple[np.ndarray, np.ndarray] | None:
    """Stains of the slide; None where the model wants none, or no two are found."""
    if spec.normalizer() is None:
        return None
    slide = plane.slide
    if max(plane.height * plane.width, slide.height * slide.width) <= WHOLE_PX:
        sample = plane.window(slice(0, plane.height), slice(0, plane.width))
    else:
        chosen = cores[:STAIN_TILES]
        sample = np.concatenate(
            [plane.read(grid.corner((int(y), int(x))), grid.tile_px) for y, x in chosen]
        )
    stains = estimate_stains(sample)
    if stains is None:
        logger.warning("%s: no two stains were found, so its stain is not normalised", name)
    return stains
