"""The tissue of a slide under review."""

from __future__ import annotations

import threading
from functools import cached_property

from mitokeras.detect.slide_tissue import SlideTissue, slide_tissue
from mitokeras.slides import Slide
from mitokeras.verdicts.events import Outline
from mitokeras.verdicts.regions import covered


class Tissue:
    """The tissue of a slide, looked for once."""

    def __init__(self, slide: Slide) -> None:
        self._slide = slide
        self._lock = threading.Lock()

    def area_mm2(self, outlines: tuple[Outline, ...]) -> float:
        """Area of the tissue in a region.

        Raises:
            DataError: The slide is damaged.
        """
        with self._lock:
            found = self._found
        mask = found.mask
        inside = covered((mask.shape[0], mask.shape[1]), found.shrink, outlines)
        return found.area_mm2(mask & inside)

    @cached_property
    def _found(self) -> SlideTissue:
        return slide_tissue(self._slide)
