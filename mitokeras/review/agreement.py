"""Two readers of one slide: what they agree on, and each place where they do not."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mitokeras.counting.matching import match
from mitokeras.counting.prediction import Prediction
from mitokeras.disk.records import Record
from mitokeras.review.kappa import cohens_kappa
from mitokeras.verdicts.events import Label
from mitokeras.verdicts.standing import Standing
from mitokeras.verdicts.together import SAME_UM


class Disagreement(Record):
    """A place that two readers see differently.

    Attributes:
        candidate: Number in the model's outputs; None for an added figure.
        x: Pixels of level 0.
        y: Likewise.
        first: What the first reader says of it; "not marked" where only the other added it.
        second: Likewise.
    """

    candidate: int | None
    x: float
    y: float
    first: Label | Literal["not marked"]
    second: Label | Literal["not marked"]


class Agreement(Record):
    """What two readers say of the same prediction.

    Attributes:
        first: Name of the first reader.
        second: Name of the second.
        candidates: That the model has found.
        first_judged: Of these, judged by the first reader.
        second_judged: Judged by the second.
        both_judged: Judged by both; kappa is of these, added figures are not in it.
        same: Of these, with the same verdict.
        kappa: Cohen's, of mitosis, not mitosis and unsure; None where it is not defined.
        added_by_both: Figures that both added, one-to-one within `SAME_UM`.
        disagreements: Each place they see differently, candidates first.
    """

    first: str
    second: str
    candidates: int
    first_judged: int
    second_judged: int
    both_judged: int
    same: int
    kappa: float | None
    added_by_both: int
    disagreements: Annotated[tuple[Disagreement, ...], Field(strict=False)]


def agreements(prediction: Prediction, readers: Mapping[str, Standing]) -> list[Agreement]:
    """Compare every two readers of a prediction."""
    return [
        agreement(prediction, (one, readers[one]), (other, readers[other]))
        for one, other in combinations(sorted(readers), 2)
    ]


def agreement(
    prediction: Prediction, first: tuple[str, Standing], second: tuple[str, Standing]
) -> Agreement:
    """Compare two readers, each given by name and standing."""
    one, other = first[1].verdicts, second[1].verdicts
    both = sorted(one.keys() & other.keys())
    labels = [(one[number].label, other[number].label) for number in both]
    different = [
        Disagreement(candidate=number, x=one[number].x, y=one[number].y, first=a, second=b)
        for number, (a, b) in zip(both, labels, strict=True)
        if a != b
    ]
    shared, added = _added(first[1], second[1], prediction.image.pixel_um)
    return Agreement(
        first=first[0],
        second=second[0],
        candidates=len(prediction.detections),
        first_judged=len(one),
        second_judged=len(other),
        both_judged=len(both),
        same=len(both) - len(different),
        kappa=cohens_kappa([a for a, _ in labels], [b for _, b in labels]),
        added_by_both=shared,
        disagreements=(*different, *added),
    )


def _added(
    first: Standing, second: Standing, pixel_um: tuple[float, float]
) -> tuple[int, list[Disagreement]]:
    """How many figures both have added, and those of one alone."""
    ones = [(each.x, each.y) for _, each in sorted(first.added.items())]
    others = [(each.x, each.y) for _, each in sorted(second.added.items())]
    of_one, of_other = (np.array(xy).reshape(-1, 2) * pixel_um for xy in (ones, others))
    pairs = match(of_one, of_other, SAME_UM)
    alone = [
        Disagreement(candidate=None, x=x, y=y, first="mitosis", second="not marked")
        for i, (x, y) in enumerate(ones)
        if i not in pairs[:, 0]
    ]
    alone += [
        Disagreement(candidate=None, x=x, y=y, first="not marked", second="mitosis")
        for i, (x, y) in enumerate(others)
        if i not in pairs[:, 1]
    ]
    return len(pairs), alone
