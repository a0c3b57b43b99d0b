"""What an image file holds before anybody asks what it is: samples of colour, and perhaps alpha."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mitokeras.errors import DataError

LARGEST_IMAGE_PX = 2**28
"""16384 x 16384; decoded as a whole, it takes up to 3 GB. Larger pictures want a tiled TIFF."""

GREY, RGB = 1, 3
"""Channels of colour."""

GLASS = 255


@dataclass(frozen=True)
class Samples:
    """The pixels of a file or of a tile of it.

    Attributes:
        values: As stored, shape (height, width, 1) for grey or (height, width, 3) for RGB, which a
            palette has become.
        alpha: How opaque each pixel is, in the range of the values, shape (height, width); None
            where all are.
        premultiplied: Whether alpha is multiplied into the values already.
        lossy: Whether the compression may have changed the values.
    """

    values: np.ndarray
    alpha: np.ndarray | None = None
    premultiplied: bool = False
    lossy: bool = False

    def on_glass(self) -> np.ndarray:
        """RGB of 8 bits on white, which is what a microscope shows where nothing is.

        Returns:
            uint8, shape (height, width, 3).
        """
        if self.alpha is None:
            return self.values
        return over_white(np.dstack([self.values, self.alpha]), self.premultiplied)


def over_white(rgba: np.ndarray, premultiplied: bool = False) -> np.ndarray:
    """Lay RGBA, uint8, on white glass; RGB.

    Args:
        rgba: Shape (height, width, 4).
        premultiplied: Whether alpha is multiplied into the colours already.
    """
    rgb = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    alpha = rgba[..., 3]
    if alpha.min() == 255:
        return rgb
    share = alpha[..., None].astype(np.float32) / 255
    colour = rgb if premultiplied else rgb * share
    return np.rint(np.minimum(colour + GLASS * (1 - share), GLASS)).astype(np.uint8)


def check_is_rgb(image: np.ndarray) -> None:
    """Refuse an array that is no image.

    Raises:
        DataError: It is not RGB, uint8, of the shape (height, width, 3), or is empty.
    """
    if not isinstance(image, np.ndarray):
        received = type(image).__name__
    elif image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != RGB or not image.size:
        received = f"{image.dtype}, {image.shape}"
    else:
        return
    raise DataError(
        f"an image must be RGB, uint8, of the shape (height, width, 3). Received: {received}"
    )


def check_is_image(path: Path, channels: int, kind: str) -> None:
    """Refuse what is no picture of stained tissue, before it is decoded.

    Args:
        path: The file, for the message.
        channels: Of colour, without alpha.
        kind: Of number that a channel has, such as "uint8".

    Raises:
        DataError: It is grey, or has other than 8 bits.
    """
    if channels != RGB:
        raise DataError(f"{path}: an image must be in colour, RGB. Received: a grey image")
    if kind != "uint8":
        raise DataError(f"{path}: an image must have 8 bits a channel. Received: {kind}")


def check_is_seen(path: Path, is_seen: bool) -> None:
    """Refuse an image of which nothing would be seen: its alpha channel is a mistake.

    Raises:
        DataError: Nothing of it is opaque in the least.
    """
    if not is_seen:
        raise DataError(
            f"{path}: an image must be opaque somewhere. Received: an alpha channel of 0 "
            "throughout. Save it without"
        )


def check_is_whole(path: Path, absent_tiles: int) -> None:
    """Refuse what is read for its labels, or as a mask, though parts of it are missing.

    Raises:
        DataError: Tiles of it were never written.
    """
    if absent_tiles:
        raise DataError(
            f"{path}: all its tiles must be there. Received: {absent_tiles} without any bytes"
        )


def check_fits(path: Path, width: int, height: int) -> None:
    """Refuse what claims to be too large to be decoded as a whole.

    Raises:
        DataError: It has more than `LARGEST_IMAGE_PX`.
    """
    if width * height > LARGEST_IMAGE_PX:
        raise DataError(
            f"{path}: an image must have at most {LARGEST_IMAGE_PX} px. "
            f"Received: {width} x {height} px"
        )
