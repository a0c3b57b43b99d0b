"""The size that an image's first bytes state, known before anything is decoded.

A file of a few kilobytes may claim a picture that fills the memory.
"""

from __future__ import annotations

import io
import re
import struct

import tifffile

PNG_START, JPEG_START, BMP_START = b"\x89PNG", b"\xff\xd8", b"BM"
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""TIFF and BigTIFF in both byte orders."""

SHORT_BMP_HEADER = 12
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xDA)))
JPEG_2000_SIZE = re.compile(rb"\xff\x4f\xff\x51.{4}(.{16})", re.DOTALL)
"""Its codestream's first two markers, then the corners (x1, y1, x0, y0) of the image."""


def stated_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, BMP or TIFF in pixels; None for anything else.

    Raises:
        Exception: The file is damaged, by whatever its parser raises; `struct.error` where it is
            cut off.
    """
    if data.startswith(PNG_START):
        width, height = struct.unpack_from(">II", data, 16)
        return width, height
    if data.startswith(BMP_START):
        short = struct.unpack_from("<I", data, 14)[0] == SHORT_BMP_HEADER
        width, height = struct.unpack_from("<HH" if short else "<ii", data, 18)
        return width, abs(height)  # negative for rows from the top
    if data.startswith(JPEG_START):
        return jpeg_size(data)
    if data.startswith(TIFF_STARTS):
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            page = tiff.pages.first
            return page.imagewidth, page.imagelength
    return None


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in the frame header of a JPEG, with or without its tables.

    Raises:
        struct.error: It has none.
    """
    place = 2
    while True:
        place = data.find(b"\xff", place)
        (marker,) = struct.unpack_from("B", data, place + 1 if place >= 0 else len(data))
        if marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        if marker in (0x00, 0xFF):  # no marker, or one that is filled up
            place += 1
        elif marker in JPEG_WITHOUT_LENGTH:
            place += 2
        else:
            place += 2 + struct.unpack_from(">H", data, place + 2)[0]


def jpeg_2000_size(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG 2000 codestream; the largest if there seem to be several.

    Raises:
        ValueError: There is none.
    """
    corners = [struct.unpack(">IIII", found) for found in JPEG_2000_SIZE.findall(data)]
    x1, y1, x0, y0 = max(corners, key=lambda c: (c[0] - c[2]) * (c[1] - c[3]))
    return x1 - x0, y1 - y0
