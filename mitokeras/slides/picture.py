"""PNG, JPEG and BMP, decoded as a whole by Pillow."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL.BmpImagePlugin import BmpImageFile
from PIL.Image import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from mitokeras.errors import DataError
from mitokeras.slides.damage import damage
from mitokeras.slides.resolution import Spacing, of_picture
from mitokeras.slides.samples import GREY, RGB, Samples, check_fits, check_is_image

# Pillow's classes of the formats: `PIL.Image.open` would try others, and refuse big pictures.
PICTURES: dict[bytes, tuple[str, type[ImageFile]]] = {
    b"\x89PNG": ("PNG", PngImageFile),
    b"\xff\xd8": ("JPEG", JpegImageFile),
    b"BM": ("BMP", BmpImageFile),
}
"""First bytes -> name of the format, and what reads it."""

CHANNELS = {"1": GREY, "L": GREY, "LA": GREY, "I": GREY, "I;16": GREY}
CHANNELS |= {"RGB": RGB, "RGBA": RGB, "P": RGB}
"""Pillow's modes that are read, and their channels of colour. CMYK is none: it is of printers."""

LARGEST_FILE_BYTES = 2**31
"""More than any picture of `check_fits` needs."""

PNG_DEPTH = 24
"""Place of the byte of a PNG that states the bits of a channel."""

BMP_HEADER, BMP_DEPTH = 14, 28
"""Places of the bytes of a BMP that state the size of its second header and, but in that of OS/2 of
12 bytes, which has no pixels of 16 bits, the bits of a pixel."""


class Picture(NamedTuple):
    """A decoded picture.

    Attributes:
        samples: Its pixels as stored; EXIF says how to turn them, but not what labels refer to.
        format: Such as "PNG".
        stated: Size of a pixel by its metadata.
    """

    samples: Samples
    format: str
    stated: Spacing | None


def read_picture(path: Path, is_image: bool) -> Picture:
    """Decode a PNG, JPEG or BMP.

    Args:
        path: The file, which begins with one of `PICTURES`.
        is_image: Refuse what is no picture of stained tissue.

    Raises:
        DataError: It is damaged, too large, several pictures, or of colours that are not read.
    """
    with damage(path, "cannot be decoded"):
        # From memory: room would be made in a file for whatever length a chunk claims.
        file = BytesIO(_content(path))
        start = file.getbuffer()[: BMP_DEPTH + 1].tobytes()
        name, opener = next(PICTURES[magic] for magic in PICTURES if start.startswith(magic))
        picture = opener(file)
        bits = _bits(picture, name, start)
        _check(path, picture, bits, is_image)
        stated = of_picture(picture.info)
        return Picture(_samples(picture, lossy=name == "JPEG"), name, stated)


def _content(path: Path) -> bytes:
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise DataError(
            f"{path}: an image must have at most {LARGEST_FILE_BYTES} bytes. Received: {size}"
        )
    return path.read_bytes()


def _bits(picture: Image, name: str, start: bytes) -> int:
    """Of a channel; those of a palette's colours are 8 whatever its indices have."""
    if name == "BMP" and start[BMP_HEADER] > 12 and start[BMP_DEPTH] == 16:
        return 5  # green may have 6
    return start[PNG_DEPTH] if name == "PNG" and picture.mode != "P" else 8


def _check(path: Path, picture: Image, bits: int, is_image: bool) -> None:
    check_fits(path, *picture.size)
    frames = getattr(picture, "n_frames", 1)
    if frames != 1:
        raise DataError(f"{path}: an image must be one picture. Received: {frames} in one file")
    channels = CHANNELS.get(picture.mode)
    if channels is None:
        raise DataError(f"{path}: an image must be grey or RGB. Received: {picture.mode}")
    if is_image:
        check_is_image(path, channels, f"uint{bits}")
    if bits == 16 and not picture.mode.startswith("I"):  # Pillow drops half of the bits
        raise DataError(f"{path}: 16 bits are read of one channel only. Received: several")


def _samples(picture: Image, lossy: bool) -> Samples:
    mode = picture.mode
    if picture.has_transparency_data and not mode.startswith("I"):
        mode = "LA" if CHANNELS[mode] == GREY else "RGBA"
    elif mode == "P":
        mode = "RGB"
    pixels = np.asarray(picture if mode == picture.mode else picture.convert(mode))
    values = np.atleast_3d(pixels)
    if mode in ("LA", "RGBA"):
        return Samples(values[..., :-1], values[..., -1], lossy=lossy)
    return Samples(values, lossy=lossy)
