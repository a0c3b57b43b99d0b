"""Candidates of a slide from the probability maps of its tiles, equal to those of one whole map.

Each tile gives the connected regions of its core. A region that touches a border which the core
shares with a neighbour may go on there: it is *open*, and joined with its other parts when the
tiles are done. Every pixel is in one core and every region is joined once, so each object has
exactly one owner, whatever its size and wherever the borders run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mitokeras.detect.outlines import box_outline, outline_of
from mitokeras.detect.tiling import TileGrid

LARGEST_OUTLINED_PX = 2048
"""A joined region with a longer side is no figure: its outline is its bounding box."""


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions above the threshold, one row each in every array; pixels of the plane.

    Attributes:
        box: Left, top, width and height, int64, shape (n, 4).
        area: int64, shape (n,).
        sum_xy: Sums of the pixels' x and y, int64, shape (n, 2).
        first: y and x of the topmost pixel, the leftmost of those, int64, shape (n, 2).
        peak: Highest probability, float32, shape (n,).
        open: May go on in a neighbouring tile, bool, shape (n,).
        mask_start: Where each mask begins in `masks`, int64, shape (n,).
        masks: The boxes' pixels, row by row, eight to a byte, each box from a new byte, uint8;
            a region without a mask has none.
    """

    box: np.ndarray
    area: np.ndarray
    sum_xy: np.ndarray
    first: np.ndarray
    peak: np.ndarray
    open: np.ndarray
    mask_start: np.ndarray
    masks: np.ndarray

    def __len__(self) -> int:
        return len(self.area)

    def mask(self, i: int) -> np.ndarray:
        """Mask of one region, bool, shape of its box."""
        _, _, width, height = self.box[i]
        start = self.mask_start[i]
        packed = self.masks[start : start + (width * height + 7) // 8]
        return np.unpackbits(packed, count=width * height).reshape(height, width).astype(bool)

    def outline(self, i: int) -> np.ndarray:
        """Polygon around one region, float64, shape (corners, 2): x and y of pixels."""
        left, top, width, height = self.box[i]
        if max(width, height) > LARGEST_OUTLINED_PX:
            return box_outline(left, top, width, height)
        return outline_of(self.mask(i)) + np.array([left, top])

    @classmethod
    def concatenate(cls, parts: Sequence[Regions]) -> Regions:
        """The regions of several tiles in one record, in the order of the parts."""
        starts = np.cumsum([0, *(len(part.masks) for part in parts)])
        parts = [
            replace(part, mask_start=part.mask_start + start)
            for part, start in zip(parts, starts, strict=False)
        ]
        names = [field.name for field in fields(cls)]
        empty = _empty()
        return cls(**{n: np.concatenate([getattr(p, n) for p in (empty, *parts)]) for n in names})


def tile_regions(
    own: np.ndarray, core: tuple[int, int], grid: TileGrid, threshold: float, min_area_px: int
) -> Regions:
    """The regions of one tile's core.

    Args:
        own: Probability of the core, float32, cut off at the slide's border.
        core: Its top left (y, x).
        grid: Grid of the slide.
        threshold: A pixel belongs to a region when its probability is greater.
        min_area_px: A region is kept when its area is greater, or when it is open.
    """
    foreground = own > threshold
    if not foreground.any():
        return _empty()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        foreground.view(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    box = stats[1:, :4].astype(np.int64)
    area = stats[1:, cv2.CC_STAT_AREA].astype(np.int64)
    is_open = _reaches_a_neighbour(box, core, grid)
    kept = np.flatnonzero(is_open | (area > min_area_px))
    parts = [_region(labels[cut := _cut(box[i])] == i + 1, own[cut], box[i, :2]) for i in kept]
    packed = [np.packbits(part[0]) for part in parts]
    shift = np.array([core[1], core[0]])
    return Regions(
        box=box[kept] + np.concatenate([shift, (0, 0)]),
        area=area[kept],
        sum_xy=_pairs([part[1] for part in parts]) + shift * area[kept, None],
        first=_pairs([part[2] for part in parts]) + shift[::-1],
        peak=np.array([part[3] for part in parts], dtype=np.float32),
        open=is_open[kept],
        mask_start=np.cumsum([0, *map(len, packed)], dtype=np.int64)[:-1],
        masks=np.concatenate([np.zeros(0, np.uint8), *packed]),
    )


def _cut(box: np.ndarray) -> tuple[slice, slice]:
    left, top, width, height = box
    return slice(top, top + height), slice(left, left + width)


def _region(
    mask: np.ndarray, probability: np.ndarray, corner: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Mask, sums of x and y, first pixel's y and x, and peak of one region of a core."""
    places = np.argwhere(mask) + corner[::-1]
    return mask, places[:, ::-1].sum(axis=0), places[0], probability[mask].max()


def joined(parts: Sequence[Regions], grid: TileGrid, min_area_px: int) -> Regions:
    """All regions of a slide, by the row of their topmost pixel, then by its column.

    Args:
        parts: Regions of its tiles, in any order.
        grid: Grid of the slide.
        min_area_px: A region is kept when its area is greater.
    """
    every = Regions.concatenate(parts)
    closed = np.flatnonzero(~every.open)
    open_ = np.flatnonzero(every.open)
    pieces = [_rows_of(every, closed)]
    group = _groups(every, open_, grid)
    for members in np.split(open_[np.argsort(group, kind="stable")], _starts(group)):
        if len(members) and every.area[members].sum() > min_area_px:
            pieces.append(_union(every, members))
    result = Regions.concatenate(pieces)
    return _rows_of(result, np.lexsort((result.first[:, 1], result.first[:, 0])))


def _reaches_a_neighbour(box: np.ndarray, core: tuple[int, int], grid: TileGrid) -> np.ndarray:
    """Which boxes, in pixels of the core, touch a border that is not the slide's."""
    y, x = core
    left, top, width, height = box.T
    return (
        ((left == 0) & (x > 0))
        | ((top == 0) & (y > 0))
        | ((left + width == grid.core_px) & (x + grid.core_px < grid.width))
        | ((top + height == grid.core_px) & (y + grid.core_px < grid.height))
    )


def _groups(regions: Regions, members: np.ndarray, grid: TileGrid) -> np.ndarray:
    """Number of the object that each open region is a part of, shape of `members`."""
    keys, owners = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, i in enumerate(members):
        y, x = np.nonzero(regions.mask(i))
        y, x = y + regions.box[i, 1], x + regions.box[i, 0]
        edge = np.isin(y % grid.core_px, (0, grid.core_px - 1)) | np.isin(
            x % grid.core_px, (0, grid.core_px - 1)
        )
        keys.append(y[edge] * (grid.width + 2) + x[edge] + 1)
        owners.append(np.full(edge.sum(), number))
    key, owner = np.concatenate(keys), np.concatenate(owners)
    order = np.argsort(key)
    key, owner = key[order], owner[order]
    pairs = [np.zeros((2, 0), np.int64)]
    for step in (1, grid.width + 1, grid.width + 2, grid.width + 3):  # right, and the row below
        place = np.searchsorted(key, key + step)
        place = np.minimum(place, len(key) - 1)
        meets = key[place] == key + step if len(key) else np.zeros(0, bool)
        pairs.append(np.stack([owner[meets], owner[place[meets]]]))
    a, b = np.concatenate(pairs, axis=1)
    graph = coo_array((np.ones(len(a), bool), (a, b)), shape=(len(members), len(members)))
    return connected_components(graph, directed=False)[1]


def _union(regions: Regions, members: np.ndarray) -> Regions:
    """One region of several parts."""
    box = regions.box[members]
    left, top = box[:, :2].min(axis=0)
    right, bottom = (box[:, :2] + box[:, 2:]).max(axis=0)
    masks = np.zeros(0, np.uint8)
    if max(right - left, bottom - top) <= LARGEST_OUTLINED_PX:
        whole = np.zeros((bottom - top, right - left), bool)
        for i, (x, y, width, height) in zip(members, box, strict=True):
            whole[y - top : y - top + height, x - left : x - left + width] |= regions.mask(i)
        masks = np.packbits(whole)
    first = regions.first[members]
    return Regions(
        box=np.array([[left, top, right - left, bottom - top]]),
        area=regions.area[members].sum(keepdims=True),
        sum_xy=regions.sum_xy[members].sum(axis=0, keepdims=True),
        first=first[np.lexsort((first[:, 1], first[:, 0]))[:1]],
        peak=regions.peak[members].max(keepdims=True),
        open=np.zeros(1, bool),
        mask_start=np.zeros(1, np.int64),
        masks=masks,
    )


def _rows_of(regions: Regions, rows: np.ndarray) -> Regions:
    """A choice of the regions; their masks stay where they are."""
    names = [field.name for field in fields(Regions) if field.name != "masks"]
    return replace(regions, **{name: getattr(regions, name)[rows] for name in names})


def _starts(group: np.ndarray) -> np.ndarray:
    """Where each group but the first begins once its members are sorted by group."""
    return np.flatnonzero(np.diff(np.sort(group, kind="stable"))) + 1


def _pairs(pairs: list[np.ndarray]) -> np.ndarray:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _empty() -> Regions:
    integers = np.zeros(0, np.int64)
    return Regions(
        box=np.zeros((0, 4), np.int64),
        area=integers,
        sum_xy=np.zeros((0, 2), np.int64),
        first=np.zeros((0, 2), np.int64),
        peak=np.zeros(0, np.float32),
        open=np.zeros(0, bool),
        mask_start=integers,
        masks=np.zeros(0, np.uint8),
    )
