"""Whole slides and single images, read window by window through one interface.

Pixel coordinates are (x, y) of level 0, the finest; x to the right and y down.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from mitokeras.slides.absent_tiles import AbsentTiles
from mitokeras.slides.resolution import Spacing


class Slide(Protocol):
    """An opened image of any size.

    Attributes:
        width: Width of level 0, pixels.
        height: Height of level 0, pixels.
        spacing_um_px: Size of a pixel of level 0.
        pixel_um: Its width and height, of which `spacing_um_px` is the mean: over a slide, half a
            percent is more than the size of a figure.
        scan_corner: Where the scanned area begins on level 0, (x, y): some scanners lay it out on
            the glass, and programs such as QuPath count from there.
        spacing_source: Where the spacing comes from, such as "openslide.mpp-x", "OME-XML" or
            "--spacing-um-px".
        stated: What the metadata state of the spacing, whoever is believed; None where they state
            none that a scanner has.
        absent_tiles: Which tiles of level 0 the file has not, though it should; they are white.
        format: Such as "aperio", "OME-TIFF" or "PNG".
    """

    width: int
    height: int
    spacing_um_px: float
    pixel_um: tuple[float, float]
    scan_corner: tuple[int, int]
    spacing_source: str
    stated: Spacing | None
    absent_tiles: AbsentTiles
    format: str

    def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        """Read a window of level 0 that lies inside the slide. Several threads may call it.

        Returns:
            RGB, uint8, shape (height, width, 3). What was never scanned is white.

        Raises:
            DataError: The file is damaged there.
        """
        ...

    def overview(self, shrink: int) -> np.ndarray:
        """The whole slide, each pixel the mean of `shrink` x `shrink` pixels of level 0.

        It is made from the coarsest level that is fine enough, in bounded memory.

        Returns:
            RGB, uint8, shape (ceil(slide height / shrink), ceil(slide width / shrink), 3).

        Raises:
            DataError: The file is damaged.
        """
        ...

    def shrunk(self, x: int, y: int, width: int, height: int, shrink: int) -> np.ndarray:
        """A window of level 0 that lies inside the slide, shrunk. Several threads may call it.

        Each pixel is the mean of `shrink` x `shrink` pixels of level 0, made from the coarsest
        level that is fine enough, in memory that depends on the picture only.

        Returns:
            RGB, uint8, shape (ceil(height / shrink), ceil(width / shrink), 3).

        Raises:
            DataError: The file is damaged there.
        """
        ...

    def close(self) -> None: ...
