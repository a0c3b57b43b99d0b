"""The size that the codes of a TIFF's tiles state, known before they are decoded.

A tile of a few kilobytes may claim a picture that fills the memory.
"""

from __future__ import annotations

import re
import struct

JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xDA)))
JPEG_2000_SIZE = re.compile(rb"\xff\x4f\xff\x51.{4}(.{16})", re.DOTALL)
"""Its codestream's first two markers, then the corners (x1, y1, x0, y0) of the image."""


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
