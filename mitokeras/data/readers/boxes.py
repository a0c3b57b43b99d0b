"""Which corners the `bbox` of a COCO-like file gives.

COCO (https://cocodataset.org/#format-data) has [x, y, width, height] with the upper left corner of
the image at (0, 0). MIDOG has [x1, y1, x2, y2], whose middle is a pixel's centre. Nothing in a
file says which it is, but `area`, the sizes and the borders tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from mitokeras.errors import DataError

Convention = Literal["xywh", "xyxy"]

CONSTANT_PX = 1.0
"""Boxes whose sides differ by no more are of one size, drawn about a point."""

SLACK_PX = 1.0
"""A box may end so far beyond the image by rounding."""

AREA_SLACK = 0.02
"""Of the area, for boxes that were rounded after it was taken."""

MEANING: dict[Convention, str] = {"xywh": "[x, y, width, height]", "xyxy": "[x1, y1, x2, y2]"}


@dataclass(frozen=True)
class Boxes:
    """The boxes of a file.

    Attributes:
        values: As they stand there, shape (n, 4).
        image_sizes: Width and height of the image of each in pixels, NaN where it is not stated,
            shape (n, 2).
        areas: What is stated of each, pixels, NaN where nothing is, shape (n,).
        are_coco: Whether an annotation has `area`, `iscrowd` or `segmentation`, as COCO asks for.
        are_midog: Whether the file names itself a part of MIDOG.
    """

    values: np.ndarray
    image_sizes: np.ndarray
    areas: np.ndarray
    are_coco: bool
    are_midog: bool


def centres_and_sizes(
    boxes: Boxes, path: Path, stated: object = None
) -> tuple[np.ndarray, np.ndarray, Convention]:
    """Centres in pixels whose own centres are whole numbers, and sizes, both of shape (n, 2).

    Args:
        boxes: Of the file.
        path: Of the file, for the error.
        stated: The convention that the data set states, if it does.

    Raises:
        DataError: A box has no area, or both conventions fit and the centres would differ.
    """
    convention = _stated(stated, path) or _told(boxes)
    if convention is None:
        raise DataError(
            f"{path}: bbox must be {MEANING['xywh']} or {MEANING['xyxy']}, and show which: give "
            'each annotation its area, or write {"bbox": "xywh"} or {"bbox": "xyxy"} into '
            f"dataset.json. Received, first: {boxes.values[0].tolist()}"
        )
    sizes = _sizes(boxes, convention)
    if not (sizes > 0).all():
        wrong = boxes.values[~(sizes > 0).all(axis=1)][0].tolist()
        raise DataError(
            f"{path}: bbox must be {MEANING[convention]}, with an area. Received: {wrong}"
        )
    return _centres(boxes, convention), sizes, convention


def are_constant(sizes: np.ndarray) -> bool:
    """Whether all sizes, shape (n, 2), are one."""
    return not len(sizes) or bool((np.ptp(sizes, axis=0) <= CONSTANT_PX).all())


def _stated(stated: object, path: Path) -> Convention | None:
    if stated is None:
        return None
    for convention in get_args(Convention):
        if stated == convention:
            return convention
    raise DataError(
        f"{path.parent / 'dataset.json'}: bbox must be xywh or xyxy. Received: {stated!r}"
    )


def _told(boxes: Boxes) -> Convention | None:
    """The convention that the file shows: by areas, name, borders, keys, sizes, in this order."""
    by_area = _only(_fits_areas(boxes, "xywh"), _fits_areas(boxes, "xyxy"))
    if by_area:
        return by_area
    if boxes.are_midog and not boxes.are_coco:
        return "xyxy"
    if not (_sizes(boxes, "xyxy") > 0).all():
        return "xywh" if _are_inside(boxes) else None
    beyond = boxes.values[:, :2] + boxes.values[:, 2:] - boxes.image_sizes
    is_coco = boxes.are_coco and not boxes.are_midog
    if (beyond > SLACK_PX).any():
        return None if is_coco else "xyxy"
    if is_coco:
        return "xywh"
    if (np.abs(beyond) < SLACK_PX).all():  # of patches with their figures in the middle
        return "xyxy"
    first, second = _centres(boxes, "xywh"), _centres(boxes, "xyxy")
    if np.abs(first - second).max() <= SLACK_PX:
        return "xyxy"
    return _only(are_constant(_sizes(boxes, "xywh")), are_constant(_sizes(boxes, "xyxy")))


def _only(xywh: bool, xyxy: bool) -> Convention | None:
    """The one that holds, where the other does not."""
    if xywh == xyxy:
        return None
    return "xywh" if xywh else "xyxy"


def _fits_areas(boxes: Boxes, convention: Convention) -> bool:
    known = ~np.isnan(boxes.areas)
    sizes = _sizes(boxes, convention)[known]
    areas = boxes.areas[known]
    return bool(
        len(sizes)
        and (sizes > 0).all()
        and np.allclose(sizes.prod(axis=1), areas, rtol=AREA_SLACK, atol=1.0)
    )


def _are_inside(boxes: Boxes) -> bool:
    """Whether the centres lie in the images, as [x, y, width, height]."""
    centres = _centres(boxes, "xywh")
    return not ((centres < -SLACK_PX) | (centres > boxes.image_sizes)).any()


def _sizes(boxes: Boxes, convention: Convention) -> np.ndarray:
    if convention == "xywh":
        return boxes.values[:, 2:]
    return boxes.values[:, 2:] - boxes.values[:, :2]


def _centres(boxes: Boxes, convention: Convention) -> np.ndarray:
    if convention == "xywh":
        return boxes.values[:, :2] + boxes.values[:, 2:] / 2 - 0.5
    return (boxes.values[:, :2] + boxes.values[:, 2:]) / 2
