"""One probability map of a field of any size from a network of one tile size.

Planes: *field* is the pixel grid of the image; a *tile* is a square window of `tile_px` whose
outer `halo_px` is context only, and may lie outside the field, where the image is mirrored. The
*core* is a tile without its halo. Cores cover the field without overlap, so each pixel of the
map comes from exactly one tile and is computed once.

The paper's windows (`mitokeras.detect.windows`), 2 x 2 of 2048 px over a field of 2084 px, compute
almost each pixel four times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from mitokeras.data.sizes import Tiling, check_halo
from mitokeras.detect.windows import averaged_map, in_windows

Segmenter = Callable[[np.ndarray], np.ndarray]
"""RGB tiles, uint8 (n, tile, tile, 3) -> probabilities, float32 (n, tile, tile)."""


@dataclass(frozen=True)
class TileGrid:
    """The tiles of one field.

    Attributes:
        height: Height of the field, pixels.
        width: Width of the field, pixels.
        tile_px: Edge of a tile.
        halo_px: Context on each side of a tile.
    """

    height: int
    width: int
    tile_px: int
    halo_px: int

    def __post_init__(self) -> None:
        check_halo(self.tile_px, self.halo_px)

    @classmethod
    def over(cls, image: np.ndarray, tile_px: int, halo_px: int) -> TileGrid:
        """The grid of an image, shape (height, width, ...)."""
        return cls(image.shape[0], image.shape[1], tile_px, halo_px)

    @property
    def core_px(self) -> int:
        return self.tile_px - 2 * self.halo_px

    def cores(self) -> Iterator[tuple[int, int]]:
        """Top left (y, x) of each core in the field, row by row."""
        for y in range(0, self.height, self.core_px):
            for x in range(0, self.width, self.core_px):
                yield y, x

    def read(self, image: np.ndarray, core: tuple[int, int]) -> np.ndarray:
        """Cut the tile of a core, mirrored where it leaves the field."""
        return _cut(image, self.corner(core), self.tile_px)

    def corner(self, core: tuple[int, int]) -> tuple[int, int]:
        """Top left (y, x) of the tile of a core; negative where it leaves the field."""
        return core[0] - self.halo_px, core[1] - self.halo_px

    def own(self, core: tuple[int, int], tile_map: np.ndarray) -> np.ndarray:
        """The core of a tile's map, without what lies outside the field."""
        height = min(self.core_px, self.height - core[0])
        width = min(self.core_px, self.width - core[1])
        halo = self.halo_px
        return tile_map[halo : halo + height, halo : halo + width]

    def write(self, field_map: np.ndarray, core: tuple[int, int], tile_map: np.ndarray) -> None:
        """Copy the core of a tile's map to its place in the field's map."""
        own = self.own(core, tile_map)
        y, x = core
        field_map[y : y + own.shape[0], x : x + own.shape[1]] = own


def mirrored(
    inside: Callable[[slice, slice], np.ndarray],
    shape: tuple[int, int],
    corner: tuple[int, int],
    side_px: int,
) -> np.ndarray:
    """A square window of an image, mirrored where it leaves the image.

    Args:
        inside: Rows and columns within the image -> its pixels there.
        shape: (height, width) of the image.
        corner: Top left (y, x) of the window; may be negative.
        side_px: Edge of the window.
    """
    (height, width), (top, left) = shape, corner
    bottom, right = top + side_px, left + side_px
    return cv2.copyMakeBorder(
        inside(slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))),
        max(-top, 0),
        max(bottom - height, 0),
        max(-left, 0),
        max(right - width, 0),
        cv2.BORDER_REFLECT_101,
    )


def _cut(image: np.ndarray, corner: tuple[int, int], side_px: int) -> np.ndarray:
    return mirrored(lambda rows, columns: image[rows, columns], image.shape[:2], corner, side_px)


def probability_map(
    image: np.ndarray,
    segmenter: Segmenter,
    tile_px: int,
    halo_px: int,
    tiling: Tiling = "halo",
    batch: int = 4,
) -> np.ndarray:
    """Segment a field tile by tile.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        segmenter: The network.
        tile_px: Edge of the network's input.
        halo_px: Context on each side of a tile; windows have none.
        tiling: Whether a field in one piece goes by windows of `tile_px`.
        batch: Tiles per call; windows go one by one.

    Returns:
        Probability of mitotic figure, float32, shape (height, width).
    """
    if in_windows(tiling, *image.shape[:2]):
        return averaged_map(
            lambda corner: _cut(image, corner, tile_px), segmenter, image.shape[:2], tile_px
        )
    grid = TileGrid.over(image, tile_px, halo_px)
    field_map = np.empty(image.shape[:2], dtype=np.float32)
    cores = list(grid.cores())
    for start in range(0, len(cores), batch):
        chunk = cores[start : start + batch]
        tiles = np.stack([grid.read(image, core) for core in chunk])
        for core, tile_map in zip(chunk, segmenter(tiles), strict=True):
            grid.write(field_map, core, tile_map)
    return field_map
