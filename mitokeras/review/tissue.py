"""The tissue of a slide under review."""

from __future__ import annotations

import threading
from functools import cached_property

import numpy as np

from mitokeras.detect.blank import OVERVIEW_UM_PX
from mitokeras.detect.tissue import tissue_area_mm2, tissue_mask
from mitokeras.slides import Slide
from mitokeras.verdicts.events import Outline
from mitokeras.verdicts.regions import covered


class Tissue:
    """The tissue of a slide, looked for once."""

    def __init__(self, slide: Slide) -> None:
        self._slide = slide
        self._shrink = max(1, round(OVERVIEW_UM_PX / slide.spacing_um_px))
        self._lock = threading.Lock()

    def area_mm2(self, outlines: tuple[Outline, ...]) -> float:
        """Area of the tissue in a region.

        Raises:
            DataError: The slide is damaged.
        """
        with self._lock:
            mask = self._mask
        inside = mask & covered((mask.shape[0], mask.shape[1]), self._shrink, outlines)
        return tissue_area_mm2(inside, self._spacing_um_px)

    @property
    def _spacing_um_px(self) -> float:
        return self._shrink * self._slide.spacing_um_px

    @cached_property
    def _mask(self) -> np.ndarray:
        return tissue_mask(self._slide.overview(self._shrink), self._spacing_um_px)
