"""Which fields show the same tissue, found by their pixels.

Candidates come from keypoints (`mitokeras.data.shifts`), and what two fields then share is compared
pixel by pixel. A field that was compressed again, made a little brighter or scanned at another
spacing is found; one that was turned or mirrored is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mitokeras.data.fields import Field
from mitokeras.data.shifts import SPACING_UM_PX, Look, candidate_shifts
from mitokeras.data.views import View, views_of

MIN_NCC = 0.6
"""Normalised cross-correlation of fine structure from which two fields show the same tissue."""

MIN_SIDE_UM = 4.0
MIN_AREA_UM2 = 125.0
"""Smaller overlaps are not looked for: 2000 px at 40x, an eighth of a patch of 128 px."""

MIN_CONTRAST = 1.5
"""Standard deviation of the fine structure, grey levels: glass has less."""
FIRST_NCC = 0.25
"""Below it a shift is not looked at more closely: it is some pixels off at most."""
MIDDLE_PX = 256


@dataclass(frozen=True)
class Overlap:
    """Two fields that show the same tissue.

    Attributes:
        first: Index of the earlier field.
        second: Index of the later field.
        dx_um: Where the second's top left corner lies in the first, to the right, micrometres.
        dy_um: The same, down.
        width_um: Width of what both show.
        height_um: Height of what both show.
        share: Area of what both show, of the smaller one, 0 to 1.
        ncc: Normalised cross-correlation of what both show.
    """

    first: int
    second: int
    dx_um: float
    dy_um: float
    width_um: float
    height_um: float
    share: float
    ncc: float


def overlaps_of(fields: Sequence[Field]) -> list[Overlap]:
    """The overlaps of fields on disk; see `find_overlaps`.

    Raises:
        DataError: An image cannot be decoded.
    """
    return overlaps_among(views_of(fields))


def find_overlaps(images: Iterable[tuple[np.ndarray, float]]) -> list[Overlap]:
    """Find the pairs of images that show the same tissue; see `overlaps_among`.

    Args:
        images: RGB, uint8, and the size of a pixel in micrometres. Only their greys are kept.
    """
    return overlaps_among([View.at(image, spacing_um_px) for image, spacing_um_px in images])


def overlaps_among(views: Sequence[View]) -> list[Overlap]:
    """Find the pairs of fields that show the same tissue.

    Returns:
        By first, then second; a pair once, at its best shift.
    """
    if len(views) < 2:
        return []
    looks = [view.look for view in views]
    found: dict[tuple[int, int], Overlap] = {}
    candidates = candidate_shifts(
        np.concatenate([view.keypoints.xy for view in views]),
        np.concatenate([view.keypoints.bits for view in views]),
        np.repeat(np.arange(len(views)), [len(view.keypoints.xy) for view in views]),
    )
    for first, second, dx, dy in candidates:
        overlap = _verified(looks, first, second, dx, dy)
        best = found.get((first, second))
        if overlap and (best is None or overlap.ncc > best.ncc):
            found[first, second] = overlap
    return [found[pair] for pair in sorted(found)]


def _verified(looks: Sequence[Look], first: int, second: int, dx: int, dy: int) -> Overlap | None:
    """The overlap near a shift, in pixels of `SPACING_UM_PX`, if the pixels agree."""
    one, two = looks[first], looks[second]
    ncc, dx, dy = _climb(one, two, dx, dy)
    if ncc < MIN_NCC:
        return None
    ncc = _ncc(one, two, dx, dy, None)
    if ncc < MIN_NCC:
        return None
    rows, columns = _shared(one.grey.shape, two.grey.shape, dx, dy)
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    return Overlap(
        first,
        second,
        dx * SPACING_UM_PX,
        dy * SPACING_UM_PX,
        width_um=(columns.stop - columns.start) * SPACING_UM_PX,
        height_um=(rows.stop - rows.start) * SPACING_UM_PX,
        share=area / min(one.grey.size, two.grey.size),
        ncc=ncc,
    )


def _climb(one: Look, two: Look, dx: int, dy: int) -> tuple[float, int, int]:
    """The best shift about one, by the middle of what both show."""
    best = (_ncc(one, two, dx, dy, MIDDLE_PX), dx, dy)
    if best[0] < FIRST_NCC:
        return best
    for step in (2, 1, 1):
        _, dx, dy = best
        around = [(dx + x, dy + y) for y in (-step, 0, step) for x in (-step, 0, step)]
        best = max((_ncc(one, two, x, y, MIDDLE_PX), x, y) for x, y in around)
    return best


def _shared(one: tuple[int, ...], two: tuple[int, ...], dx: int, dy: int) -> tuple[slice, slice]:
    """Rows and columns of the first that the second shows as well; empty where none."""
    top, left = max(0, dy), max(0, dx)
    bottom, right = min(one[0], two[0] + dy), min(one[1], two[1] + dx)
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def _ncc(one: Look, two: Look, dx: int, dy: int, limit_px: int | None) -> float:
    """Correlation of the fine structure of what both show, or of its middle; -1 if too little."""
    rows, columns = _shared(one.grey.shape, two.grey.shape, dx, dy)
    sides = rows.stop - rows.start, columns.stop - columns.start
    if min(sides) < MIN_SIDE_UM / SPACING_UM_PX:
        return -1.0
    if limit_px:
        rows, columns = _middle(rows, limit_px), _middle(columns, limit_px)
    other = slice(rows.start - dy, rows.stop - dy), slice(columns.start - dx, columns.stop - dx)
    a, b = one.fine(rows, columns), two.fine(*other)
    valid = np.ones(a.shape, bool)
    for look, own in ((one, (rows, columns)), (two, other)):
        if look.valid is not None:
            valid &= look.valid[own]
    if not valid.all():
        a, b = a[valid], b[valid]
    if a.size < MIN_AREA_UM2 / SPACING_UM_PX**2:
        return -1.0
    a, b = a - a.mean(), b - b.mean()
    deviations = float(np.sqrt((a * a).mean())), float(np.sqrt((b * b).mean()))
    if min(deviations) < MIN_CONTRAST:
        return -1.0
    return float((a * b).mean()) / (deviations[0] * deviations[1])


def _middle(side: slice, limit_px: int) -> slice:
    spare = max(0, side.stop - side.start - limit_px) // 2
    return slice(side.start + spare, side.stop - spare)
