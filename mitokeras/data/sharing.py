"""What fields that show the same tissue have in common: their case, their labels, their score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mitokeras.data.case_splits import in_one_split
from mitokeras.data.fields import Box, Field, Mark
from mitokeras.data.known import is_inside
from mitokeras.data.overlaps import Overlap

SAME_UM = 4.0
"""Marks of two fields that are as near once they are brought together are of one object: people
click within a nucleus."""

EDGE_UM = 1.0
"""A mark nearer to the edge of what both show is not looked for in the other, which may lack it."""


class Contradiction(NamedTuple):
    """A mitotic figure of one field that another, which labels all, does not have.

    Attributes:
        marked: Index of the field with the figure.
        other: Index of the other.
        x: Centre in `marked`, pixels.
        y: Centre in `marked`, pixels.
        called: What the other says: "look-alike", or "nothing".
    """

    marked: int
    other: int
    x: float
    y: float
    called: str


def joined(fields: Sequence[Field], overlaps: Sequence[Overlap]) -> tuple[list[Field], list[str]]:
    """Fields that show the same tissue, brought together.

    They come to one case, know each other's labels, and state what is scored in another one.

    Args:
        fields: Those that the overlaps count.
        overlaps: From `overlaps_of`.

    Returns:
        The fields in their order, and notes.
    """
    if not overlaps:
        return list(fields), []
    result, notes = in_one_case(fields, overlaps)
    result, more = with_shared_labels(result, overlaps)
    result, last = scored_once(result, overlaps)
    return result, [*notes, *more, *last]


def in_one_case(
    fields: Sequence[Field], overlaps: Sequence[Overlap]
) -> tuple[list[Field], list[str]]:
    """Give all fields of a case that shows tissue of another the case that comes first.

    What comes together goes to one split, as `in_one_split` says.
    """
    by_case: dict[str, int] = {}
    cases = _Groups(len(fields))
    tissues = _Groups(len(fields))
    for index, field in enumerate(fields):
        cases.join(by_case.setdefault(field.case, index), index)
    for overlap in overlaps:
        cases.join(overlap.first, overlap.second)
        tissues.join(overlap.first, overlap.second)
    shown = {index for overlap in overlaps for index in (overlap.first, overlap.second)}
    result = []
    merged: dict[str, dict[str, None]] = {}
    for index, field in enumerate(fields):
        case = fields[cases.of(index)].case
        if case != field.case:
            merged.setdefault(case, {})[field.case] = None
        name = fields[tissues.of(index)].name
        tissue = f"{tissues.of(index)}:{name}" if index in shown else ""
        result.append(replace(field, case=case, tissue=tissue))
    notes = [
        f"{len(overlaps)} pairs of fields overlap: {len(shown)} fields show tissue of another one"
    ]
    notes += [
        f"case {case} holds {', '.join(others)} as well, as their fields show the same tissue"
        for case, others in merged.items()
    ]
    result, more = in_one_split(result, merged)
    return result, [*notes, *more]


def with_shared_labels(
    fields: Sequence[Field], overlaps: Sequence[Overlap]
) -> tuple[list[Field], list[str]]:
    """Give each field the labels that another has of the same tissue.

    Look-alikes go to all; mitotic figures only to where a field is not completely labelled, as it
    contradicts elsewhere where it lacks one. Where a field calls the object a mitotic figure, it
    gets no look-alike. Figures of masks are not shared.
    """
    result = list(fields)
    figures = lookalikes = 0
    for overlap in overlaps:
        for here, there in ((overlap.first, overlap.second), (overlap.second, overlap.first)):
            for mark in fields[here].figures:
                moved = _moved(mark, overlap, fields, here)
                own = result[there]
                if moved and not _is_labelled(moved, own) and not _near(moved, own.figures, own):
                    others = tuple(m for m in own.lookalikes if not _near(moved, (m,), own))
                    result[there] = replace(own, figures=(*own.figures, moved), lookalikes=others)
                    figures += 1
            for mark in fields[here].lookalikes:
                moved = _moved(mark, overlap, fields, here)
                own = result[there]
                known = (*own.figures, *own.lookalikes)
                if moved and own.mask is None and not _near(moved, known, own):
                    result[there] = replace(own, lookalikes=(*own.lookalikes, moved))
                    lookalikes += 1
    notes = []
    if figures or lookalikes:
        notes.append(
            f"{figures} mitotic figures and {lookalikes} look-alikes are taken over from fields "
            "that show the same tissue"
        )
    return result, notes


def scored_once(
    fields: Sequence[Field], overlaps: Sequence[Overlap]
) -> tuple[list[Field], list[str]]:
    """State in each field what is scored in another: the first, if it scores all that both show.

    What both show is taken out of a field only where the other one scores all that it would score
    there itself. Where each labels what the other does not, both are scored.
    """
    boxes: dict[int, list[Box]] = {}
    for overlap in overlaps:
        for there, here in ((overlap.first, overlap.second), (overlap.second, overlap.first)):
            if _scores_all(there, here, overlap, fields, boxes):
                boxes.setdefault(here, []).append(box_of(overlap, fields, here))
                break
    result = [
        replace(field, repeats=(*field.repeats, *boxes.get(index, ())))
        for index, field in enumerate(fields)
    ]
    figures = sum(
        any(left <= mark.x < right and top <= mark.y < bottom for left, top, right, bottom in own)
        and (not fields[index].complete or _lies_in(mark, fields[index].labelled))
        for index, own in boxes.items()
        for mark in fields[index].figures
    )
    notes = [
        f"what {len(boxes)} fields show of others, with {figures} labelled mitotic figures, is "
        "scored in one of them only"
    ]
    return result, notes if boxes else []


def _scores_all(
    there: int,
    here: int,
    overlap: Overlap,
    fields: Sequence[Field],
    boxes: Mapping[int, Sequence[Box]],
) -> bool:
    """Whether a field scores all that another does of what both show, but for its edge."""
    if fields[here].complete and not fields[there].complete:
        return False
    mine, others = (_scored_um(i, overlap, fields, boxes.get(i, ())) for i in (here, there))
    # Overlaps are found to some tenths of a micrometre, so that what is left may be a sliver.
    return bool(shapely.is_empty(shapely.buffer(shapely.difference(mine, others), -EDGE_UM)))


def _scored_um(
    index: int, overlap: Overlap, fields: Sequence[Field], boxes: Sequence[Box]
) -> BaseGeometry:
    """What a field scores of an overlap without some of it, micrometres in the first field."""
    field = fields[index]
    area: BaseGeometry = shapely.box(*box_of(overlap, fields, index))
    if field.complete and field.labelled is not None:
        area = shapely.intersection(area, field.labelled)
    area = shapely.difference(area, shapely.union_all([shapely.box(*box) for box in boxes]))
    corner = (overlap.dx_um, overlap.dy_um) if index == overlap.second else (0.0, 0.0)
    return shapely.transform(area, lambda xy: (xy + 0.5) * field.spacing_um_px + corner)


def contradictions(fields: Sequence[Field], overlaps: Sequence[Overlap]) -> list[Contradiction]:
    """Mitotic figures that one of two completely labelled fields has and the other has not."""
    found = []
    for overlap in overlaps:
        pair = fields[overlap.first], fields[overlap.second]
        if any(field.mask is not None or not field.complete for field in pair):
            continue
        for here, there in ((overlap.first, overlap.second), (overlap.second, overlap.first)):
            for mark in fields[here].figures:
                moved = _moved(mark, overlap, fields, here)
                other = fields[there]
                if moved and _is_labelled(moved, other) and not _near(moved, other.figures, other):
                    called = "look-alike" if _near(moved, other.lookalikes, other) else "nothing"
                    found.append(Contradiction(here, there, mark.x, mark.y, called))
    return found


def box_of(overlap: Overlap, fields: Sequence[Field], index: int) -> Box:
    """What both fields show, in pixels of one of them."""
    sign = 1 if index == overlap.first else -1
    spacing = fields[index].spacing_um_px
    left, top = max(0.0, sign * overlap.dx_um), max(0.0, sign * overlap.dy_um)
    edges = (left, top, left + overlap.width_um, top + overlap.height_um)
    one, two, three, four = (edge / spacing - 0.5 for edge in edges)
    return one, two, three, four


def _moved(mark: Mark, overlap: Overlap, fields: Sequence[Field], here: int) -> Mark | None:
    """A mark of one field as the other has it; None where that does not show it."""
    left, top, right, bottom = box_of(overlap, fields, here)
    own = fields[here].spacing_um_px
    edge = EDGE_UM / own
    if not (left + edge <= mark.x < right - edge and top + edge <= mark.y < bottom - edge):
        return None
    there = overlap.second if here == overlap.first else overlap.first
    spacing = fields[there].spacing_um_px
    sign = 1 if here == overlap.first else -1
    size = mark.size_px
    if size is None and mark.pixels is not None:
        width, height = mark.pixels.max(axis=0) - mark.pixels.min(axis=0) + 1
        size = float(width), float(height)
    return Mark(
        x=((mark.x + 0.5) * own - sign * overlap.dx_um) / spacing - 0.5,
        y=((mark.y + 0.5) * own - sign * overlap.dy_um) / spacing - 0.5,
        size_px=None if size is None else (size[0] * own / spacing, size[1] * own / spacing),
        label=mark.label,
        subtype=mark.subtype,
    )


def _near(mark: Mark, others: Sequence[Mark], field: Field) -> bool:
    reach = SAME_UM / field.spacing_um_px
    return any(math.hypot(mark.x - other.x, mark.y - other.y) <= reach for other in others)


def _is_labelled(mark: Mark, field: Field) -> bool:
    """Whether the field says of every object there whether it is a mitotic figure."""
    return (
        field.complete and _lies_in(mark, field.labelled) and not _near(mark, field.unsure, field)
    )


def _lies_in(mark: Mark, labelled: BaseGeometry | None) -> bool:
    return bool(is_inside(np.array([(mark.x, mark.y)]), labelled)[0])


class _Groups:
    """Union-find; a group is named by its first member."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def of(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def join(self, one: int, two: int) -> None:
        low, high = sorted((self.of(one), self.of(two)))
        self._parent[high] = low
