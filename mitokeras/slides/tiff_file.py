"""A TIFF as a whole: what must hold of its pages and tiles before any of them is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from mitokeras.errors import DataError
from mitokeras.slides.absent_tiles import AbsentTiles
from mitokeras.slides.damage import damage
from mitokeras.slides.tiff_claims import known_pages

TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""TIFF and BigTIFF in both byte orders."""

LARGEST_TILE_PX = 2**28
"""Tiles and strips are decoded as a whole, and a damaged header may claim any size."""

LABEL_SHARE = 0.1
"""A page of less than this share of the pixels is a thumbnail, or the label of the slide."""


def open_tiff(path: Path) -> tifffile.TiffFile:
    """Open this file alone: metadata may name others, in any folder or on another computer.

    Raises:
        DataError: It cannot be opened; a tile has no pixels, very many, or more bytes than the
            file, which ends the process in OpenSlide; or as `known_pages`.
    """
    with damage(path, "cannot be opened"):
        tiff = tifffile.TiffFile(path, _multifile=False, is_mmstack=False, is_ndtiff=False)
        try:
            _check_tiles(path, tiff)
        except BaseException:
            tiff.close()
            raise
        return tiff


def the_scan(path: Path, tiff: tifffile.TiffFile) -> tifffile.TiffPage:
    """The largest page of a scanner's slide, beside which are its copies, label and macro image.

    Raises:
        DataError: As `known_pages`.
    """
    return max(known_pages(path, tiff), key=lambda page: page.imagewidth * page.imagelength)


def absent_tiles(path: Path, page: Any) -> AbsentTiles:
    """Which tiles of a page were never written; one is not that lacks some of its colours.

    Raises:
        DataError: None was, or it has strips, which nobody leaves out.
    """
    absent = np.ones(math.prod(page.chunked), bool)
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=False))[: len(absent)]
    absent[: len(segments)] = [not (offset and count) for offset, count in segments]
    if not absent.any():
        return AbsentTiles.none()
    if absent.all() or not page.is_tiled:
        kind = "tiles" if page.is_tiled else "strips"
        number = np.count_nonzero(absent)
        raise DataError(f"{path}: its {kind} must be there. Received: {number} without any bytes")
    across = math.ceil(page.imagewidth / page.tilewidth)
    down = math.ceil(page.imagelength / page.tilelength)
    grid = np.asarray(absent.reshape(-1, down, across).any(axis=0))
    return AbsentTiles(grid, (page.tilewidth, page.tilelength))


def _check_tiles(path: Path, tiff: tifffile.TiffFile) -> None:
    for page in known_pages(path, tiff):
        if page.is_tiled:
            check_tile(path, page.tilewidth, page.tilelength)
            if max(page.databytecounts, default=0) > tiff.filehandle.size:
                raise DataError(f"{path}: cannot be opened: its list of tiles is damaged")


def check_tile(path: Path, width: int, height: int) -> None:
    """Raises DataError unless a tile can be decoded as a whole."""
    if not 0 < width * height <= LARGEST_TILE_PX:
        raise DataError(
            f"{path}: a tile or strip must have 1 to {LARGEST_TILE_PX} px. "
            f"Received: {width} x {height} px"
        )


def the_picture(path: Path, series: Sequence[Any]) -> Any:
    """The one picture of a TIFF, a `tifffile.TiffPageSeries` with its smaller copies as levels.

    Raises:
        DataError: There are several, and nobody can tell which is meant.
    """
    largest = max(series, key=_area)
    others = [
        each
        for each in series
        if each is not largest
        and not each.keyframe.is_reduced
        and _area(each) >= LABEL_SHARE * _area(largest)
    ]
    if others:
        sizes = ", ".join(" x ".join(map(str, each.shape)) for each in (largest, *others[:3]))
        raise DataError(
            f"{path}: an image must be one picture. Received: {len(others) + 1} in one file, "
            f"{sizes}"
        )
    return largest


def _area(series: Any) -> int:
    return math.prod(
        length for axis, length in zip(series.axes, series.shape, strict=True) if axis in "YX"
    )
