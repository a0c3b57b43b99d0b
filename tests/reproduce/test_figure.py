"""The figure is drawn for any result, and the same result gives the same files."""

import xml.etree.ElementTree as ElementTree
from itertools import combinations

import cv2
import numpy as np
import pytest

from mitokeras.report.colours import VERMILION, rgb
from mitokeras.reproduce.figure import _figure, draw_figure
from mitokeras.reproduce.published import TABLE_3
from mitokeras.reproduce.results import RowResult
from tests.reproduced import experiment, measured_row, seed_score

SCORE = seed_score(30, 10, 20)
FAILED = RowResult(name="R2U-Net", model="r2unet", failure="out of memory")


def pixels(tmp_path, *rows, **options):
    """The figure as an RGB image."""
    draw_figure(experiment(*rows, **options), tmp_path)
    image = cv2.imread(str(tmp_path / f"{options.get('target', 'table2')}.png"))
    assert image is not None
    return image[..., ::-1]


def of_colour(image, colour):
    return int(np.all(image == rgb(colour), axis=-1).sum())


def test_both_files_are_written_and_nothing_else(tmp_path):
    image = pixels(tmp_path, measured_row("DSC+CBAM", SCORE), FAILED)
    assert image.shape[1] == 2200
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table2.png", "table2.svg"]
    root = ElementTree.parse(tmp_path / "table2.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_same_result_gives_the_same_bytes(tmp_path):
    result = experiment(measured_row("DSC+CBAM", SCORE), measured_row("mine", SCORE))
    draw_figure(result, tmp_path)
    first = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    draw_figure(result, tmp_path)
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == first


def test_a_bar_is_as_long_as_its_rate(tmp_path):
    half = of_colour(pixels(tmp_path, measured_row("a", seed_score(10, 10, 10))), VERMILION)
    whole = of_colour(pixels(tmp_path, measured_row("a", seed_score(10, 0, 0))), VERMILION)
    # The marker of the scatter and the error bar over the bar are the same in both.
    assert whole == pytest.approx(2 * half, rel=0.05)


def test_every_row_has_its_place(tmp_path):
    rows = [row.as_row() for row in TABLE_3]
    tall = pixels(tmp_path, *rows, measured_row("mine", SCORE), target="table3")
    low = pixels(tmp_path, measured_row("mine", SCORE), target="table3")
    assert tall.shape[0] > 1.5 * low.shape[0]


def test_names_in_the_scatter_keep_clear_of_each_other_and_of_the_points():
    crowd = [("U-Net", 486, 60), ("SegNet", 464, 75), ("LinkNet34", 344, 70),
             ("DeepLabV3+", 438, 45), ("R2U-Net", 615, 55), ("SCMitosis", 67, 50)]  # fmt: skip
    rows = [measured_row(name, seed_score(2, fp, 2), parameters=1000 * k) for name, k, fp in crowd]
    _, axes = _figure(experiment(*rows, target="table4")).axes
    renderer = axes.figure.canvas.get_renderer()
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in axes.texts}
    assert list(boxes) == [name for name, _, _ in crowd]
    frame = axes.get_window_extent(renderer)
    for box in boxes.values():
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1
    assert not any(one.overlaps(other) for one, other in combinations(boxes.values(), 2))
    points = [line for line in axes.lines if line.get_marker() in ("o", "D")]
    assert len(points) == 3 * len(crowd)  # a hollow one has a rim
    for point in points:
        centre = axes.transData.transform(point.get_xydata()[0])
        assert not any(box.contains(*centre) for box in boxes.values())


@pytest.mark.parametrize(
    "rows",
    [
        (FAILED,),
        (TABLE_3[0].as_row(),),
        (measured_row("nothing found", seed_score(0, 0, 0)),),
        (
            measured_row("a perfect one", seed_score(9, 0, 0)),
            measured_row("0", seed_score(0, 4, 9)),
        ),
        (measured_row("seeds", SCORE, seed_score(40, 5, 10, 1)), measured_row("one", SCORE)),
        (measured_row("without_a_space_" * 9, SCORE), measured_row(r"a$_b\ 名", SCORE)),
        (measured_row("s", SCORE, parameters=900), measured_row("l", SCORE, parameters=9 * 10**8)),
    ],
    ids=["failed", "published", "no F1", "limits", "seeds", "names", "sizes"],
)
def test_any_row_is_drawn(tmp_path, rows):
    image = pixels(tmp_path, *rows, title="A long title, " * 12)
    assert image.std() > 5


def test_a_learning_curve_is_drawn_over_its_cases():
    rows = [
        measured_row(f"{count}", seed_score(tp, 2, 2)).changed(training_cases=count)
        for count, tp in ((2, 1), (3, 4), (6, 8))
    ]
    _, axes = _figure(experiment(*rows, target="curve")).axes
    assert axes.get_xlabel() == "Training cases"
    (line,) = [line for line in axes.lines if len(line.get_xdata()) == 3]
    np.testing.assert_allclose(line.get_xdata(), [2, 3, 6])
    np.testing.assert_allclose(line.get_ydata(), [1 / 3, 2 / 3, 0.8])  # 2 tp / (2 tp + 4)


def test_a_learning_curve_without_any_score(tmp_path):
    image = pixels(tmp_path, FAILED, target="curve")
    assert image.std() > 5
