"""Names beside the points of a scatter, kept from covering each other."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

SIZE_PT = 8.0
NEAR_PT, STEP_PT, STEPS = 7.0, 10.0, 4
POINT_PT, MARGIN_PT = 6.0, 3.0
"""What no name may cover: this far around points, and around obstacles."""
FAR_PX = 3.0
"""Pixels that a name may rather cover than stand one pixel further off."""

_SIDES = (
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.7, 0.7),
    (0.7, -0.7),
    (-0.7, 0.7),
    (-0.7, -0.7),
    (0.0, 1.0),
    (0.0, -1.0),
)
"""Where a name may stand, right and up of its point; the best first."""


def label_points(
    axes: Axes,
    names: Sequence[str],
    points: Sequence[tuple[float, float]],
    obstacles: Sequence[tuple[float, float, float]],
    colour: str,
) -> None:
    """Write a name beside each point, where it covers least of the points and the other names.

    Points take their places in turn; a name that stands apart gets a line to its point. The
    limits and scales of the axes have to be final.

    Args:
        axes: Of a figure that draws itself with Agg.
        names: One a point.
        points: In data coordinates.
        obstacles: What else to keep free, each as its x, lowest and highest y.
        colour: Of the lines.
    """
    px_pt = axes.figure.dpi / 72
    frame = axes.get_window_extent()
    at = [(float(x), float(y)) for x, y in map(axes.transData.transform, points)]
    kept_free = [(x, y, y, POINT_PT) for x, y in points]
    kept_free += [(*obstacle, MARGIN_PT) for obstacle in obstacles]
    free: list[Bbox] = []
    written: list[Bbox] = []
    for x, low, high, margin_pt in kept_free:
        margin = margin_pt * px_pt
        (left, bottom), (right, top) = axes.transData.transform([(x, low), (x, high)])
        free.append(Bbox(((left - margin, bottom - margin), (right + margin, top + margin))))
    for name, point, pixel in zip(names, points, at, strict=True):
        size = _size(axes, name)
        tried = [
            ((distance * right, distance * up), distance)
            for distance in (NEAR_PT + STEP_PT * step for step in range(STEPS))
            for right, up in _SIDES
        ]
        boxes = [_box(pixel, offset, size, px_pt) for offset, _ in tried]
        costs = [
            _covered(box, free, written, frame) + FAR_PX * distance * px_pt
            for box, (_, distance) in zip(boxes, tried, strict=True)
        ]
        best = costs.index(min(costs))
        written.append(boxes[best])
        offset, distance = tried[best]
        axes.annotate(
            name,
            point,
            xytext=offset,
            textcoords="offset points",
            ha=("center", "left", "right")[_sign(offset[0])],
            va=("center", "bottom", "top")[_sign(offset[1])],
            fontsize=SIZE_PT,
            arrowprops=(
                {"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkB": 3}
                if distance > NEAR_PT
                else None
            ),
            zorder=6,
        )


def _size(axes: Axes, name: str) -> tuple[float, float]:
    """Width and height in pixels that a name takes up."""
    canvas = axes.figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        raise TypeError(f"the figure must draw itself with Agg. Received: {type(canvas).__name__}")
    text = axes.text(0.5, 0.5, name, fontsize=SIZE_PT, transform=axes.transAxes)
    extent = text.get_window_extent(canvas.get_renderer())
    text.remove()
    return extent.width, extent.height


def _box(
    pixel: tuple[float, float],
    offset_pt: tuple[float, float],
    size: tuple[float, float],
    px_pt: float,
) -> Bbox:
    """Pixels that a name of that size covers at that offset from its point."""
    left, bottom = (
        at + offset * px_pt - (length / 2, 0.0, length)[_sign(offset)]
        for at, offset, length in zip(pixel, offset_pt, size, strict=True)
    )
    return Bbox.from_bounds(left, bottom, *size)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _covered(box: Bbox, free: Sequence[Bbox], written: Sequence[Bbox], frame: Bbox) -> float:
    """Pixels of the box that should be kept free; on names and outside the frame count tenfold."""
    outside = _area(box) - _shared(box, [frame])
    return _shared(box, free) + 10 * (_shared(box, written) + outside)


def _shared(box: Bbox, others: Sequence[Bbox]) -> float:
    common = (Bbox.intersection(box, other) for other in others)
    return sum(_area(part) for part in common if part)


def _area(box: Bbox) -> float:
    return float(box.width * box.height)
