"""Names in a scatter do not cover points or each other while there is room."""

from itertools import combinations

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from mitokeras.report.run.style import axes_at, new_figure
from mitokeras.reproduce.labels import label_points


def scatter():
    figure = new_figure(4.0, 4.0)
    axes = axes_at(figure, 0.5, 0.5, 3.0, 3.0)
    axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
    return axes


def extents(axes):
    """Pixels that each name covers, without the line to its point."""
    renderer = axes.figure.canvas.get_renderer()
    for annotation in axes.texts:
        annotation.update_positions(renderer)
    return [Text.get_window_extent(annotation, renderer) for annotation in axes.texts]


def test_one_name_stands_right_of_its_point():
    axes = scatter()
    label_points(axes, ["U-Net"], [(0.5, 0.5)], [], "black")
    (box,) = extents(axes)
    x, y = axes.transData.transform((0.5, 0.5))
    assert box.x0 > x
    assert box.y0 < y < box.y1


def test_a_name_at_the_right_border_stands_left():
    axes = scatter()
    label_points(axes, ["U-Net"], [(0.98, 0.5)], [], "black")
    assert extents(axes)[0].x1 < axes.transData.transform((0.98, 0.5))[0]


def test_crowded_names_keep_apart():
    axes = scatter()
    points = [(0.5, 0.5), (0.52, 0.5), (0.5, 0.53), (0.53, 0.52)]
    obstacles = [(0.7, 0.4, 0.6)]
    label_points(axes, ["ResNet18", "ResNet34", "ResNet50", "DenseNet201"], points, obstacles, "k")
    boxes = extents(axes)
    for one, other in combinations(boxes, 2):
        assert Bbox.intersection(one, other) is None
    for point in [*points, (0.7, 0.4), (0.7, 0.5), (0.7, 0.6)]:
        x, y = axes.transData.transform(point)
        assert not any(box.contains(x, y) for box in boxes)


def test_a_figure_without_agg_is_refused():
    axes = Figure().subplots()
    with pytest.raises(TypeError, match="draw itself with Agg"):
        label_points(axes, ["a"], [(0.5, 0.5)], [], "black")
