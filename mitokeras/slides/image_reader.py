"""Images that fit into memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mitokeras.slides.absent_tiles import AbsentTiles
from mitokeras.slides.picture import read_picture
from mitokeras.slides.resolution import Spacing, believed, choose
from mitokeras.slides.samples import check_is_rgb, check_is_seen
from mitokeras.slides.shrinking import overview, shrunk_window


class ImageSlide:
    """An image in memory, read like a slide.

    Args:
        image: RGB, uint8, shape (height, width, 3); it is not copied.
        spacing_um_px: Size of a pixel, or its width and height.
        spacing_source: Where the spacing comes from.
        format: Format of the file that the image comes from.
        stated: What the metadata state of the spacing.

    Raises:
        DataError: The array is not such an image.
    """

    def __init__(
        self,
        image: np.ndarray,
        spacing_um_px: float | tuple[float, float],
        spacing_source: str = "argument",
        format: str = "array",
        stated: Spacing | None = None,
    ) -> None:
        check_is_rgb(image)
        self.height, self.width = image.shape[:2]
        sides = spacing_um_px if isinstance(spacing_um_px, tuple) else (spacing_um_px,) * 2
        self.pixel_um = sides
        self.spacing_um_px = sum(sides) / 2
        self.scan_corner = 0, 0
        self.spacing_source = spacing_source
        self.stated = believed(stated)
        self.absent_tiles = AbsentTiles.none()
        self.format = format
        self._image = image

    def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        return self._image[y : y + height, x : x + width].copy()

    def overview(self, shrink: int) -> np.ndarray:
        return overview([(self.width, self.height)], shrink, self._read_level)

    def shrunk(self, x: int, y: int, width: int, height: int, shrink: int) -> np.ndarray:
        sizes = [(self.width, self.height)]
        return shrunk_window(sizes, shrink, self._read_level, (x, y), (width, height))

    def _read_level(self, level: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        return self.read(x, y, width, height)

    def close(self) -> None:
        """Nothing is open."""


def open_image(path: Path, spacing_um_px: float | None) -> ImageSlide:
    """Decode a PNG, JPEG or BMP.

    Args:
        path: The file.
        spacing_um_px: Overrides what the metadata state.

    Raises:
        DataError: The image cannot be decoded, is not 8-bit colour, or its spacing is not known.
    """
    picture = read_picture(path, is_image=True)
    alpha = picture.samples.alpha
    check_is_seen(path, alpha is None or bool(alpha.any()))
    spacing = choose(path, picture.stated, spacing_um_px)
    return ImageSlide(picture.samples.on_glass(), *spacing, picture.format, picture.stated)
