"""A field in few large windows that overlap, each pixel with the mean of those that cover it.

Planes: as in `mitokeras.detect.tiling`; a *window* has no halo, and leaves the field, mirrored,
only where the field is smaller than it.

Source: SCMitosis (arXiv 2212.13401): 2 x 2 windows of 2048 px over a field of 2084 px.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mitokeras.data.sizes import Tiling

WHOLE_PX = 25_000_000
"""An image of at most so many pixels is a field in one piece; a larger one is as a slide."""


def in_windows(tiling: Tiling, height: int, width: int) -> bool:
    """Whether an image of this size at the model's spacing goes by windows."""
    return tiling == "windows" and height * width <= WHOLE_PX


def window_starts(side_px: int, window_px: int) -> list[int]:
    """First pixel of each window along one side of a field.

    As few as cover it, evenly apart to the pixel, the last one flush with the border.
    """
    gaps = (side_px - 1) // window_px
    return [0, *(i * (side_px - window_px) // gaps for i in range(1, gaps + 1))]


def averaged_map(
    read: Callable[[tuple[int, int]], np.ndarray],
    segmenter: Callable[[np.ndarray], np.ndarray],
    shape: tuple[int, int],
    window_px: int,
) -> np.ndarray:
    """Segment a field window by window.

    Args:
        read: Top left (y, x) of a window -> its pixels, uint8, (window_px, window_px, 3).
        segmenter: The network.
        shape: (height, width) of the field.
        window_px: Edge of a window, the network's input.

    Returns:
        Mean probability of mitotic figure, float32, shape (height, width).
    """
    total = np.zeros(shape, dtype=np.float32)
    tops, lefts = (window_starts(side, window_px) for side in shape)
    for top in tops:
        for left in lefts:
            place = total[top : top + window_px, left : left + window_px]
            (window_map,) = segmenter(read((top, left))[None])
            place += window_map[: place.shape[0], : place.shape[1]]
    total /= _covered(tops, shape[0], window_px)[:, None]
    total /= _covered(lefts, shape[1], window_px)
    return total


def _covered(starts: list[int], side_px: int, window_px: int) -> np.ndarray:
    """Number of windows over each pixel of a side, float32."""
    covered = np.zeros(side_px, dtype=np.float32)
    for start in starts:
        covered[start : start + window_px] += 1
    return covered
