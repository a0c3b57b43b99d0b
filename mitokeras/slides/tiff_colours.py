"""What the samples of a TIFF's page mean: photometric interpretation, extra samples, bits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mitokeras.errors import DataError
from mitokeras.slides.samples import GREY, RGB, Samples, check_is_image

LZW, JPEG, WEBP = 5, 7, 50001
JPEG_2000 = (33005, 34712)
COMPRESSIONS = (1, LZW, JPEG, 8, 32773, 32946, 34925, 50000, WEBP, *JPEG_2000)
"""None, LZW, JPEG, Deflate, PackBits, Deflate as it was, LZMA, Zstandard, WebP, JPEG 2000. They
give no more than a tile can hold, but for JPEG and JPEG 2000, which are looked at first. JPEG 2000
in YCbCr (33003) is not among them: outside of Aperio's slides it may be in RGB all the same."""

APERIO_YCBCR, APERIO_RGB = 33003, 33005
"""JPEG 2000."""

BY_OPENSLIDE = (JPEG, APERIO_YCBCR, APERIO_RGB)
"""What OpenSlide decodes itself; it leaves all else to libtiff, which turns tiles by the
orientation."""

LOSSY = (JPEG, WEBP, *JPEG_2000)

WHITE_IS_ZERO, BLACK_IS_ZERO, IN_RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
CONTIGUOUS = 1
"""PlanarConfiguration of samples side by side."""

ASSOCIATED, UNASSOCIATED = 1, 2
"""ExtraSamples that are alpha, with the colours multiplied by it or not. Any other may be infrared
or a mask."""


@dataclass(frozen=True)
class Colours:
    """How samples become colours.

    Attributes:
        channels: Samples of colour that come first, `GREY` or `RGB`.
        kind: Of number that a channel has, such as "uint8".
        has_alpha: Whether a sample of alpha follows them.
        premultiplied: Whether it is multiplied into the colours.
        palette: RGB, uint8, shape (n, 3), of each index that the first sample can be; or None.
        lossy: Whether the compression may have changed the values.
    """

    channels: int
    kind: str
    has_alpha: bool = False
    premultiplied: bool = False
    palette: np.ndarray | None = None
    lossy: bool = False

    def of(self, samples: np.ndarray) -> Samples:
        """Tell colours from alpha.

        Args:
            samples: As decoded, shape (height, width, samples).
        """
        alpha = samples[..., -1] if self.has_alpha else None
        if self.palette is not None:
            values = self.palette[samples[..., 0].astype(np.intp)]
        else:
            values = samples[..., : self.channels]
        return Samples(values, alpha, self.premultiplied, self.lossy)


def colours_of(path: Path, page: Any, pages: int) -> Colours:
    """Read the tags of a page.

    Args:
        path: The file, for the message.
        page: A `tifffile.TiffPage`.
        pages: How many of its kind hold one channel each.

    Raises:
        DataError: Its compression, its bits or its colours are not read.
    """
    _check_compression(path, page)
    kind = _kind(path, page)
    lossy = page.compression in LOSSY
    if pages > 1:
        if pages != RGB or page.photometric != BLACK_IS_ZERO or page.samplesperpixel != 1:
            raise _not_rgb(path, page, pages * page.samplesperpixel)
        return Colours(RGB, kind, lossy=lossy)
    channels = _channels(path, page)
    alpha = _alpha(path, page, channels)
    if page.photometric == PALETTE:
        if lossy:
            raise DataError(f"{path}: indices of a palette must be compressed without loss")
        return Colours(RGB, "uint8", *alpha, _palette(page))
    return Colours(channels, kind, *alpha, lossy=lossy)


def check_scan(path: Path, page: Any) -> None:
    """Refuse a scanner's slide that OpenSlide would read without an error, but not as it is meant.

    It takes for RGB what is not, and drops half of 16 bits.

    Args:
        path: The file, for the message.
        page: A `tifffile.TiffPage`, its largest.

    Raises:
        DataError: It is not in colour of 8 bits, or its tiles would be turned.
    """
    is_rgb = page.photometric == IN_RGB or _is_ycbcr(page, (JPEG, APERIO_YCBCR))
    if page.samplesperpixel != RGB or not is_rgb:
        raise _not_rgb(path, page, page.samplesperpixel)
    check_is_image(path, RGB, _kind(path, page))
    orientation = page.tags.valueof("Orientation", 1)
    if orientation != 1 and page.compression not in BY_OPENSLIDE:
        raise DataError(
            f"{path}: a scanner's slide must lie as it is stored, Orientation 1. "
            f"Received: {orientation}"
        )


def _kind(path: Path, page: Any) -> str:
    """Of number that a channel has, such as "uint8"."""
    if (
        page.dtype is None
        or page.dtype.kind not in "buif"
        or not isinstance(page.bitspersample, int)
    ):
        raise DataError(
            f"{path}: channels must be numbers of the same bits. Received: {page.bitspersample}"
        )
    bits = page.bitspersample
    return page.dtype.name if bits == 8 * page.dtype.itemsize else f"{bits} bits"


def _check_compression(path: Path, page: Any) -> None:
    if page.compression not in COMPRESSIONS:
        kind = getattr(page.compression, "name", page.compression)
        raise DataError(f"{path}: this compression of TIFF is not read. Received: {kind}")
    if page.compression == JPEG and page.samplesperpixel not in (GREY, RGB):
        raise _not_rgb(path, page, page.samplesperpixel)


def _channels(path: Path, page: Any) -> int:
    """Samples of colour of one page, which may have others behind them."""
    if page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE):
        channels = GREY
    elif page.photometric == IN_RGB or _is_ycbcr(page, (JPEG,)):
        channels = RGB
    else:
        raise _not_rgb(path, page, page.samplesperpixel)
    if page.samplesperpixel < channels:
        raise _not_rgb(path, page, page.samplesperpixel)
    return channels


def _is_ycbcr(page: Any, compressions: tuple[int, ...]) -> bool:
    """Whether a decoder makes RGB of YCbCr, which it does where all three are in one code."""
    is_one_code = page.planarconfig == CONTIGUOUS and page.compression in compressions
    return bool(page.photometric == YCBCR and is_one_code)


def _alpha(path: Path, page: Any, channels: int) -> tuple[bool, bool]:
    """Whether a sample of alpha follows the colours, and whether they are multiplied by it."""
    extra = page.samplesperpixel - channels
    kinds = tuple(page.extrasamples)[-extra:] if extra else ()
    if extra and kinds not in ((ASSOCIATED,), (UNASSOCIATED,)):
        raise DataError(
            f"{path}: an image must have no samples beside its colours but alpha. Received: "
            f"{extra}, by ExtraSamples {[int(kind) for kind in kinds]}"
        )
    return bool(extra), kinds == (ASSOCIATED,)


def _palette(page: Any) -> np.ndarray:
    """Of 16 bits by the standard; some programs write 8, as libtiff knows."""
    colours = np.asarray(page.colormap).T
    return (colours >> 8 if colours.max() > 255 else colours).astype(np.uint8)


def _not_rgb(path: Path, page: Any, channels: int) -> DataError:
    kind = getattr(page.photometric, "name", page.photometric)
    return DataError(
        f"{path}: an image must be in colour, RGB. Received: {channels} channels, {kind}"
    )
