"""Training patches put together of parts, for fields that were cut about a mitotic figure.

In such fields the figure is in the middle, and there is hardly a patch without one. A segmenter
that sees a patch of their size learns that: it finds the figures of other such fields by their
place, few of the same ones elsewhere, and stage 2 gets few false candidates to learn from. In a
mosaic a part has a figure anywhere, or none, and nothing beside it says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from mitokeras.data.stored_field import StoredField
from mitokeras.run.seeds import stream
from mitokeras.train.batches.feed import Sampler

LEAST_PART_PX = 64
"""16 um at 40x: a mitotic figure and what is about it."""

SHUFFLED = 1000
"""So many samples come in random order, as their kinds take turns: a multiple of the cycles."""


def parts_a_side(fields: Sequence[StoredField], patch_px: int) -> int:
    """How many parts make a side of a patch: so many that one is at most half as wide as any field.

    Args:
        fields: Fields that patches may come from.
        patch_px: Edge of a patch.

    Returns:
        1 where a patch is no wider than that; a power of 2 by which `patch_px` can be divided.
    """
    smallest = min(max(field.height, field.width) for field in fields)
    side = 1
    while (
        patch_px / side > smallest / 2
        and patch_px % (2 * side) == 0
        and patch_px // (2 * side) >= LEAST_PART_PX
    ):
        side *= 2
    return side


def mosaic(sampler: Sampler, side: int, seed: int) -> Sampler:
    """Patches of `side` by `side` samples whose target is an image too.

    Args:
        sampler: Gives the parts.
        side: Parts in a row.
        seed: Seed of the run, for the order of the samples.
    """

    @lru_cache(maxsize=2)
    def order(block: int) -> np.ndarray:
        return stream(seed, "order in mosaics", block).permutation(SHUFFLED)

    def part(number: int) -> tuple[np.ndarray, np.ndarray]:
        block, position = divmod(number, SHUFFLED)
        return sampler(block * SHUFFLED + int(order(block)[position]))

    def sample(index: int) -> tuple[np.ndarray, np.ndarray]:
        parts = [part(index * side**2 + i) for i in range(side**2)]
        image, target = (
            np.concatenate([np.concatenate(row, 1) for row in _rows(each, side)])
            for each in zip(*parts, strict=True)
        )
        return image, target

    return sample if side > 1 else sampler


def _rows(parts: Sequence[np.ndarray], side: int) -> list[Sequence[np.ndarray]]:
    return [parts[start : start + side] for start in range(0, len(parts), side)]
