"""TIFF that is no scanner's: OME-TIFF, and whatever OpenSlide does not read or not as well."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import tifffile

from mitokeras.slides.channels import check_channels
from mitokeras.slides.damage import damage
from mitokeras.slides.resolution import believed, choose
from mitokeras.slides.samples import RGB, check_is_image, check_is_seen
from mitokeras.slides.shrinking import overview, shrunk_window
from mitokeras.slides.tiff_picture import TiffPicture

CACHE_BYTES = 128 * 2**20
"""Memory for decoded tiles or strips a slide, since windows overlap and strips are wide."""


class TiffReader:
    """A TIFF of any size, read window by window.

    Args:
        path: The file, for messages.
        tiff: What was opened of it; it closes with the reader.
        spacing_um_px: Overrides what the metadata state.

    Attributes:
        levels: Sizes of the picture and its copies, finest first.
        is_plain_jpeg: Whether its tiles are JPEGs that state the colours of the tags, or none.

    Raises:
        DataError: The file is damaged, is not 8-bit colour, or its spacing is not known.
    """

    def __init__(
        self, path: Path, tiff: tifffile.TiffFile, spacing_um_px: float | None = None
    ) -> None:
        self._path = path
        self._tiff = tiff
        self._picture = TiffPicture(path, tiff)
        self._levels = self._picture.levels
        tile_bytes = self._levels[0].tile_width * self._levels[0].tile_height * RGB
        self._tile = lru_cache(max(1, CACHE_BYTES // tile_bytes))(self._decode)
        for level in self._levels:
            check_is_image(path, level.colours.channels, level.colours.kind)
        self.levels = [level.size for level in self._levels]
        self.width, self.height = self.levels[0]
        check_channels(path, tiff, self.width, self.height)
        self.absent_tiles = self._levels[0].absent
        self.format, self.is_plain_jpeg = self._picture.format, self._picture.is_plain_jpeg
        self.stated = believed(self._picture.stated)
        self.pixel_um, self.spacing_source = choose(path, self._picture.stated, spacing_um_px)
        self.spacing_um_px = sum(self.pixel_um) / 2
        self.scan_corner = 0, 0
        check_is_seen(path, self._is_seen())

    def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        return self._read_level(0, x, y, width, height)

    def overview(self, shrink: int) -> np.ndarray:
        return overview(self.levels, shrink, self._read_level)

    def shrunk(self, x: int, y: int, width: int, height: int, shrink: int) -> np.ndarray:
        return shrunk_window(self.levels, shrink, self._read_level, (x, y), (width, height))

    def close(self) -> None:
        self._tile.cache_clear()
        self._tiff.close()

    def _read_level(self, index: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        level = self._levels[index]
        window = np.empty((height, width, RGB), np.uint8)
        where = f"damaged in the window of {width} x {height} px at ({x}, {y}) of level {index}"
        with damage(self._path, where):
            for row in range(y // level.tile_height, -(-(y + height) // level.tile_height)):
                for column in range(x // level.tile_width, -(-(x + width) // level.tile_width)):
                    tile = self._tile(index, row, column)
                    _paste(window, tile, column * level.tile_width - x, row * level.tile_height - y)
        return window

    def _decode(self, index: int, row: int, column: int) -> np.ndarray:
        """One tile in RGB; where none was written, white."""
        level = self._levels[index]
        samples = self._picture.tile(index, row, column)
        if samples is None:
            return np.full((level.tile_height, level.tile_width, RGB), 255, np.uint8)
        return samples.on_glass()

    def _is_seen(self) -> bool:
        """Whether the coarsest level has an opaque pixel; mostly its first tile tells."""
        index = len(self._levels) - 1
        level = self._levels[index]
        if not level.colours.has_alpha:
            return True
        with damage(self._path, "damaged"):
            tiles = (
                self._picture.tile(index, row, column)
                for row in range(level.down)
                for column in range(level.across)
            )
            alphas = (None if tile is None else tile.alpha for tile in tiles)
            return any(alpha is not None and bool(alpha.any()) for alpha in alphas)


def _paste(window: np.ndarray, tile: np.ndarray, left: int, top: int) -> None:
    """Copy the part of a tile that lies in a window; the corner is relative to the window's."""
    x, y = max(left, 0), max(top, 0)
    part = tile[y - top : window.shape[0] - top, x - left : window.shape[1] - left]
    window[y : y + part.shape[0], x : x + part.shape[1]] = part
