"""The picture that a TIFF holds, decoded tile by tile or strip by strip."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mitokeras.errors import DataError
from mitokeras.slides.damage import damage
from mitokeras.slides.headers import jpeg_2000_size, jpeg_size
from mitokeras.slides.lzw import check_lzw
from mitokeras.slides.resolution import Spacing, of_ome_xml, of_tiff_page
from mitokeras.slides.samples import Samples, check_fits
from mitokeras.slides.tiff_claims import check_planes
from mitokeras.slides.tiff_colours import JPEG, JPEG_2000, LZW, Colours, colours_of
from mitokeras.slides.tiff_file import LARGEST_TILE_PX, check_tile, open_tiff, the_picture

LARGEST_TILE_BYTES = 2**30

JPEG_END = b"\xff\xd9"


@dataclass(frozen=True)
class Level:
    """One size of the pyramid; a tile may be a strip.

    Attributes:
        width: Pixels.
        height: Pixels.
        tile_width: Pixels.
        tile_height: Pixels.
        planes: Page and number of the first tile there, one for interleaved samples or one for
            each.
        colours: What the samples mean.
    """

    width: int
    height: int
    tile_width: int
    tile_height: int
    planes: tuple[tuple[Any, int], ...]
    colours: Colours

    @property
    def across(self) -> int:
        return math.ceil(self.width / self.tile_width)

    @property
    def down(self) -> int:
        return math.ceil(self.height / self.tile_height)


class TiffPicture:
    """An opened TIFF of one picture. Several threads may read it.

    Args:
        path: The file.

    Attributes:
        levels: Its sizes, finest first.
        format: "OME-TIFF" or "TIFF".
        stated: Size of a pixel by its metadata.
        is_jpeg: Whether its tiles are JPEGs.

    Raises:
        DataError: The file is damaged, or holds what is not read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._tiff = open_tiff(path)
        try:
            with damage(path, "cannot be opened"):
                check_planes(path, self._tiff)
                series = the_picture(path, self._tiff.series)
                self.levels = [_level(path, level) for level in series.levels]
                self.format = "OME-TIFF" if self._tiff.is_ome else "TIFF"
                self.stated = self._stated(series.keyframe)
                self.is_jpeg = series.keyframe.compression == JPEG
        except BaseException:
            self._tiff.close()
            raise

    def tile(self, index: int, row: int, column: int) -> Samples | None:
        """Decode one tile of a level, at the right and below perhaps more than the picture has.

        Returns:
            None where no tile was ever written.

        Raises:
            Exception: One of `DAMAGE`.
        """
        level = self.levels[index]
        number = row * level.across + column
        planes = [self._plane(page, first + number) for page, first in level.planes]
        decoded = [plane for plane in planes if plane is not None]
        if len(decoded) < len(planes):
            return None
        return level.colours.of(np.concatenate(decoded, axis=-1) if decoded[1:] else decoded[0])

    def samples(self) -> Samples:
        """Decode the whole picture.

        Raises:
            DataError: It is damaged, too large, or parts of it were never written.
        """
        level = self.levels[0]
        check_fits(self._path, level.width, level.height)
        with damage(self._path, "cannot be decoded"):
            rows = [
                [self.tile(0, row, column) for column in range(level.across)]
                for row in range(level.down)
            ]
            whole = [[tile for tile in row if tile is not None] for row in rows]
            if any(len(row) < level.across for row in whole):
                raise DataError(f"{self._path}: all its tiles must be there. Received: some")
            values = _joined([[tile.values for tile in row] for row in whole], level)
            alphas = [[tile.alpha for tile in row if tile.alpha is not None] for row in whole]
            colours = level.colours
            alpha = _joined(alphas, level) if colours.has_alpha else None
            return Samples(values, alpha, colours.premultiplied, colours.lossy)

    def close(self) -> None:
        self._tiff.close()

    def _stated(self, page: Any) -> Spacing | None:
        if self._tiff.is_ome:
            width, height = self.levels[0].width, self.levels[0].height
            return of_ome_xml(self._tiff.ome_metadata or "", width, height)
        return of_tiff_page(page)

    def _plane(self, page: Any, number: int) -> np.ndarray | None:
        """Samples of one tile, shape (height, width, samples), or None where none was written."""
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


def _joined(tiles: list[list[np.ndarray]], level: Level) -> np.ndarray:
    rows = [np.concatenate(row, axis=1) for row in tiles]
    return np.concatenate(rows)[: level.height, : level.width]


def _level(path: Path, series: Any) -> Level:
    """Where the tiles of one level lie, for samples in one page or one page each."""
    page = series.keyframe
    if series.axes not in ("YX", "YXS", "SYX", "CYX"):
        raise DataError(
            f"{path}: an image must be one picture. Received: axes {series.axes}, "
            f"{' x '.join(map(str, series.shape))}"
        )
    pages = list(series.pages) if series.axes == "CYX" else [page]
    colours = colours_of(path, page, len(pages))
    height, width = page.imagelength, page.imagewidth
    sides = (width, height, page.tilewidth, page.tilelength, page.rowsperstrip or height)
    if not width * height or not all(isinstance(side, int) for side in sides):
        raise DataError(f"{path}: an image must have pixels. Received: {width} x {height} px")
    if page.is_tiled:
        tile_width, tile_height = page.tilewidth, page.tilelength
    else:
        tile_width, tile_height = width, min(page.rowsperstrip or height, height)
    check_tile(path, tile_width, tile_height)
    tile_bytes = tile_width * tile_height * page.samplesperpixel * page.dtype.itemsize
    if tile_bytes > LARGEST_TILE_BYTES:
        raise DataError(
            f"{path}: a tile must have at most {LARGEST_TILE_BYTES} bytes. Received: {tile_bytes}"
        )
    across, down = math.ceil(width / tile_width), math.ceil(height / tile_height)
    if series.axes == "SYX":
        planes = [(page, plane * across * down) for plane in range(page.samplesperpixel)]
    else:
        planes = [(each, 0) for each in pages]
    return Level(width, height, tile_width, tile_height, tuple(planes), colours)


def _check_stated(page: Any, data: bytes) -> None:
    """Refuse a tile that says of itself what the decoder would believe, to our harm."""
    if page.compression == JPEG:
        width, height = jpeg_size(data)
    elif page.compression in JPEG_2000:
        width, height = jpeg_2000_size(data)
    else:
        if page.compression == LZW:
            check_lzw(data)
        return
    if width * height > LARGEST_TILE_PX:
        raise ValueError(f"a tile claims to have {width} x {height} px")
