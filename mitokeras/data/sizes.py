"""Sizes of what the networks read: tiles of stage 1 and crops of stage 2, pixels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

TilePx = Annotated[int, Field(gt=0, multiple_of=8)]
"""Edge of a tile, or of a patch of one for training."""

CropPx = Annotated[int, Field(gt=0, multiple_of=2)]

Tiling = Literal["halo", "windows"]
"""How stage 1 goes over a field: each pixel once, in tiles with a halo; or in windows that overlap,
whose mean counts, the paper's way."""


def check_halo(tile_px: int, halo_px: int) -> None:
    """Raises ValueError unless a tile has a core between its halos."""
    if not 0 <= 2 * halo_px < tile_px:
        raise ValueError("halo_px must be less than half of tile_px")
