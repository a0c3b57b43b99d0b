"""A small picture of a huge pyramid, in memory that depends on the picture only."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np

Size = tuple[int, int]
"""Width, height."""

ROUNDED_PX = 2
"""Scanners halve a size several times, and round each time."""

ReadLevel = Callable[[int, int, int, int, int], np.ndarray]
"""Level, and x, y, width, height in the pixels of that level -> RGB, uint8."""

BLOCK_PX = 2048
"""Edge of what is read at once."""

TOO_COARSE = 1.01
"""A level of 16.03, which a scanner rounded from 16, is fine enough for a mean over 16."""


def is_copy(full: Size, level: Size) -> bool:
    """Whether a level can be the whole picture, or is of another shape, such as a slide's label.

    Args:
        full: Size of level 0.
        level: Size of the level, each side of which may be rounded, by up to `ROUNDED_PX`.
    """
    return abs(full[0] * level[1] - full[1] * level[0]) <= ROUNDED_PX * sum(full)


def overview(levels: Sequence[Size], shrink: int, read_level: ReadLevel) -> np.ndarray:
    """Area mean of a pyramid over `shrink` x `shrink` pixels of level 0.

    Args:
        levels: Their sizes, finest first.
        shrink: Pixels of level 0 on an edge, at least 1.
        read_level: Gives a window of a level; windows lie inside.

    Returns:
        RGB, uint8, shape (ceil(height / shrink), ceil(width / shrink), 3). Pixel (i, j) is the
        mean of the level 0 rows from i * shrink to (i + 1) * shrink, cut at the border, exactly
        where only level 0 is used.
    """
    index, across, down = _fine_enough(levels, shrink)
    # First by whole pixels of the level, block by block; then by what is left, 1 to 2.
    whole = _whole_factor(shrink, across, down)
    picture = _shrunk_level(levels[index], whole, lambda *window: read_level(index, *window))
    width, height = (math.ceil(side / shrink) for side in levels[0])
    return _fit(picture, (width, height), shrink / (across * whole), shrink / (down * whole))


def shrunk_window(
    levels: Sequence[Size],
    shrink: int,
    read_level: ReadLevel,
    corner: tuple[int, int],
    size: Size,
) -> np.ndarray:
    """A window of a pyramid, each pixel the mean of `shrink` x `shrink` pixels of level 0.

    Args:
        levels: As for `overview`.
        shrink: Pixels of level 0 on an edge, at least 1.
        read_level: Gives a window of a level; windows lie inside.
        corner: Upper left corner (x, y) of the window, pixels of level 0.
        size: Its width and height there; the window lies inside.

    Returns:
        RGB, uint8, shape (ceil(height / shrink), ceil(width / shrink), 3). Where a coarser level
        is taken whose pixels do not begin where the window does, it is off by less than one of
        these pixels.
    """
    index, across, down = _fine_enough(levels, shrink)
    left, right = _span(corner[0], size[0], across, levels[index][0])
    top, bottom = _span(corner[1], size[1], down, levels[index][1])
    part = _shrunk_level(
        (right - left, bottom - top),
        _whole_factor(shrink, across, down),
        lambda x, y, *of_block: read_level(index, left + x, top + y, *of_block),
    )
    fitting = math.ceil(size[0] / shrink), math.ceil(size[1] / shrink)
    if part.shape[1::-1] == fitting:
        return part
    return np.asarray(cv2.resize(part, fitting, interpolation=cv2.INTER_AREA), np.uint8)


def area_mean(image: np.ndarray, factor: int) -> np.ndarray:
    """Mean over `factor` x `factor` pixels; at the right and below over those that are left."""
    height, width = image.shape[:2]
    small = np.empty((math.ceil(height / factor), math.ceil(width / factor), 3), np.uint8)
    for top, bottom in _whole_and_rest(height, factor):
        for left, right in _whole_and_rest(width, factor):
            size = math.ceil((right - left) / factor), math.ceil((bottom - top) / factor)
            small[
                top // factor : top // factor + size[1], left // factor : left // factor + size[0]
            ] = cv2.resize(image[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
    return small


def _fine_enough(levels: Sequence[Size], shrink: int) -> tuple[int, float, float]:
    """The coarsest level that is fine enough, and its pixels in those of level 0, in x and y."""
    if shrink < 1:
        raise ValueError(f"shrink must be at least 1. Received: {shrink}")
    factors = [_downsample(levels[0], level) for level in levels]
    fine_enough = [i for i, xy in enumerate(factors) if max(xy) <= shrink * TOO_COARSE]
    index = max(fine_enough, key=lambda i: factors[i])
    return index, *factors[index]


def _whole_factor(shrink: int, across: float, down: float) -> int:
    """Whole pixels of a level of these factors that a pixel is the mean of, on an edge."""
    return max(1, int(shrink / max(across, down) + 0.01))


def _span(start: int, length: int, factor: float, end: int) -> tuple[int, int]:
    """The pixels of a level that cover a span of level 0; a rounded level lacks the last."""
    first = min(int(start / factor), end - 1)
    return first, max(first + 1, min(math.ceil((start + length) / factor), end))


def _downsample(full: Size, level: Size) -> tuple[float, float]:
    """In x and y. Scanners round the sizes of levels down: 4100 / 256 is meant as 16."""
    factors = full[0] / level[0], full[1] / level[1]
    nominal = round(sum(factors) / 2)
    if all(abs(a / nominal - b) < 1 for a, b in zip(full, level, strict=True)):
        return float(nominal), float(nominal)
    return factors


def _shrunk_level(
    level: Size, factor: int, read: Callable[[int, int, int, int], np.ndarray]
) -> np.ndarray:
    """`area_mean` of a level, read in blocks of whole multiples of the factor."""
    width, height = level
    small = np.empty((math.ceil(height / factor), math.ceil(width / factor), 3), np.uint8)
    step = max(1, BLOCK_PX // factor) * factor
    for y in range(0, height, step):
        for x in range(0, width, step):
            block = area_mean(read(x, y, min(step, width - x), min(step, height - y)), factor)
            top, left = y // factor, x // factor
            small[top : top + block.shape[0], left : left + block.shape[1]] = block
    return small


def _fit(picture: np.ndarray, size: Size, across: float, down: float) -> np.ndarray:
    """Shrink by factors of 1 to 2 to a size; what a rounded level lacks is its last pixels."""
    width, height = size
    missing_x = math.ceil(width * across) - picture.shape[1]
    missing_y = math.ceil(height * down) - picture.shape[0]
    if max(missing_x, missing_y) > 0:
        picture = cv2.copyMakeBorder(
            picture, 0, max(missing_y, 0), 0, max(missing_x, 0), cv2.BORDER_REPLICATE
        )
    if (across, down) != (1.0, 1.0):
        picture = cv2.resize(
            picture, None, fx=1 / across, fy=1 / down, interpolation=cv2.INTER_AREA
        )
    return np.ascontiguousarray(picture[:height, :width])


def _whole_and_rest(length: int, factor: int) -> list[tuple[int, int]]:
    """The part of a length that the factor divides, and the rest, those that are not empty."""
    whole = length // factor * factor
    return [span for span in ((0, whole), (whole, length)) if span[0] < span[1]]
