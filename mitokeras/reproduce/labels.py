"""Names beside the points of a scatter, kept from covering each other."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

SIZE_PT = 8.0
NEAR_PT, STEP_PT, STEPS = 7.0, 10.0, 4
MARGIN_PT = 3.0
"""What no name may cover: this far around points and obstacles."""

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
    margin = MARGIN_PT * px_pt
    at = [(float(x), float(y)) for x, y in map(axes.transData.transform, points)]
    taken = []
    for x, low, high in (*((x, y, y) for x, y in points), *obstacles):
        (left, bottom), (right, top) = axes.transData.transform([(x, low), (x, high)])
        taken.append(Bbox(((left - margin, bottom - margin), (right + margin, top + margin))))
    for name, point, pixel in zip(names, points, at, strict=True):
        size = _size(axes, name)
        tried = [
            ((distance * right, distance * up), distance)
            for distance in (NEAR_PT + STEP_PT * step for step in range(STEPS))
            for right, up in _SIDES
        ]
        boxes = [_box(pixel, offset, size, px_pt) for offset, _ in tried]
        best = min(range(len(boxes)), key=lambda index: _covered(boxes[index], taken, frame))
        taken.append(boxes[best])
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


def _covered(box: Bbox, taken: Sequence[Bbox], frame: Bbox) -> float:
    """Pixels of the box that lie on others or outside the frame; outside is worse."""
    inside = Bbox.intersection(box, frame)
    outside = _area(box) - (_area(inside) if inside else 0.0)
    others = (Bbox.intersection(box, other) for other in taken)
    return 10 * outside + sum(_area(other) for other in others if other)


def _area(box: Bbox) -> float:
    return float(box.width * box.height)
