"""TIFF that is no scanner's: OME-TIFF, and whatever OpenSlide does not read or not as well."""

from __future__ import annotations

import logging
import math
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from mitokeras.data.headers import jpeg_2000_size, jpeg_size
from mitokeras.errors import DataError, reason_of
from mitokeras.slides.openslide_reader import over_white
from mitokeras.slides.resolution import Spacing, choose, of_ome_xml, of_tiff_page
from mitokeras.slides.shrinking import overview
from mitokeras.slides.tiff_claims import check_planes, known_pages

CACHE_BYTES = 128 * 2**20
"""Memory for decoded tiles or strips a slide, since windows overlap and strips are wide."""

DAMAGE = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    struct.error,
    zlib.error,
)
"""What tifffile and imagecodecs were seen to raise on damaged files, or may: they check little."""

LARGEST_TILE_PX = 2**28
"""Tiles and strips are decoded as a whole, and a damaged header may claim any size."""

JPEG, JPEG_END = 7, b"\xff\xd9"
JPEG_2000 = (33003, 33005, 34712)
COMPRESSIONS = (1, 5, JPEG, 8, 32773, 32946, 34925, 50000, 50001, *JPEG_2000)
"""None, LZW, JPEG, Deflate, PackBits, Deflate as it was, LZMA, Zstandard, WebP. They give no more
than a tile can hold, but for JPEG and JPEG 2000, which are looked at first."""

PHOTOMETRIC_GREY, PHOTOMETRIC_RGB, PHOTOMETRIC_YCBCR = 1, 2, 6

# What tifffile logs about a damaged file comes back as a DataError.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class _Level:
    """One size of the pyramid; a tile may be a strip.

    Attributes:
        width: Pixels.
        height: Pixels.
        tile_width: Pixels.
        tile_height: Pixels.
        planes: Page and number of the first tile there, one for interleaved colours or three.
    """

    width: int
    height: int
    tile_width: int
    tile_height: int
    planes: tuple[tuple[Any, int], ...]

    @property
    def across(self) -> int:
        return math.ceil(self.width / self.tile_width)


def is_ome(path: Path) -> bool:
    """Whether a TIFF has OME-XML metadata.

    Raises:
        DataError: It has no page.
    """
    with _damage(path, "cannot be opened"), _open(path) as tiff:
        return bool(tiff.pages.first.is_ome)


def is_jpeg(path: Path) -> bool:
    """Whether a TIFF holds JPEG data; then also that they are in colour.

    Raises:
        DataError: They are grey, of which OpenSlide makes an RGB picture.
    """
    with _damage(path, "cannot be opened"), _open(path) as tiff:
        page = tiff.pages.first
        if page.compression != JPEG:
            return False
        _check_page(path, page, page.samplesperpixel)
        return True


def check_tiles(path: Path) -> None:
    """Refuse a TIFF whose tiles are of impossible sizes, at which OpenSlide ends the process.

    Raises:
        DataError: A tile has no pixels, very many, or more bytes than the file; or as
            `known_pages`.
    """
    with _damage(path, "cannot be opened"), _open(path) as tiff:
        for page in known_pages(path, tiff):
            if page.is_tiled:
                _check_tile(path, page.tilewidth, page.tilelength)
                if max(page.databytecounts, default=0) > tiff.filehandle.size:
                    raise DataError(f"{path}: cannot be opened: its list of tiles is damaged")


class TiffReader:
    """A TIFF of any size, decoded tile by tile or strip by strip.

    Args:
        path: The file.
        spacing_um_px: Overrides what the metadata state.

    Raises:
        DataError: The file is damaged, is not 8-bit colour, or its spacing is not known.
    """

    def __init__(self, path: Path, spacing_um_px: float | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        with _damage(path, "cannot be opened"):
            self._tiff = _open(path)
        try:
            with _damage(path, "cannot be opened"):
                check_planes(path, self._tiff)
                series = max(self._tiff.series, key=_area)
                self._levels = [_level(path, level) for level in series.levels]
                self.format = "OME-TIFF" if self._tiff.is_ome else "TIFF"
                self.width, self.height = self._levels[0].width, self._levels[0].height
                stated = self._stated(series.keyframe)
            self.pixel_um, self.spacing_source = choose(path, stated, spacing_um_px)
            self.spacing_um_px = sum(self.pixel_um) / 2
            self.scan_corner = 0, 0
        except BaseException:
            self._tiff.close()
            raise
        tile_bytes = self._levels[0].tile_width * self._levels[0].tile_height * 3
        self._tile = lru_cache(max(1, CACHE_BYTES // tile_bytes))(self._decode)

    def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        return self._read_level(0, x, y, width, height)

    def overview(self, shrink: int) -> np.ndarray:
        sizes = [(level.width, level.height) for level in self._levels]
        return overview(sizes, shrink, self._read_level)

    def close(self) -> None:
        self._tile.cache_clear()
        self._tiff.close()

    def _stated(self, page: Any) -> Spacing | None:
        if self._tiff.is_ome:
            return of_ome_xml(self._tiff.ome_metadata or "", self.width, self.height)
        return of_tiff_page(page)

    def _read_level(self, index: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        level = self._levels[index]
        window = np.empty((height, width, 3), np.uint8)
        where = f"damaged in the window of {width} x {height} px at ({x}, {y}) of level {index}"
        with _damage(self._path, where):
            for row in range(y // level.tile_height, -(-(y + height) // level.tile_height)):
                for column in range(x // level.tile_width, -(-(x + width) // level.tile_width)):
                    tile = self._tile(index, row, column)
                    _paste(window, tile, column * level.tile_width - x, row * level.tile_height - y)
        return window

    def _decode(self, index: int, row: int, column: int) -> np.ndarray:
        """One tile in RGB; where none was written, white."""
        level = self._levels[index]
        number = row * level.across + column
        planes = [self._decode_plane(page, first + number) for page, first in level.planes]
        if any(plane is None for plane in planes):
            return np.full((level.tile_height, level.tile_width, 3), 255, np.uint8)
        tile = np.concatenate([plane for plane in planes if plane is not None], axis=-1)
        return over_white(tile) if tile.shape[-1] == 4 else tile

    def _decode_plane(self, page: Any, number: int) -> np.ndarray | None:
        """One tile, shape (height, width, samples), or None where none was written."""
        offset, count = page.dataoffsets[number], page.databytecounts[number]
        if not count:
            return None
        if offset + count > self._tiff.filehandle.size:  # room would be made for what is claimed
            raise ValueError("the file is cut off")
        with self._lock:  # the file has one position
            self._tiff.filehandle.seek(offset)
            data = self._tiff.filehandle.read(count)
        # The decoder paints the rest of a JPEG that is cut off in grey, and says nothing.
        if page.compression == JPEG and not data.rstrip(b"\0").endswith(JPEG_END):
            raise ValueError("JPEG data are cut off")
        _check_stated(page, data)
        tile, _, _ = page.keyframe.decode(
            data, number, jpegtables=page.jpegtables, jpegheader=page.keyframe.jpegheader
        )
        return tile[0]


def _open(path: Path) -> tifffile.TiffFile:
    """Open this file alone: metadata may name others, in any folder or on another computer."""
    return tifffile.TiffFile(path, _multifile=False, is_mmstack=False, is_ndtiff=False)


@contextmanager
def _damage(path: Path, what: str) -> Iterator[None]:
    """Turn what the libraries raise on a damaged file into one line that names it."""
    try:
        yield
    except DAMAGE as error:
        raise DataError(f"{path}: {what}: {reason_of(error)}") from error


def _area(series: Any) -> int:
    return math.prod(
        length for axis, length in zip(series.axes, series.shape, strict=True) if axis in "YX"
    )


def _level(path: Path, series: Any) -> _Level:
    """Where the tiles of one level lie, for colours in one page or one page each."""
    page = series.keyframe
    if series.axes not in ("YXS", "SYX", "CYX"):
        raise DataError(
            f"{path}: an image must be one plane in colour. Received: axes {series.axes}, "
            f"{' x '.join(map(str, series.shape))}"
        )
    pages = list(series.pages) if series.axes == "CYX" else [page]
    _check_page(path, page, page.samplesperpixel * len(pages))
    height, width = page.imagelength, page.imagewidth
    sides = (width, height, page.tilewidth, page.tilelength, page.rowsperstrip or height)
    if not width * height or not all(isinstance(side, int) for side in sides):
        raise DataError(f"{path}: an image must have pixels. Received: {width} x {height} px")
    if page.is_tiled:
        tile_width, tile_height = page.tilewidth, page.tilelength
    else:
        tile_width, tile_height = width, min(page.rowsperstrip or height, height)
    _check_tile(path, tile_width, tile_height)
    across, down = math.ceil(width / tile_width), math.ceil(height / tile_height)
    if series.axes == "SYX":
        planes = [(page, plane * across * down) for plane in range(page.samplesperpixel)]
    else:
        planes = [(each, 0) for each in pages]
    return _Level(width, height, tile_width, tile_height, tuple(planes))


def _check_tile(path: Path, width: int, height: int) -> None:
    if not 0 < width * height <= LARGEST_TILE_PX:
        raise DataError(
            f"{path}: a tile or strip must have 1 to {LARGEST_TILE_PX} px. "
            f"Received: {width} x {height} px"
        )


def _check_stated(page: Any, data: bytes) -> None:
    """Refuse a tile whose own header claims another size, which the decoder would believe."""
    if page.compression == JPEG:
        width, height = jpeg_size(data)
    elif page.compression in JPEG_2000:
        width, height = jpeg_2000_size(data)
    else:
        return
    if width * height > LARGEST_TILE_PX:
        raise ValueError(f"a tile claims to have {width} x {height} px")


def _check_page(path: Path, page: Any, channels: int) -> None:
    if page.dtype != np.uint8 or page.bitspersample != 8:
        raise DataError(f"{path}: an image must have 8 bits a channel. Received: {page.dtype}")
    if page.compression not in COMPRESSIONS:
        kind = getattr(page.compression, "name", page.compression)
        raise DataError(f"{path}: this compression of TIFF is not read. Received: {kind}")
    in_colour = (
        page.photometric == PHOTOMETRIC_RGB
        or (page.photometric == PHOTOMETRIC_YCBCR and page.compression == JPEG)
        or (page.photometric == PHOTOMETRIC_GREY and page.samplesperpixel == 1)
    )
    if channels not in (3, 4) or not in_colour:
        kind = getattr(page.photometric, "name", page.photometric)
        raise DataError(
            f"{path}: an image must be in colour, RGB. Received: {channels} channels, {kind}"
        )


def _paste(window: np.ndarray, tile: np.ndarray, left: int, top: int) -> None:
    """Copy the part of a tile that lies in a window; the corner is relative to the window's."""
    x, y = max(left, 0), max(top, 0)
    part = tile[y - top : window.shape[0] - top, x - left : window.shape[1] - left]
    window[y : y + part.shape[0], x : x + part.shape[1]] = part
