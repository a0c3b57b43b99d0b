"""Tiles and crops of a slide as JPEG, made when they are asked for and kept for a while."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property

import cv2
import numpy as np

from mitokeras.report.page import jpeg
from mitokeras.slides import Slide

TILE_PX = 512

OVERVIEW_PX = 2048
"""Longer side of the picture of the whole that coarse tiles are cut from."""

CACHE_BYTES = 96 * 2**20

AT_ONCE = 3
"""Pictures that are made at once; more would take memory and no time from one another."""

WHITE = 255


class Pictures:
    """The pictures of one slide.

    Args:
        slide: Opened; several threads ask.

    Raises:
        DataError: The methods, where the slide is damaged.
    """

    def __init__(self, slide: Slide) -> None:
        self._slide = slide
        self._turn = threading.Semaphore(AT_ONCE)
        self._whole_lock = threading.Lock()
        self._kept = _Kept(CACHE_BYTES)

    @property
    def levels(self) -> int:
        """Number of the finest level; level 0 has the whole slide in one pixel."""
        return max(0, math.ceil(math.log2(max(self._slide.width, self._slide.height))))

    def tile(self, level: int, column: int, row: int) -> bytes | None:
        """A tile of a pyramid that halves from level to level; None where there is none.

        Args:
            level: 0 to `levels`.
            column: From the left, 0 on.
            row: From above.
        """
        shrink = 2 ** (self.levels - level)
        x, y = column * TILE_PX * shrink, row * TILE_PX * shrink
        if not (0 <= level <= self.levels and column >= 0 and row >= 0):
            return None
        if x >= self._slide.width or y >= self._slide.height:
            return None
        return self._make(("tile", level, column, row), lambda: self._tile(x, y, shrink))

    def crop(self, x: int, y: int, side_um: int, side_px: int) -> bytes:
        """A square about a place, white where it reaches over the border of the slide.

        Args:
            x: Centre, hundredths of a pixel of level 0.
            y: Likewise.
            side_um: Side of the square.
            side_px: Side of the picture.
        """
        key = ("crop", x, y, side_um, side_px)
        return self._make(key, lambda: self._crop(x / 100, y / 100, side_um, side_px))

    def _make(self, key: tuple[object, ...], draw: Callable[[], np.ndarray]) -> bytes:
        content = self._kept.get(key)
        if content is None:
            with self._turn:
                content = jpeg(draw())
            self._kept.put(key, content)
        return content

    def _tile(self, x: int, y: int, shrink: int) -> np.ndarray:
        slide = self._slide
        whole_shrink = self._whole_shrink
        if shrink >= whole_shrink:
            factor = shrink // whole_shrink
            left, top = x // whole_shrink, y // whole_shrink
            side = TILE_PX * factor
            part = self._whole[top : top + side, left : left + side]
            size = math.ceil(part.shape[1] / factor), math.ceil(part.shape[0] / factor)
            return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA))
        side = TILE_PX * shrink
        width, height = min(side, slide.width - x), min(side, slide.height - y)
        return slide.shrunk(x, y, width, height, shrink)

    def _crop(self, x: float, y: float, side_um: int, side_px: int) -> np.ndarray:
        slide = self._slide
        side = max(1, round(side_um / slide.spacing_um_px))
        shrink = max(1, side // side_px)
        side = -(-side // shrink) * shrink
        left, top = (math.floor(at + 0.5 - side / 2) // shrink * shrink for at in (x, y))
        picture = np.full((side // shrink, side // shrink, 3), WHITE, np.uint8)
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + side, slide.width), min(top + side, slide.height)
        if x0 < x1 and y0 < y1:
            window = slide.shrunk(x0, y0, x1 - x0, y1 - y0, shrink)
            row, column = (y0 - top) // shrink, (x0 - left) // shrink
            picture[row : row + window.shape[0], column : column + window.shape[1]] = window
        method = cv2.INTER_AREA if picture.shape[0] > side_px else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(picture, (side_px, side_px), interpolation=method))

    @property
    def _whole_shrink(self) -> int:
        longest = max(self._slide.width, self._slide.height)
        return int(2 ** math.ceil(math.log2(max(1, longest / OVERVIEW_PX))))

    @property
    def _whole(self) -> np.ndarray:
        with self._whole_lock:
            return self._drawn_whole

    @cached_property
    def _drawn_whole(self) -> np.ndarray:
        return self._slide.overview(self._whole_shrink)


class _Kept:
    """Files in memory; those that were not asked for for the longest time go first."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes
        self._files: OrderedDict[object, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object) -> bytes | None:
        with self._lock:
            content = self._files.get(key)
            if content is not None:
                self._files.move_to_end(key)
            return content

    def put(self, key: object, content: bytes) -> None:
        with self._lock:
            if key not in self._files:
                self._files[key] = content
                self._left -= len(content)
            while self._left < 0:
                self._left += len(self._files.popitem(last=False)[1])
