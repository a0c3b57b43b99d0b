"""One object that is labelled more than once."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from mitokeras.data.fields import SAME_PX, Field, Mark
from mitokeras.errors import DataError

FIGURE, LOOKALIKE, NUCLEUS = range(3)


def taken_once(fields: Sequence[Field]) -> tuple[tuple[Field, ...], list[str]]:
    """Leave out labels within `SAME_PX` of an earlier one of the same kind, and notes that count.

    An ordinary nucleus there is left out for a mitotic figure or look-alike: lists of all nuclei
    hold those as well. A subtype that only one of two labels states is that of the figure.

    Raises:
        DataError: Something is labelled a mitotic figure and a look-alike, or normal and atypical.
    """
    left_out: Counter[str] = Counter()
    kept = tuple(_taken_once(field, left_out) for field in fields)
    return kept, [f"{count} {what}" for what, count in left_out.items()]


def _taken_once(field: Field, left_out: Counter[str]) -> Field:
    groups = (field.figures, field.lookalikes, field.nuclei)
    marks = [mark for group in groups for mark in group]
    kinds = [kind for kind, group in enumerate(groups) for _ in group]
    if len(marks) < 2:
        return field
    centres = np.array([(mark.x, mark.y) for mark in marks])
    kept: dict[int, Mark] = dict(enumerate(marks))
    for first, second in sorted(cKDTree(centres).query_pairs(SAME_PX)):
        if first not in kept or second not in kept:
            continue
        if kinds[first] == kinds[second]:
            kept[first] = _merged(field, kept[first], kept[second])
            what = f"labels within {SAME_PX:g} px of another of the same kind: taken once"
        elif kinds[second] == NUCLEUS:
            what = f"ordinary nuclei within {SAME_PX:g} px of a figure or look-alike: left out"
        else:
            raise _contradiction(field, marks[first], "a mitotic figure and a look-alike")
        del kept[second]
        left_out[what] += 1
    if len(kept) == len(marks):
        return field
    figures, lookalikes, nuclei = (
        tuple(mark for i, mark in kept.items() if kinds[i] == kind)
        for kind in (FIGURE, LOOKALIKE, NUCLEUS)
    )
    return dataclasses.replace(field, figures=figures, lookalikes=lookalikes, nuclei=nuclei)


def _merged(field: Field, first: Mark, second: Mark) -> Mark:
    if first.subtype and second.subtype and first.subtype != second.subtype:
        raise _contradiction(field, first, "normal and atypical")
    return dataclasses.replace(first, subtype=first.subtype or second.subtype)


def _contradiction(field: Field, mark: Mark, what: str) -> DataError:
    return DataError(
        f"{field.image.with_name(field.name)}: an object may be labelled as one thing only, within "
        f"{SAME_PX:g} px. Received: ({mark.x:g}, {mark.y:g}) as {what}"
    )
