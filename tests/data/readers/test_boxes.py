from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitokeras.data.readers.boxes import Boxes, are_constant, centres_and_sizes
from mitokeras.errors import DataError

FILE = Path("set/a.json")


def boxes(
    values: list[list[float]],
    image_px: float = 128,
    areas: list[float] | None = None,
    **keys: bool,
) -> Boxes:
    return Boxes(
        np.array(values, np.float64),
        np.full((len(values), 2), image_px),
        np.full(len(values), np.nan) if areas is None else np.array(areas, np.float64),
        keys.get("are_coco", False),
        keys.get("are_midog", False),
    )


AMBIGUOUS: list[list[float]] = [[32, 40, 64, 48]]


@pytest.mark.parametrize(
    ("found", "convention"),
    [
        (boxes(AMBIGUOUS, areas=[64 * 48]), "xywh"),
        (boxes(AMBIGUOUS, areas=[32 * 8]), "xyxy"),
        (boxes(AMBIGUOUS, areas=[64 * 48], are_midog=True), "xywh"),
        (boxes(AMBIGUOUS, are_coco=True), "xywh"),
        (boxes(AMBIGUOUS, areas=[1000], are_coco=True), "xywh"),  # the area of an outline
        (boxes(AMBIGUOUS, are_midog=True), "xyxy"),
        # as widths these reach beyond the image, or to its corner
        (boxes([[10, 10, 60, 60], [70, 30, 120, 80]]), "xyxy"),
        (boxes([[39, 39, 89, 89]]), "xyxy"),
        (boxes([[39, 39, 89, 89]], are_coco=True), "xywh"),
        # as corners these have no area
        (boxes([[60, 60, 20, 20], [30, 40, 50, 50]]), "xywh"),
        # the sizes are constant in one of the two
        (boxes([[10, 20, 50, 50], [20, 10, 50, 50]], np.nan), "xywh"),
        (boxes([[10, 20, 60, 70], [20, 10, 70, 60]], np.nan), "xyxy"),
        # both are the same
        (boxes([[0, 0, 9, 9]]), "xyxy"),
    ],
)
def test_the_file_shows_the_convention(found: Boxes, convention: str) -> None:
    assert centres_and_sizes(found, FILE)[2] == convention


@pytest.mark.parametrize(
    "found",
    [
        boxes(AMBIGUOUS),
        boxes(AMBIGUOUS, np.nan),
        boxes(AMBIGUOUS * 2, areas=[64 * 48, 32 * 8]),
        boxes(AMBIGUOUS, are_coco=True, are_midog=True),
        boxes([[20, 30, 112, 98]], are_coco=True),  # 4 px beyond the border, if it is COCO's
        boxes([[120, 120, 50, 50]]),  # no corners, and its centre lies beyond the image
    ],
)
def test_what_may_be_both_is_refused(found: Boxes) -> None:
    with pytest.raises(DataError, match=r"a\.json: bbox must be .*, and show which.*dataset\.json"):
        centres_and_sizes(found, FILE)


@pytest.mark.parametrize(
    ("stated", "centre", "size"),
    [
        # columns 32 to 95 and rows 40 to 87, whose middle lies between two pixels
        ("xywh", (63.5, 63.5), (64, 48)),
        ("xyxy", (48, 44), (32, 8)),
    ],
)
def test_what_is_stated_is_believed(
    stated: str, centre: tuple[float, float], size: tuple[float, float]
) -> None:
    centres, sizes, convention = centres_and_sizes(boxes(AMBIGUOUS), FILE, stated)
    assert (centres.tolist(), sizes.tolist()) == ([[*centre]], [[*size]])
    assert convention == stated


@pytest.mark.parametrize("stated", ["xyhw", 4, ["xywh"]])
def test_another_convention_is_refused(stated: Any) -> None:
    with pytest.raises(DataError, match=r"dataset\.json: bbox must be xywh or xyxy"):
        centres_and_sizes(boxes(AMBIGUOUS), FILE, stated)


def test_a_box_without_area_is_refused() -> None:
    with pytest.raises(DataError, match=r"bbox must be \[x1, y1, x2, y2\].*\[9.0, 9.0, 5.0, 5.0\]"):
        centres_and_sizes(boxes([[1, 1, 3, 3], [9, 9, 5, 5]], are_midog=True), FILE)


def test_sizes_are_constant_within_a_pixel() -> None:
    assert are_constant(np.array([[50, 50], [51, 49.5]]))
    assert not are_constant(np.array([[50, 50], [52, 50]]))
