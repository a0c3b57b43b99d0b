"""The picture that a TIFF holds, decoded tile by tile or strip by strip."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from mitokeras.errors import DataError
from mitokeras.slides.absent_tiles import AbsentTiles
from mitokeras.slides.damage import damage
from mitokeras.slides.headers import jpeg_2000_size, jpeg_is_ycbcr, jpeg_size, webp_size
from mitokeras.slides.lzw import check_lzw
from mitokeras.slides.resolution import Spacing, of_ome_xml, of_tiff_page
from mitokeras.slides.samples import Samples, check_fits, check_is_whole
from mitokeras.slides.shrinking import Size, is_copy
from mitokeras.slides.tiff_claims import check_planes
from mitokeras.slides.tiff_colours import (
    IN_RGB,
    JPEG,
    JPEG_2000,
    LZW,
    WEBP,
    YCBCR,
    Colours,
    colours_of,
)
from mitokeras.slides.tiff_file import absent_tiles, check_tile, the_picture

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
        absent: Which of its tiles were never written.
    """

    width: int
    height: int
    tile_width: int
    tile_height: int
    planes: tuple[tuple[Any, int], ...]
    colours: Colours
    absent: AbsentTiles

    @property
    def size(self) -> Size:
        return self.width, self.height

    @property
    def across(self) -> int:
        return math.ceil(self.width / self.tile_width)

    @property
    def down(self) -> int:
        return math.ceil(self.height / self.tile_height)

    def may_have(self, row: int, column: int, size: Size) -> bool:
        """Whether a tile may be of a size: whole, or cut where the picture ends."""
        width, height = size
        widths = self.tile_width, self.width - column * self.tile_width
        heights = self.tile_height, self.height - row * self.tile_height
        return width in widths and height in heights


class TiffPicture:
    """The picture of an opened TIFF. Several threads may read it.

    Args:
        path: The file, for messages.
        tiff: What was opened of it.

    Attributes:
        levels: Its sizes, finest first.
        format: "OME-TIFF" or "TIFF".
        stated: Size of a pixel by its metadata.
        is_plain_jpeg: Whether its tiles are JPEGs that state the colours of the tags, or none.

    Raises:
        DataError: The file is damaged, or holds what is not read.
    """

    def __init__(self, path: Path, tiff: tifffile.TiffFile) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._tiff = tiff
        with damage(path, "cannot be opened"):
            check_planes(path, tiff)
            series = the_picture(path, tiff.series)
            self.levels = _levels(path, series)
            self.format = "OME-TIFF" if tiff.is_ome else "TIFF"
            self.stated = self._stated(series.keyframe)
            self.is_plain_jpeg = self._is_plain_jpeg(series.keyframe)

    def tile(self, index: int, row: int, column: int) -> Samples | None:
        """Decode one tile of a level, at the right and below perhaps more than the picture has.

        Returns:
            None where no tile was ever written.

        Raises:
            Exception: One of `DAMAGE`.
        """
        level = self.levels[index]
        planes = [self._plane(level, plane, row, column) for plane in level.planes]
        decoded = [plane for plane in planes if plane is not None]
        if not decoded:
            return None
        if len(decoded) < len(planes):
            raise ValueError("a tile must have all of its colours")
        return level.colours.of(np.concatenate(decoded, axis=-1) if decoded[1:] else decoded[0])

    def samples(self) -> Samples:
        """Decode the whole picture.

        Raises:
            DataError: It is damaged, too large, or parts of it were never written.
        """
        level = self.levels[0]
        check_fits(self._path, level.width, level.height)
        check_is_whole(self._path, level.absent.count)
        with damage(self._path, "cannot be decoded"):
            rows = [
                [self.tile(0, row, column) for column in range(level.across)]
                for row in range(level.down)
            ]
            whole = [[tile for tile in row if tile is not None] for row in rows]
            values = _joined([[tile.values for tile in row] for row in whole], level)
            alphas = [[tile.alpha for tile in row if tile.alpha is not None] for row in whole]
            colours = level.colours
            alpha = _joined(alphas, level) if colours.has_alpha else None
            return Samples(values, alpha, colours.premultiplied, colours.lossy)

    def _stated(self, page: Any) -> Spacing | None:
        if self._tiff.is_ome:
            width, height = self.levels[0].width, self.levels[0].height
            return of_ome_xml(self._tiff.ome_metadata or "", width, height)
        return of_tiff_page(page)

    def _is_plain_jpeg(self, page: Any) -> bool:
        """As far as the first tile tells that is there."""
        if page.compression != JPEG:
            return False
        tiles = (self._data(page, number) for number in range(len(page.databytecounts)))
        is_ycbcr = jpeg_is_ycbcr(next(data for data in tiles if data))
        return is_ycbcr in (None, page.photometric == YCBCR)

    def _plane(
        self, level: Level, plane: tuple[Any, int], row: int, column: int
    ) -> np.ndarray | None:
        """Samples of one tile, shape (height, width, samples), or None where none was written."""
        page, number = plane[0], plane[1] + row * level.across + column
        data = self._data(page, number)
        if data is None:
            return None
        size = _stated_size(page, data)
        if size is not None and not level.may_have(row, column, size):
            raise ValueError(f"a tile claims to have {size[0]} x {size[1]} px")
        tile, _, _ = page.keyframe.decode(
            data, number, jpegtables=page.jpegtables, jpegheader=page.keyframe.jpegheader
        )
        if tile.dtype != page.dtype:
            raise ValueError(f"a tile has {tile.dtype}, its tags state {page.dtype}")
        return tile[0]

    def _data(self, page: Any, number: int) -> bytes | None:
        """The code of one tile, or None where none was written."""
        offset, count = page.dataoffsets[number], page.databytecounts[number]
        if not (offset and count):
            return None
        if offset + count > self._tiff.filehandle.size:  # room would be made for what is claimed
            raise ValueError("the file is cut off")
        with self._lock:  # the file has one position
            self._tiff.filehandle.seek(offset)
            data = self._tiff.filehandle.read(count)
        # The decoder paints the rest of a JPEG that is cut off in grey, and says nothing.
        if page.compression == JPEG and not data.rstrip(b"\0").endswith(JPEG_END):
            raise ValueError("JPEG data are cut off")
        return data


def _joined(tiles: list[list[np.ndarray]], level: Level) -> np.ndarray:
    rows = [np.concatenate(row, axis=1) for row in tiles]
    return np.concatenate(rows)[: level.height, : level.width]


def _levels(path: Path, series: Any) -> list[Level]:
    """The picture, and those of its levels that show all of it."""
    picture, *others = [_level(path, level) for level in series.levels]
    # One of another shape is a label; one with gaps of its own would show glass for tissue.
    return [picture] + [
        level
        for level in others
        if is_copy(picture.size, level.size) and (picture.absent.count or not level.absent.count)
    ]


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
    absent = max((absent_tiles(path, each) for each in pages), key=lambda each: each.count)
    return Level(width, height, tile_width, tile_height, tuple(planes), colours, absent)


def _stated_size(page: Any, data: bytes) -> Size | None:
    """What a tile's own header says, which the decoder would believe; None where it has none.

    Raises:
        ValueError: Its colours are not those of the tags, or its codes stand for nothing.
    """
    if page.compression == JPEG:
        # Where the first tile says so, the decoder goes by the tiles.
        if page.photometric == IN_RGB and jpeg_is_ycbcr(data) and not page.keyframe.is_jfif:
            raise ValueError("a tile is in YCbCr, its tags state RGB")
        return jpeg_size(data)
    if page.compression in JPEG_2000:
        return jpeg_2000_size(data)
    if page.compression == LZW:
        check_lzw(data)
    return webp_size(data) if page.compression == WEBP else None
