"""A slide at the spacing and in the stain that a model works at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mitokeras.data.resize import as_ratio, resize, resized_px
from mitokeras.detect.tiling import mirrored
from mitokeras.slides import Slide

_MARGIN = 1  # ratios' lengths on each side, so that bilinear weights at a window's edge are right


class Plane:
    """The pixel grid on which a model sees a slide.

    A window is computed from the pixels of the slide below it, and is equal to that window of
    the slide resized in one piece.

    Args:
        slide: The slide to read from.
        factor: From `resize_factor`.
        stain: Applied to each window at the model's spacing, or None.
    """

    def __init__(
        self,
        slide: Slide,
        factor: float = 1.0,
        stain: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        self.slide = slide
        self.factor = factor
        self._ratio = as_ratio(factor)
        self._stain = stain
        self.height = resized_px(slide.height, factor)
        self.width = resized_px(slide.width, factor)

    def read(self, corner: tuple[int, int], side_px: int) -> np.ndarray:
        """A square window, RGB, uint8, mirrored where it leaves the slide.

        Args:
            corner: Its top left (y, x); may be negative.
            side_px: Side of the window.
        """
        return mirrored(self.window, (self.height, self.width), corner, side_px)

    def window(self, rows: slice, columns: slice) -> np.ndarray:
        """Rows and columns that lie inside the plane, RGB, uint8."""
        if self.factor == 1.0:
            image = self._read(rows, columns)
        else:
            below_rows = self._below(rows, self.slide.height)
            below_columns = self._below(columns, self.slide.width)
            window = resize(self._read(below_rows, below_columns), self.factor)
            y = rows.start - int(below_rows.start * self._ratio)
            x = columns.start - int(below_columns.start * self._ratio)
            image = window[y : y + rows.stop - rows.start, x : x + columns.stop - columns.start]
        return image if self._stain is None else self._stain(image)

    def _read(self, rows: slice, columns: slice) -> np.ndarray:
        width, height = columns.stop - columns.start, rows.stop - rows.start
        return self.slide.read(columns.start, rows.start, width, height)

    def _below(self, span: slice, length: int) -> slice:
        """The pixels of the slide below a span, from one where both grids meet."""
        up, down = self._ratio.numerator, self._ratio.denominator
        first = max(0, span.start // up - _MARGIN) * down
        last = (-(-span.stop // up) + _MARGIN) * down
        return slice(first, min(last, length))
