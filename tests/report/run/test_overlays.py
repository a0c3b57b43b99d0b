from pathlib import Path

import cv2
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

from mitokeras.report.colours import GREEN, INK, VERMILION, YELLOW, rgb
from mitokeras.report.run import overlays
from mitokeras.report.run.overlays import MarkedPoint, overlay_figure
from mitokeras.report.run.style import save_png

POINTS = [
    MarkedPoint(100, 100, "true_positive", 0.91, 0.88),
    MarkedPoint(300, 100, "false_positive", 0.62, 0.55),
    MarkedPoint(100, 300, "missed"),
    MarkedPoint(200, 200, "missed", 0.7, 0.125),
    MarkedPoint(300, 300, "rejected", 0.51, 0.11),
]
RADIUS_PX = 40.0


def field() -> np.ndarray:
    return np.full((400, 500, 3), (180, 120, 170), dtype=np.uint8)


def figure_of(points: list[MarkedPoint]) -> Figure:
    return overlay_figure(field(), points, title="Field 1", spacing_um_px=0.25, radius_px=RADIUS_PX)


def colour_at(figure: Figure, x: float, y: float) -> np.ndarray:
    """RGB, 0 to 1, of the drawn figure at a place of the field."""
    figure.canvas.draw()
    drawn = np.asarray(figure.canvas.buffer_rgba())
    column, row = figure.axes[0].transData.transform((x, y))
    return drawn[drawn.shape[0] - 1 - round(row), round(column), :3] / 255


@pytest.mark.parametrize(
    "point, colour", [(POINTS[0], GREEN), (POINTS[1], VERMILION), (POINTS[2], YELLOW)]
)
def test_circles_have_the_colour_of_their_kind(point: MarkedPoint, colour: str) -> None:
    figure = figure_of(POINTS)
    for dx, dy in [(-RADIUS_PX, 0), (0, RADIUS_PX)]:
        drawn = colour_at(figure, point.x + dx, point.y + dy)
        np.testing.assert_allclose(drawn, to_rgb(colour), atol=0.02)
    tissue = np.array([180, 120, 170]) / 255
    np.testing.assert_allclose(colour_at(figure, point.x, point.y), tissue, atol=0.01)


def test_rejected_candidates_are_grey_and_dashed() -> None:
    figure = figure_of([POINTS[4]])
    (circle,) = [patch for patch in figure.axes[0].patches if hasattr(patch, "radius")]
    assert circle.get_linestyle() == "--"
    red, green, blue, _ = circle.get_edgecolor()
    assert max(red, green, blue) - min(red, green, blue) < 0.05


def test_legend_counts_each_kind() -> None:
    (legend,) = figure_of(POINTS).legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "true positive: 1",
        "false positive: 1",
        "missed: 2",
        "rejected by stage 2: 1",
    ]


def test_crops_are_numbered_as_the_circles_with_errors_first() -> None:
    figure = figure_of(POINTS)
    main, *crops = figure.axes
    assert [axes.get_xlabel() for axes in crops] == [
        "1  missed\nnot a candidate",
        "2  missed\n0.70   0.12",
        "3  false positive\n0.62   0.55",
        "4  true positive\n0.91   0.88",
    ]
    labels = {text.get_text(): text.get_position() for text in main.texts}
    for number, point in zip("1234", [*POINTS[2:4], POINTS[1], POINTS[0]], strict=True):
        x, y = labels[number]
        assert np.hypot(x - point.x, y - point.y) < 1.5 * RADIUS_PX


def test_scale_bar_has_the_length_it_says() -> None:
    figure = figure_of([])
    (bar,) = figure.axes[0].findobj(AnchoredSizeBar)
    assert bar.txt_label.get_text() == "10 µm"
    figure.canvas.draw()
    frame = figure.axes[0].get_window_extent()
    drawn = np.asarray(figure.canvas.buffer_rgba())[::-1][int(frame.y0) : int(frame.y1), :, :3]
    longest = (drawn == rgb(INK)).all(axis=2).sum(axis=1).max()
    assert longest == pytest.approx(10 / 0.25 * frame.width / 500, abs=2)


def test_more_crops_than_fit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlays, "MAX_CROPS", 3)
    figure = figure_of(POINTS)
    assert len(figure.axes) == 1 + 3
    assert any("1 more are only in the field" in text.get_text() for text in figure.texts)


def test_file_of_a_field_without_points(tmp_path: Path) -> None:
    title = "<field> $x$ 病例 " + "long " * 40
    figure = overlay_figure(field(), [], title=title, spacing_um_px=0.25, radius_px=20.0)
    save_png(figure, tmp_path / "empty.png")
    assert cv2.imread(str(tmp_path / "empty.png")).shape[1] == 2000
    assert [path.name for path in tmp_path.iterdir()] == ["empty.png"]
    texts = [text.get_text() for text in figure.texts]
    assert "No figure was detected or missed in this field." in texts
    assert texts[0].startswith("<field> $x$") and texts[0].endswith("…")


def test_a_crop_over_the_corner_is_white_outside() -> None:
    (crop,) = overlays._crops(field(), [MarkedPoint(0.2, 0.4, "missed")], 4)
    assert (crop[:4] == 255).all()
    assert (crop[:, :4] == 255).all()
    np.testing.assert_array_equal(crop[4:, 4:], field()[:4, :4])
