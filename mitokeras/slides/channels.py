"""Which colours the channels of a TIFF stand for, where each is a picture of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tifffile

from mitokeras.errors import DataError
from mitokeras.slides.damage import damage
from mitokeras.slides.ome_xml import parsed, pixels_of
from mitokeras.slides.samples import RGB

RED_GREEN_BLUE = (("red", "r", "#ff0000"), ("green", "g", "#00ff00"), ("blue", "b", "#0000ff"))
"""What each channel may be called."""

UNSTATED = "#ffffff"
"""White is OME's colour of a channel that was given none, and ImageJ's of a grey one."""


def check_channels(path: Path, tiff: tifffile.TiffFile, width: int, height: int) -> None:
    """Refuse three channels that are called otherwise than red, green and blue, in this order.

    Args:
        path: The file, for the message.
        tiff: What was opened of it.
        width: Of the picture.
        height: Of the picture.

    Raises:
        DataError: Names or colours say that they are dyes, or in another order.
    """
    with damage(path, "cannot be opened"):
        stated = list(_of_ome(tiff, width, height) if tiff.is_ome else _of_imagej(tiff))
    for called in stated:
        if len(called) != RGB or not any(name and name != UNSTATED for name in called):
            continue
        if not all(name in names for name, names in zip(called, RED_GREEN_BLUE, strict=True)):
            raise DataError(
                f"{path}: its channels must be red, green and blue. Received: {', '.join(called)}"
            )


def _of_ome(tiff: tifffile.TiffFile, width: int, height: int) -> Iterator[Sequence[str]]:
    for pixels in pixels_of(parsed(tiff.ome_metadata), width, height):
        channels = [each for each in pixels if each.tag.endswith("Channel")]
        yield [each.get("Name", "").strip().lower() for each in channels]
        yield [_hex(int(each.get("Color", -1)) >> 8) for each in channels]  # a signed RGBA


def _of_imagej(tiff: tifffile.TiffFile) -> Iterator[Sequence[str]]:
    tables: Sequence[Any] = (tiff.imagej_metadata or {}).get("LUTs", ())
    yield [_hex(int.from_bytes(table[:, -1].tobytes())) for table in tables]


def _hex(rgb: int) -> str:
    return f"#{rgb & 0xFFFFFF:06x}"
