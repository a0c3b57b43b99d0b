"""Opening an image or slide of any format with the reader that knows it."""

from __future__ import annotations

from pathlib import Path

import tifffile

from mitokeras.errors import DataError
from mitokeras.slides import Slide
from mitokeras.slides.damage import damage
from mitokeras.slides.image_reader import open_image
from mitokeras.slides.mha_reader import MHA, open_mha
from mitokeras.slides.openslide_reader import OpenSlideReader, detect
from mitokeras.slides.picture import PICTURES, read_picture
from mitokeras.slides.samples import Samples
from mitokeras.slides.tiff_colours import check_scan
from mitokeras.slides.tiff_file import TIFF_STARTS, absent_tiles, open_tiff, the_scan
from mitokeras.slides.tiff_picture import TiffPicture
from mitokeras.slides.tiff_reader import TiffReader

SLIDE_SUFFIXES = (".svs", ".svslide", ".ndpi", ".mrxs", ".scn", ".bif", ".czi", ".dcm")
"""Suffixes of formats that only OpenSlide reads. A .mrxs is a JPEG, which must not pass for it."""

SUFFIXES = (*SLIDE_SUFFIXES, ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp", MHA)
"""Suffixes of the files that are taken from folders, in lower case."""

LARGEST_SLIDE_PX = 2**38
"""524288 x 524288, 130 mm x 130 mm at 0.25 um: more than a glass slide holds."""

PLAIN = "generic-tiff"
"""What OpenSlide calls a tiled TIFF of no scanner, of which it checks little."""


def open_slide(path: str | Path, spacing_um_px: float | None = None) -> Slide:
    """Open an image or slide.

    Scanners' formats go to OpenSlide, OME-TIFF and any other TIFF to tifffile; tiled TIFF of JPEGs,
    in which OpenSlide notices more damage, to OpenSlide where tifffile sees the same picture; PNG,
    JPEG, BMP and MHA are decoded as a whole.

    Args:
        path: The file; for DICOM one of its files.
        spacing_um_px: Overrides the spacing that the metadata state.

    Raises:
        DataError: The file is missing, empty, damaged or of no format that is known, it claims to
            be impossibly large, its metadata state no spacing that a scanner has, or its pixels
            are not square.
        ConfigError: `spacing_um_px` is not positive.
    """
    path = Path(path)
    slide = _open(path, spacing_um_px)
    if slide.width * slide.height > LARGEST_SLIDE_PX:
        slide.close()
        raise DataError(
            f"{path}: a slide must have at most {LARGEST_SLIDE_PX} px. "
            f"Received: {slide.width} x {slide.height} px"
        )
    return slide


def read_samples(path: Path) -> Samples:
    """Decode a PNG, JPEG, BMP or TIFF, grey or in colour, of any bits, for its numbers.

    Raises:
        DataError: The file is missing, empty, damaged, too large or of another format, or holds
            several pictures or colours that are not read.
    """
    start = _first_bytes(path)
    if start in TIFF_STARTS:
        with open_tiff(path) as tiff:
            return TiffPicture(path, tiff).samples()
    if start.startswith(tuple(PICTURES)):
        return read_picture(path, is_image=False).samples
    raise _unknown(path)


def _open(path: Path, spacing_um_px: float | None) -> Slide:
    start = _first_bytes(path)
    if start in TIFF_STARTS:
        return _open_tiff(path, spacing_um_px)
    if path.suffix.lower() == MHA:
        return open_mha(path, spacing_um_px)
    if _vendor(path) is not None:
        return OpenSlideReader(path, spacing_um_px)
    if start.startswith(tuple(PICTURES)):
        return open_image(path, spacing_um_px)
    raise _unknown(path)


def _open_tiff(path: Path, spacing_um_px: float | None) -> Slide:
    tiff = open_tiff(path)
    try:
        slide = _tiff_slide(path, tiff, spacing_um_px)
    except BaseException:
        tiff.close()
        raise
    if not isinstance(slide, TiffReader):
        tiff.close()
    return slide


def _tiff_slide(path: Path, tiff: tifffile.TiffFile, spacing_um_px: float | None) -> Slide:
    with damage(path, "cannot be opened"):
        is_ome = tiff.is_ome
    if is_ome and path.suffix.lower() not in SLIDE_SUFFIXES:
        return TiffReader(path, tiff, spacing_um_px)
    vendor = _vendor(path)
    if vendor not in (None, PLAIN):
        with damage(path, "cannot be opened"):
            scan = the_scan(path, tiff)
            check_scan(path, scan)
            absent = absent_tiles(path, scan)
        return OpenSlideReader(path, spacing_um_px, absent)
    reader = TiffReader(path, tiff, spacing_um_px)
    if vendor is None or not reader.is_plain_jpeg:
        return reader
    slide = OpenSlideReader(path, spacing_um_px, reader.absent_tiles)
    if slide.levels == reader.levels:
        return slide
    slide.close()  # it takes a label or a thumbnail for the picture or a copy of it
    return reader


def _vendor(path: Path) -> str | None:
    """What OpenSlide says of a file."""
    vendor = detect(path)
    if vendor is None and path.suffix.lower() in SLIDE_SUFFIXES:
        raise DataError(
            f"{path}: not a slide in the format of its suffix {path.suffix}: damaged, cut off, "
            "without the files that belong to it, or something else"
        )
    return vendor


def _unknown(path: Path) -> DataError:
    return DataError(f"{path}: not an image or slide of a known format, or damaged")


def _first_bytes(path: Path) -> bytes:
    """The first four bytes."""
    try:
        if path.exists() and not path.is_file():  # a pipe would never open
            kind = "a folder" if path.is_dir() else "a pipe or a device"
            raise DataError(f"{path}: an image must be a file. Received: {kind}")
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    if not start:
        raise DataError(f"{path}: cannot be read: the file is empty")
    return start
