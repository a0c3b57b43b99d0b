"""MetaImage files in one piece (MHA), as grand-challenge.org hands regions of slides over.

Read here and not by ITK, which takes pixels whose checksum is wrong and writes to the standard
error. Its world coordinates are millimetres; in them the answers are expected there.

Source: the MetaIO documentation of ITK, tags of MetaObject and MetaImage.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mitokeras.errors import DataError
from mitokeras.slides.damage import damage
from mitokeras.slides.image_reader import ImageSlide
from mitokeras.slides.resolution import Spacing, choose
from mitokeras.slides.samples import RGB, check_fits

MHA = ".mha"

HEADER_BYTES = 2**16
"""More than the text before the pixels takes."""

_DATA_FILE = re.compile(rb"^ElementDataFile[ \t]*=[ \t]*([^\r\n]*?)[ \t]*\r?\n", re.MULTILINE)

_MM_UM = 1000.0


def open_mha(path: Path, spacing_um_px: float | None) -> ImageSlide:
    """Decode an MHA of one picture in colour.

    Args:
        path: The file.
        spacing_um_px: Overrides what the file states, which is in millimetres.

    Raises:
        DataError: It is damaged, too large, not 8-bit RGB, several pictures, moved or turned in the
            world, or its spacing is not that of a scan.
    """
    with damage(path, "cannot be decoded"), path.open("rb") as file:
        start = file.read(HEADER_BYTES)
        data_file = _DATA_FILE.search(start)
        if data_file is None or data_file[1] != b"LOCAL":  # pixels in a file of the header's choice
            raise DataError(
                f"{path}: not an image or slide of a known format: an MHA must be a MetaImage that "
                "holds its pixels, ElementDataFile = LOCAL"
            )
        lines = (line.partition("=") for line in start[: data_file.start()].decode().splitlines())
        header = {key.strip(): value.strip() for key, _, value in lines}
        width, height = _size(path, header)
        _check_is_straight(path, header)
        file.seek(data_file.end())
        size = width * height * RGB
        data = file.read(size + size // 1000 + HEADER_BYTES)  # what cannot be packed grows a little
        image = _pixels(path, header, data, size).reshape(height, width, RGB)
    stated = _spacing(header)
    return ImageSlide(image, *choose(path, stated, spacing_um_px), "MetaImage", stated)


def _size(path: Path, header: Mapping[str, str]) -> tuple[int, int]:
    """Width and height of the one picture, in colour."""
    width, height, *deep = (int(side) for side in header["DimSize"].split())
    if math.prod(deep) != 1:
        raise DataError(f"{path}: an image must be one picture. Received: {deep[0]} in one file")
    if min(width, height) < 1:
        raise DataError(f"{path}: an image must have pixels. Received: {width} x {height} px")
    check_fits(path, width, height)
    channels = int(header.get("ElementNumberOfChannels", 1))
    kind = header["ElementType"]
    if (channels, kind.removesuffix("_ARRAY")) != (RGB, "MET_UCHAR"):
        raise DataError(
            f"{path}: an image must be in colour, RGB, of 8 bits a channel. Received: {channels} "
            f"channels, {kind}"
        )
    return width, height


def _check_is_straight(path: Path, header: Mapping[str, str]) -> None:
    """Refuse what does not lie at the origin of the world with its axes."""
    axes = len(header["DimSize"].split())
    for names, rule in (
        (("Offset", "Origin", "Position"), np.zeros(axes)),
        (("TransformMatrix", "Rotation", "Orientation"), np.eye(axes).ravel()),
    ):
        for name in names:
            if name in header and _numbers(header[name]) != rule.tolist():
                raise DataError(
                    f"{path}: an MHA must lie straight at the origin of its world. Received: "
                    f"{name} = {header[name]}"
                )


def _pixels(path: Path, header: Mapping[str, str], data: bytes, size: int) -> np.ndarray:
    """So many bytes of pixels, uint8."""
    if header.get("BinaryData", "True") != "True":
        raise DataError(f"{path}: an MHA must have BinaryData = True. Received: text")
    if header.get("CompressedData") == "True":
        unpacked = zlib.decompressobj()
        data = unpacked.decompress(data, size + 1)
        if len(data) == size and not unpacked.eof:
            unpacked.decompress(unpacked.unconsumed_tail, 1)  # the checksum
            if not unpacked.eof:
                raise DataError(f"{path}: cannot be decoded: its compressed pixels are cut off")
    if len(data) != size:
        raise DataError(f"{path}: must hold {size} bytes of pixels. Received: {len(data)}")
    return np.frombuffer(data, np.uint8)


def _spacing(header: Mapping[str, str]) -> Spacing | None:
    try:
        x_mm, y_mm = _numbers(header["ElementSpacing"])[:2]
    except (KeyError, ValueError):
        return None
    return Spacing(x_mm * _MM_UM, y_mm * _MM_UM, "MetaImage")


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split()]
