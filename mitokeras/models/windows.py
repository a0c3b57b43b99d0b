"""Windows that slide over a map, so that what a pixel gets does not depend on the map's size.

A map is divided into square *cells*. A *window* is a square of whole cells, of the side of the
map if that is smaller, and there is one at every cell where it fits. What is computed for it
counts at its centre, is interpolated between the centres, and stays the same beyond the outermost.

In a network all levels have cells of one size in the image, the smallest by which an image can
move and its smallest map with it: then the windows move too, and two tiles that are whole cells
apart see the same windows of what they share. Windows further apart would cost little less.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from mitokeras.models.packing import Shape, Tensor


@dataclass(frozen=True)
class Axis:
    """The windows along one side of a map.

    Attributes:
        cells: Cells of the map.
        window: Cells of a window.
    """

    cells: int
    window: int

    @classmethod
    def of(cls, side_px: int, window_px: int | None, cell_px: int) -> Axis:
        """The windows of a map.

        Args:
            side_px: Side of the map, pixels, a multiple of `cell_px`.
            window_px: Side of a window, pixels, a multiple of `cell_px`; None for the whole map.
            cell_px: Side of a cell, pixels.
        """
        cells = side_px // cell_px
        return cls(cells, cells if window_px is None else min(window_px // cell_px, cells))

    @property
    def count(self) -> int:
        """Number of windows."""
        return self.cells - self.window + 1

    def averaging(self) -> np.ndarray:
        """What each cell adds to the mean of each window, shape (cells, windows)."""
        cell = np.arange(self.cells)[:, None] - np.arange(self.count)
        return ((cell >= 0) & (cell < self.window)) / self.window

    def interpolation(self) -> np.ndarray:
        """What each window adds at the centre of each cell, shape (windows, cells)."""
        place = np.arange(self.cells) + 0.5 - self.window / 2
        place = np.clip(place, 0, self.count - 1)
        return np.maximum(1 - np.abs(np.arange(self.count)[:, None] - place), 0)


class Windowed(keras.Layer):
    """A layer that looks at a map, or gives one, through windows.

    Args:
        window_px: Side of a window, pixels of the map, a multiple of `cell_px`; None for the whole
            map.
        cell_px: Side of a cell, pixels of the map; a divisor of height and width.
    """

    def __init__(self, window_px: int | None = None, cell_px: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.window_px = window_px
        self.cell_px = cell_px

    def axes(self, height: int, width: int) -> tuple[Axis, Axis]:
        """The windows down and across a map of that size, pixels."""
        return (
            Axis.of(height, self.window_px, self.cell_px),
            Axis.of(width, self.window_px, self.cell_px),
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "window_px": self.window_px, "cell_px": self.cell_px}


def window_mean(x: Tensor, down: Axis, across: Axis) -> Tensor:
    """Mean of each window of a map (batch, height, width, channels), of its windows' shape."""
    if down.count == across.count == 1:
        return ops.mean(x, axis=(1, 2), keepdims=True)
    _, height, width, channels = x.shape
    # A mean, not average pooling: XNNPACK leaves int8 averages to slower kernels.
    cells = (-1, down.cells, height // down.cells, across.cells, width // across.cells, channels)
    return mixed(ops.mean(ops.reshape(x, cells), axis=(2, 4)), Axis.averaging, down, across)


def window_max(x: Tensor, down: Axis, across: Axis) -> Tensor:
    """Maximum of each window of a map (batch, height, width, channels), of its windows' shape."""
    if down.count == across.count == 1:
        return ops.max(x, axis=(1, 2), keepdims=True)
    _, height, width, _ = x.shape
    cell = (height // down.cells, width // across.cells)
    x = ops.max_pool(x, cell, cell, padding="valid")
    x = ops.max_pool(x, (down.window, 1), 1, padding="valid")
    return ops.max_pool(x, (1, across.window), 1, padding="valid")


def mixed(x: Tensor, matrix: Callable[[Axis], np.ndarray], down: Axis, across: Axis) -> Tensor:
    """Replace rows and columns by weighted sums of them.

    Args:
        x: (batch, rows, columns, channels).
        matrix: Gives the weights for an axis, shape (rows before, rows after).
        down: Axis of the rows.
        across: Axis of the columns.

    Returns:
        (batch, rows after, columns after, channels).
    """
    # Two 1x1 convolutions, the axis last; the third turn brings the channels back to the end.
    for axis in (down, across):
        weights = ops.convert_to_tensor(matrix(axis)[None, None], dtype=x.dtype)
        x = ops.conv(ops.transpose(x, (0, 2, 3, 1)), weights)
    return ops.transpose(x, (0, 2, 3, 1))


@keras.saving.register_keras_serializable("mitokeras")
class Spread(Windowed):
    """Values of windows (batch, rows, columns, channels) to a map of them.

    Bilinear between the centres of the windows, first to the cells, then to pixels. Those of a
    single window stay (batch, 1, 1, channels); the layer is there all the same, as the order of a
    model's weights depends on its layers and must not depend on the size of the input.

    Args:
        shape: Height and width of the map, pixels.
        window_px: As in `Windowed`.
        cell_px: As in `Windowed`.
    """

    def __init__(self, shape: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def call(self, inputs: Tensor) -> Tensor:
        down, across = self.axes(*self.shape)
        if down.count == across.count == 1:
            return inputs
        cells = mixed(inputs, Axis.interpolation, down, across)
        return ops.image.resize(cells, self.shape, interpolation="bilinear")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        down, across = self.axes(*self.shape)
        if down.count == across.count == 1:
            return input_shape
        return (input_shape[0], *self.shape, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "shape": self.shape}


@dataclass(frozen=True)
class Window:
    """A window at one level of a network.

    Attributes:
        side_px: Its side, pixels of the level's map, a multiple of `cell_px`; None for the whole
            map.
        cell_px: Side of a cell, pixels of the level's map.
    """

    side_px: int | None = None
    cell_px: int = 1

    def spread(self, x: Tensor, like: Tensor, name: str) -> Tensor:
        """Values of windows, ready to multiply the map `like`."""
        shape = tuple(like.shape[1:3])
        return Spread(shape, window_px=self.side_px, cell_px=self.cell_px, name=name)(x)


WHOLE = Window()
"""A window of the whole map, whatever its size."""
