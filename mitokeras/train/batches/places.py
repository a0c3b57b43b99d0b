"""Places in fields to cut patches at, kind by kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mitokeras.data.fields import OUTSIDE
from mitokeras.data.stored_field import StoredField
from mitokeras.train.batches.nuclei import find_nuclei

PLACE = np.dtype(
    [("field", np.int64), ("x", np.float64), ("y", np.float64), ("target", np.float64)]
)
"""Index of a field, a centre in its pixels, and what is known of that centre: 1 on a mitotic
figure, 0 or a little more elsewhere."""

Places = np.ndarray
"""Records of `PLACE`, shape (n,)."""


class Kind(NamedTuple):
    """What lies at a place.

    Attributes:
        name: A kind of patch, such as "figure", as configurations name them.
        source: Data set of a mixture, or empty.
    """

    name: str
    source: str = ""


def places_at(index: int, xy: np.ndarray, target: float | np.ndarray) -> Places:
    """Places of one field.

    Args:
        index: Index of the field.
        xy: Centres (x, y), shape (n, 2).
        target: One of all places, or one each.
    """
    places = np.empty(len(xy), PLACE)
    places["field"], places["x"], places["y"] = index, xy[:, 0], xy[:, 1]
    places["target"] = target
    return places


def joined(parts: Sequence[Places]) -> Places:
    return np.concatenate([np.empty(0, PLACE), *parts])


def figure_places(fields: Sequence[StoredField]) -> Places:
    """Centres of the mitotic figures."""
    return joined([places_at(field.index, field.figures, 1) for field in fields])


def lookalike_places(fields: Sequence[StoredField]) -> Places:
    """Centres of the labelled look-alikes."""
    return joined([places_at(field.index, field.lookalikes, 0) for field in fields])


def sliding_places(fields: Sequence[StoredField], patch_px: int, overlap_px: int) -> Places:
    """Centres of sliding windows, the last of a row at the border."""
    parts = []
    for field in fields:
        rows = _window_centres(field.height, patch_px, overlap_px)
        columns = _window_centres(field.width, patch_px, overlap_px)
        xy = np.array([(x, y) for y in rows for x in columns], np.float64)
        parts.append(places_at(field.index, xy, 0))
    return joined(parts)


def random_places(
    fields: Sequence[StoredField], number: int, rng: np.random.Generator, clear_px: float
) -> Places:
    """Places drawn evenly over the fields' area, none nearer to a figure than `clear_px`."""
    if not fields:
        return joined([])
    area = np.array([field.height * field.width for field in fields], float)
    chosen = rng.choice(len(fields), size=number, p=area / area.sum())
    places = np.empty(number, PLACE)
    places["x"], places["y"] = rng.random((number, 2)).T
    kept = np.zeros(number, bool)
    for position, field in enumerate(fields):
        own = np.flatnonzero(chosen == position)
        share = np.column_stack([places["x"][own], places["y"][own]])
        xy = share * (field.width - 1, field.height - 1)
        places[own] = places_at(field.index, xy, 0)
        kept[own] = _is_clear(field, xy, clear_px)
    return places[kept]


def nucleus_places(fields: Sequence[StoredField], clear_px: float) -> Places:
    """Nuclei, none nearer to a figure than `clear_px`: the labelled ones, else those found."""
    parts = []
    for field in fields:
        nuclei = field.nuclei
        if not len(nuclei):
            nuclei = find_nuclei(field.image(), field.spacing_um_px)
        parts.append(places_at(field.index, nuclei[_is_clear(field, nuclei, clear_px)], 0))
    return joined(parts)


def _is_clear(field: StoredField, xy: np.ndarray, clear_px: float) -> np.ndarray:
    """Whether each point (x, y) of a field is no figure for all that is known: at least so far from
    every one, and not where nothing is known, shape (n,)."""
    distance = np.linalg.norm(xy[:, None] - field.figures[None], axis=2)
    return np.asarray((distance >= clear_px).all(axis=1) & ~field.is_unsure(xy))


def away_from_borders(places: Places, fields: Sequence[StoredField], least_px: float) -> Places:
    """Those places that are at least so far from every border of their field."""
    size = {field.index: (field.width, field.height) for field in fields}
    sides = np.array([size[index] for index in places["field"]]).reshape(-1, 2)
    xy = np.column_stack([places["x"], places["y"]])
    return places[(np.minimum(xy, sides - 1 - xy) >= least_px).all(axis=1)]


def read_region(
    field: StoredField, x: float, y: float, size_px: int, reach: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Image (size, size, 3) and mask (size, size) about a centre, mirrored outside the field.

    The mask of a field that is not completely labelled is `OUTSIDE` there: most of such a patch
    may be mirrored, and a figure's mirror image is no further figure to learn from. A centre
    outside the field is moved to its border.

    Args:
        field: A field.
        x: Centre, pixels.
        y: Centre, pixels.
        size_px: Edge of the region.
        reach: Pixels from the centre, to the left, top, right and bottom, beyond which the field
            is taken to end; None for the field's own borders.
    """
    x, y = np.clip(x, 0, field.width - 1), np.clip(y, 0, field.height - 1)
    left, top = (int(np.floor(c + 0.5)) - size_px // 2 for c in (x, y))
    first_x, first_y, last_x, last_y = 0, 0, field.width - 1, field.height - 1
    if reach is not None:
        first_x, first_y = max(first_x, int(x - reach[0])), max(first_y, int(y - reach[1]))
        last_x, last_y = min(last_x, int(x + reach[2])), min(last_y, int(y + reach[3]))
    rows = slice(max(top, first_y), min(top + size_px, last_y + 1))
    columns = slice(max(left, first_x), min(left + size_px, last_x + 1))
    image, mask = field.region(rows, columns)
    margins = (
        rows.start - top,
        top + size_px - rows.stop,
        columns.start - left,
        left + size_px - columns.stop,
    )
    if any(margins):
        image = cv2.copyMakeBorder(image, *margins, cv2.BORDER_REFLECT_101)
        border = cv2.BORDER_REFLECT_101 if field.complete else cv2.BORDER_CONSTANT
        mask = cv2.copyMakeBorder(mask, *margins, border, value=OUTSIDE)
    return image, mask


def _window_centres(length: int, patch_px: int, overlap_px: int) -> list[float]:
    step = patch_px - overlap_px
    last = max(length - patch_px, 0)
    starts = [*range(0, last, step), last]
    return [start + patch_px / 2 for start in starts]
