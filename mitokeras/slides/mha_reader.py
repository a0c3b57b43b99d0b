"""MetaImage files in one piece (MHA), as grand-challenge.org hands regions of slides over.

ITK reads them, in whose world coordinates, millimetres, the answers are expected there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from mitokeras.errors import DataError, MissingExtraError
from mitokeras.slides.damage import damage
from mitokeras.slides.image_reader import ImageSlide
from mitokeras.slides.resolution import Spacing, choose
from mitokeras.slides.samples import check_fits

MHA = ".mha"

HEADER_BYTES = 2**16
"""More than the text before the pixels takes."""

_DATA_FILE = re.compile(rb"^ElementDataFile[ \t]*=[ \t]*([^\r\n]*?)[ \t]*\r?$", re.MULTILINE)

_MM_UM = 1000.0


def open_mha(path: Path, spacing_um_px: float | None) -> ImageSlide:
    """Decode an MHA of one picture in colour.

    Args:
        path: The file.
        spacing_um_px: Overrides what the file states, which is in millimetres.

    Raises:
        DataError: It is damaged, too large, not 8-bit RGB, several pictures, moved or turned in the
            world, or its spacing is not that of a scan.
        MissingExtraError: SimpleITK is not installed.
    """
    with path.open("rb") as file:
        data_file = _DATA_FILE.search(file.read(HEADER_BYTES))
    if data_file is None or data_file[1] != b"LOCAL":  # pixels in a file of the header's choice
        raise DataError(
            f"{path}: not an image or slide of a known format: an MHA must be a MetaImage that "
            "holds its pixels, ElementDataFile = LOCAL"
        )
    try:
        import SimpleITK as itk
    except ImportError as error:
        raise MissingExtraError("challenge", f"{path}: an MHA") from error
    with damage(path, "cannot be decoded"):
        reader = itk.ImageFileReader()
        reader.SetImageIO("MetaImageIO")
        reader.SetFileName(str(path))
        reader.ReadImageInformation()
        _check_is_flat(path, reader)
        width, height = reader.GetSize()[:2]
        check_fits(path, width, height)
        if (reader.GetPixelID(), reader.GetNumberOfComponents()) != (itk.sitkVectorUInt8, 3):
            kind = itk.GetPixelIDValueAsString(reader.GetPixelID())
            raise DataError(
                f"{path}: an image must be in colour, RGB, of 8 bits a channel. Received: "
                f"{reader.GetNumberOfComponents()} channels, {kind}"
            )
        pixels = itk.GetArrayFromImage(reader.Execute())
    x_mm, y_mm = reader.GetSpacing()[:2]
    stated = Spacing(x_mm * _MM_UM, y_mm * _MM_UM, "MetaImage")
    image = np.ascontiguousarray(pixels.reshape(height, width, 3))
    return ImageSlide(image, *choose(path, stated, spacing_um_px), "MetaImage", stated)


def _check_is_flat(path: Path, reader: Any) -> None:
    """Refuse a volume, and what does not lie at the origin of the world with its axes."""
    deep = reader.GetSize()[2:]
    if any(length != 1 for length in deep):
        raise DataError(f"{path}: an image must be one picture. Received: {deep[0]} in one file")
    size = reader.GetDimension()
    straight = tuple(np.eye(size).ravel().tolist())
    if any(reader.GetOrigin()) or tuple(reader.GetDirection()) != straight:
        raise DataError(
            f"{path}: an MHA must lie straight at the origin of its world. Received: Offset "
            f"{reader.GetOrigin()}, TransformMatrix {reader.GetDirection()}"
        )
