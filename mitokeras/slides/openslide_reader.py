"""Slides that OpenSlide reads: SVS, NDPI, MRXS, SCN, BIF, CZI, DICOM, generic tiled TIFF."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openslide

from mitokeras.errors import DataError, reason_of
from mitokeras.slides.absent_tiles import AbsentTiles
from mitokeras.slides.resolution import Spacing, believed, choose
from mitokeras.slides.samples import over_white
from mitokeras.slides.shrinking import Size, is_copy, overview, shrunk_window

_UID = re.compile(r"(?=.{1,64}\Z)\d+(\.\d+)*", re.ASCII)
"""PS3.5, 9.1; folders of outputs are named by it."""


def detect(path: Path) -> str | None:
    """Vendor, such as "aperio", or None for a file that OpenSlide does not know."""
    try:
        return openslide.OpenSlide.detect_format(path)
    except openslide.OpenSlideError:
        return None


def dicom_series(path: Path) -> str | None:
    """The UID that the DICOM files of one slide have in common, or None for any other file."""
    if detect(path) != "dicom":
        return None
    try:
        with openslide.OpenSlide(path) as slide:
            series = slide.properties["dicom.SeriesInstanceUID"]
    except (openslide.OpenSlideError, KeyError):
        return None
    return series if _UID.fullmatch(series) else None


class OpenSlideReader:
    """A slide opened by OpenSlide.

    Args:
        path: The slide; any of its files for DICOM.
        spacing_um_px: Overrides what the metadata state.
        absent_tiles: Which of its tiles were never written; None: all were.

    Attributes:
        levels: Sizes of the copies of level 0, which is the first.

    Raises:
        DataError: The file is damaged, or its spacing is not known.
    """

    def __init__(
        self,
        path: Path,
        spacing_um_px: float | None = None,
        absent_tiles: AbsentTiles | None = None,
    ) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._slide = self._open()
        try:
            properties = self._slide.properties
            self.format = properties[openslide.PROPERTY_NAME_VENDOR]
            stated = _stated(properties)
            self.stated = believed(stated)
            self.pixel_um, self.spacing_source = choose(path, stated, spacing_um_px)
            self.spacing_um_px = sum(self.pixel_um) / 2
            self.width, self.height = self._slide.dimensions
            self.scan_corner = _scan_corner(properties)
            self.absent_tiles = absent_tiles or AbsentTiles.none()
            sizes: tuple[Size, ...] = self._slide.level_dimensions
            # Of its levels, by number; OpenSlide takes a label in tiles for one as well.
            self._copies = [i for i, size in enumerate(sizes) if is_copy(sizes[0], size)]
            self.levels = [sizes[i] for i in self._copies]
            self._downsamples = self._slide.level_downsamples
        except openslide.OpenSlideError as error:
            self._slide.close()
            raise DataError(f"{path}: cannot be opened: {reason_of(error)}") from error
        except BaseException:
            self._slide.close()
            raise

    def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        return self._read((x, y), 0, (width, height))

    def overview(self, shrink: int) -> np.ndarray:
        return overview(self.levels, shrink, self._read_level)

    def shrunk(self, x: int, y: int, width: int, height: int, shrink: int) -> np.ndarray:
        return shrunk_window(self.levels, shrink, self._read_level, (x, y), (width, height))

    def close(self) -> None:
        self._slide.close()

    def _read_level(self, index: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        """A window in the pixels of a level, which OpenSlide wants in those of level 0."""
        level = self._copies[index]
        downsample = self._downsamples[level]
        return self._read((round(x * downsample), round(y * downsample)), level, (width, height))

    def _read(self, corner: tuple[int, int], level: int, size: tuple[int, int]) -> np.ndarray:
        slide = self._slide
        try:
            return over_white(np.asarray(slide.read_region(corner, level, size)))
        except openslide.OpenSlideError:
            pass
        # After one error OpenSlide refuses all that is asked of the same object. A fresh one
        # tells whether this window is damaged or one that another thread reads.
        fresh = self._open()
        try:
            window = over_white(np.asarray(fresh.read_region(corner, level, size)))
        except openslide.OpenSlideError as error:
            fresh.close()
            raise DataError(
                f"{self._path}: damaged in the window of {size[0]} x {size[1]} px at "
                f"{corner} of level 0: {reason_of(error)}"
            ) from error
        with self._lock:
            if self._slide is slide:
                self._slide = fresh  # the old one closes when the last thread lets it go
        return window

    def _open(self) -> openslide.OpenSlide:
        try:
            return openslide.OpenSlide(self._path)
        except (openslide.OpenSlideError, OSError) as error:
            raise DataError(f"{self._path}: cannot be opened: {reason_of(error)}") from error


def _stated(properties: Mapping[str, str]) -> Spacing | None:
    names = openslide.PROPERTY_NAME_MPP_X, openslide.PROPERTY_NAME_MPP_Y
    try:
        x, y = (float(properties[name]) for name in names)
    except (KeyError, ValueError):
        return None
    return Spacing(x, y, names[0])


def _scan_corner(properties: Mapping[str, str]) -> tuple[int, int]:
    names = openslide.PROPERTY_NAME_BOUNDS_X, openslide.PROPERTY_NAME_BOUNDS_Y
    try:
        x, y = (int(properties[name]) for name in names)
    except (KeyError, ValueError):
        return 0, 0
    return x, y
