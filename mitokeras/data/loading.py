"""Decoding a field: its RGB image, its mask and the centres of its objects.

How labels become a mask:

- a mask file: what `mitokeras.data.masks` says;
- a list of pixels: those pixels;
- a box or a point: a disc of `POINT_RADIUS_UM`, so that a large figure has no more pixels to learn
  from than a small one, and one data set's figures no more than another's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from mitokeras.counting.atypical import SUBTYPES
from mitokeras.data.fields import ASSUMED_SPACING_UM_PX, Field, LoadedField, Mark
from mitokeras.data.marked_lookalikes import count_marked
from mitokeras.data.masks import Marked, marked
from mitokeras.data.on_image import check_area, check_places
from mitokeras.data.resize import TOLERANCE
from mitokeras.errors import DataError
from mitokeras.slides import Slide
from mitokeras.slides.opening import open_slide, read_samples
from mitokeras.slides.resolution import OVERRIDE, Spacing
from mitokeras.slides.samples import check_fits, check_is_whole

POINT_RADIUS_UM = 3.5
"""Radius of the disc that stands for a mitosis known by its centre only. Of the radii 2.5, 3.0, ...
5.0 um it has the highest median Dice, 0.76, with the 226 mitoses that ICPR 2012 outlines, about
their centres; their median area is 31 um2, the disc's 38 um2."""

SUBTYPE = np.dtype(f"U{max(map(len, SUBTYPES))}")


def load_field(field: Field) -> LoadedField:
    """Decode a field and check that its labels fit its image.

    Two mitoses whose pseudo-masks touch stay two entries of `figures`. In a mask file, each
    8-connected component is one mitosis.

    Raises:
        DataError: If a file cannot be decoded, the image is not 8-bit colour or states another
            spacing than the one that is assumed, the mask is of another size, the labels are of an
            image of another one, a label lies outside, or a look-alike is a figure of the mask.
    """
    with closing(open_slide(field.image, field.spacing_um_px)) as slide:
        if field.spacing_is_assumed:
            _check_assumed(field, slide.stated)
        _check_size(field, slide)
        image = _pixels(field, slide)
    shape = image.shape[0], image.shape[1]
    if field.labelled is not None and field.complete:
        check_area(field.image, field.labelled, shape[1], shape[0])
    lookalikes = _centres(field.lookalikes, field.image, shape)
    nuclei = _centres(field.nuclei, field.image, shape)
    if field.mask is not None:
        mask, has_soft_mask = _marked(field.mask, shape)
        _, _, _, centroids = cv2.connectedComponentsWithStats(mask, connectivity=8)
        figures = centroids[1:].astype(np.float64)  # the first is the background
        subtypes = np.full(len(figures), "", SUBTYPE)
        marked_lookalikes = count_marked(field, lookalikes, figures, mask)
    else:
        has_soft_mask, marked_lookalikes = False, 0
        figures = _centres(field.figures, field.image, shape)
        subtypes = np.array([mark.subtype for mark in field.figures], SUBTYPE)
        mask = np.zeros(shape, np.uint8)
        for mark in field.figures:
            _draw(mask, mark, field)
    return LoadedField(
        image=image,
        mask=mask,
        figures=figures,
        lookalikes=lookalikes,
        nuclei=nuclei,
        subtypes=subtypes,
        unsure=np.array([(mark.x, mark.y) for mark in field.unsure], np.float64).reshape(-1, 2),
        has_soft_mask=has_soft_mask,
        marked_lookalikes=marked_lookalikes,
    )


def field_image(field: Field) -> np.ndarray:
    """The pixels of a field, as `decode_image` gives those of a file.

    Raises:
        DataError: As `decode_image`, or the field is no part of its image.
    """
    with closing(open_slide(field.image, field.spacing_um_px)) as slide:
        return _pixels(field, slide)


def decode_image(path: Path) -> np.ndarray:
    """Decode an image as `predict` does, to RGB, uint8, shape (height, width, 3).

    Pixels are as stored (orientation in metadata turns nothing); what is see-through lies on white.

    Raises:
        DataError: If the file is missing, damaged, of a format, compression or colours that are
            not read, too large, grey, or not of 8 bits a channel.
    """
    # Not the metadata but the data set says how large a pixel is.
    with closing(open_slide(path, ASSUMED_SPACING_UM_PX)) as slide:
        return _whole(path, slide)


def decode_mask(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Decode a mask to 0 and 1, uint8, of the shape (height, width) that its image has.

    Raises:
        DataError: If the file cannot be decoded, has another size, or can only be a mistake.
    """
    return _marked(path, shape).pixels


def _pixels(field: Field, slide: Slide) -> np.ndarray:
    if field.window is None:
        return _whole(field.image, slide)
    x, y, width, height = field.window
    if not (0 <= x <= slide.width - width and 0 <= y <= slide.height - height):
        raise DataError(
            f"{field.name}: a part must lie within its image, {slide.width} x {slide.height} px"
        )
    check_fits(field.image, width, height)
    return slide.read(x, y, width, height)  # what was never scanned is white, as in predict


def _whole(path: Path, slide: Slide) -> np.ndarray:
    check_fits(path, slide.width, slide.height)
    check_is_whole(path, slide.absent_tiles.count)
    return slide.read(0, 0, slide.width, slide.height)


def _check_assumed(field: Field, stated: Spacing | None) -> None:
    """Refuse an image whose metadata say, as `predict` believes, that the assumption is wrong."""
    if stated is None:
        return
    sides = stated.x_um, stated.y_um
    if any(abs(side / field.spacing_um_px - 1) > TOLERANCE for side in sides):
        um_px = sum(sides) / 2
        raise DataError(
            f"{field.image}: its pixels must be of {field.spacing_um_px:g} um, which is assumed "
            f"where a data set states no spacing. Received: {um_px:.4g} um ({stated.source}). "
            f'Write {{"spacing_um_px": {um_px:.4g}}} into dataset.json or give {OVERRIDE}'
        )


def _marked(path: Path, shape: tuple[int, int]) -> Marked:
    mask = read_samples(path)
    height, width = mask.values.shape[:2]
    if (height, width) != shape:
        raise DataError(
            f"{path}: a mask must have the size of its image, {shape[1]} x {shape[0]} px. "
            f"Received: {width} x {height} px"
        )
    return marked(path, mask)


def _check_size(field: Field, slide: Slide) -> None:
    stated = field.stated_size_px
    if stated and stated != (slide.width, slide.height):
        raise DataError(
            f"{field.image}: its labels are of an image of {stated[0]:g} x {stated[1]:g} px. "
            f"Received: {slide.width} x {slide.height} px"
        )


def _centres(marks: Sequence[Mark], path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Centres (x, y), float64, shape (n, 2), all within the image's pixels."""
    centres = np.array([(mark.x, mark.y) for mark in marks], np.float64).reshape(-1, 2)
    check_places(path, centres, shape[1], shape[0])
    return centres


def _draw(mask: np.ndarray, mark: Mark, field: Field) -> None:
    height, width = mask.shape
    if mark.pixels is not None:
        x, y = mark.pixels.T
        if min(x.min(), y.min()) < 0 or x.max() >= width or y.max() >= height:
            raise DataError(
                f"{field.image}: labels must lie within its {width} x {height} px. Received: "
                f"pixels from ({x.min()}, {y.min()}) to ({x.max()}, {y.max()})"
            )
        mask[y, x] = 1
        return
    radius = POINT_RADIUS_UM / field.spacing_um_px
    left, right = math.ceil(mark.x - radius), math.floor(mark.x + radius)
    top, bottom = math.ceil(mark.y - radius), math.floor(mark.y + radius)
    rows = np.arange(max(top, 0), min(bottom, height - 1) + 1)
    columns = np.arange(max(left, 0), min(right, width - 1) + 1)
    inside = (columns - mark.x) ** 2 + (rows[:, None] - mark.y) ** 2 <= radius**2
    mask[rows[:, None], columns] |= inside
    # However coarse the pixels, that of its centre is in the mask.
    mask[min(round(mark.y), height - 1), min(round(mark.x), width - 1)] = 1
