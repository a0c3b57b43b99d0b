"""What the codes of a TIFF's tiles state of themselves, known before they are decoded.

A tile of a few kilobytes may claim a picture that fills the memory, or other colours than the tags.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xDA)))
JPEG_2000_SIZE = re.compile(rb"\xff\x4f\xff\x51.{4}(.{16})", re.DOTALL)
"""Its codestream's first two markers, then the corners (x1, y1, x0, y0) of the image."""


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in the frame header of a JPEG, with or without its tables.

    Raises:
        struct.error: It has none.
    """
    place = next(place for marker, place in _markers(data) if marker in JPEG_FRAMES)
    height, width = struct.unpack_from(">HH", data, place + 5)
    return width, height


def jpeg_is_ycbcr(data: bytes) -> bool | None:
    """Whether a JPEG of three channels is in YCbCr or in RGB, or None where it does not say.

    JFIF means YCbCr; Adobe's marker says which (ITU-T T.872, 6.5.3).

    Raises:
        struct.error: It has no frame header.
    """
    for marker, place in _markers(data):
        if marker in JPEG_FRAMES:
            return None
        name = data[place + 4 : place + 9]
        if (marker, name) == (0xE0, b"JFIF\0"):
            return True
        if (marker, name) == (0xEE, b"Adobe"):
            return bool(struct.unpack_from("B", data, place + 15)[0])
    return None


def jpeg_2000_size(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG 2000 codestream; the largest if there seem to be several.

    Raises:
        ValueError: There is none.
    """
    corners = [struct.unpack(">IIII", found) for found in JPEG_2000_SIZE.findall(data)]
    x1, y1, x0, y0 = max(corners, key=lambda c: (c[0] - c[2]) * (c[1] - c[3]))
    return x1 - x0, y1 - y0


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP, lossy, lossless or extended (RFC 9649, 2.5 to 2.7).

    Raises:
        ValueError: It is none of them.
    """
    kind, head = data[12:16], data[20:30].ljust(10, b"\0")
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[i : i + 3], "little") for i in (4, 7))
        return width + 1, height + 1
    raise ValueError("a tile must be WebP")


def _markers(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers of a JPEG and their places, till one is wanted that is not there.

    Raises:
        struct.error: It ends.
    """
    place = 2
    while True:
        place = data.find(b"\xff", place)
        (marker,) = struct.unpack_from("B", data, place + 1 if place >= 0 else len(data))
        if marker in (0x00, 0xFF):  # no marker, or one that is filled up
            place += 1
            continue
        yield marker, place
        place += 2
        if marker not in JPEG_WITHOUT_LENGTH:
            place += struct.unpack_from(">H", data, place)[0]
