"""Tiles of a slide that its file does not have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class AbsentTiles:
    """Which tiles of level 0 were never written, as of glass between two pieces of tissue.

    Attributes:
        grid: Bool, shape (rows, columns) of all tiles.
        tile_px: Width and height of a tile.
    """

    grid: np.ndarray
    tile_px: tuple[int, int]

    @classmethod
    def none(cls) -> AbsentTiles:
        """Of a slide that has all its tiles, or of which it is not known."""
        return cls(np.zeros((1, 1), bool), (1, 1))

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.grid))

    def on_overview(self, shape: tuple[int, int], shrink: int) -> np.ndarray:
        """Where an overview shows them, whatever a coarser level has there.

        Args:
            shape: Height and width of the overview.
            shrink: Pixels of level 0 on an edge of one of its pixels.

        Returns:
            Bool, of that shape: pixels whose centre lies in such a tile.
        """
        rows, columns = (
            np.minimum((np.arange(length) + 0.5) * shrink // tile, tiles - 1).astype(np.int64)
            for length, tile, tiles in zip(shape, self.tile_px[::-1], self.grid.shape, strict=True)
        )
        return self.grid[np.ix_(rows, columns)]
