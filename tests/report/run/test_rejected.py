from pathlib import Path

import cv2
import numpy as np
import pytest
from matplotlib.colors import to_hex

from mitokeras.report.colours import VERMILION
from mitokeras.report.run.rejected import MAX_CANDIDATES, RejectedCandidate, rejected_figure
from mitokeras.report.run.style import save_png


def candidate(score: float, lost: bool = False) -> RejectedCandidate:
    return RejectedCandidate(np.full((64, 64, 3), 170, dtype=np.uint8), 0.8, score, lost)


def test_highest_score_first_and_lost_mitoses_framed() -> None:
    figure = rejected_figure(
        [candidate(0.1), candidate(0.2, lost=True), candidate(0.45)], "Sheet", 0.25
    )
    captions = [axes.get_xlabel() for axes in figure.axes]
    assert captions == ["0.80   0.45", "0.80   0.20\nlost mitosis", "0.80   0.10"]
    framed = [to_hex(axes.spines["left"].get_edgecolor()) for axes in figure.axes]
    assert [colour == VERMILION.lower() for colour in framed] == [False, True, False]
    # 64 px of 0.25 um are 16 um; the bar is the longest round length within 45 % of them.
    assert figure.texts[1].get_text().endswith("a lost mitosis (1); bar 5 µm")
    (bar,) = figure.axes[0].lines
    start, end = bar.get_xdata()
    assert end - start == pytest.approx(5 / 16)


def test_a_full_sheet_keeps_the_lost_mitoses() -> None:
    ordinary = [candidate(0.2 + 0.001 * index) for index in range(100)]
    figure = rejected_figure([*ordinary, candidate(0.01, lost=True)], "Sheet", 0.25)
    assert len(figure.axes) == MAX_CANDIDATES == 60
    assert figure.axes[-1].get_xlabel() == "0.80   0.01\nlost mitosis"
    assert figure.texts[1].get_text().startswith("60 of 101 rejected candidates")


def test_an_empty_sheet_says_none() -> None:
    texts = [text.get_text() for text in rejected_figure([], "Sheet", 0.25).texts]
    assert texts == ["Sheet", "None: stage 2 rejected no candidate."]


def test_the_file_shows_the_crop(tmp_path: Path) -> None:
    red = np.zeros((64, 64, 3), dtype=np.uint8)
    red[..., 0] = 255
    path = tmp_path / "sheet.png"
    save_png(rejected_figure([RejectedCandidate(red, 0.5, 0.1, False)], "Sheet", 0.25), path)
    drawn = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    assert drawn.shape[1] == 2000
    assert (drawn == (255, 0, 0)).all(axis=2).sum() > 160 * 160
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.png"]
