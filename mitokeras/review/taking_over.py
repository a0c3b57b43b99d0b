"""Verdicts on an earlier prediction of a slide, said again of the one that is there now."""

from __future__ import annotations

from itertools import count

import numpy as np

from mitokeras.counting.matching import match
from mitokeras.counting.prediction import Prediction
from mitokeras.verdicts.events import Added, Event, Outline, Region, Verdict, now
from mitokeras.verdicts.regions import check_outlines
from mitokeras.verdicts.standing import Standing

SAME_PLACE_UM = 4.0
"""A candidate so near to where a verdict was given on an earlier prediction is the same one."""


def taken_over(
    standing: Standing, prediction: Prediction, fingerprint: str, first_number: int
) -> list[Event]:
    """Find what earlier marks say of a prediction, by their places.

    A verdict goes to the candidate within `SAME_PLACE_UM` of it, one-to-one, unless that has one
    already; a mitosis without such a candidate becomes a figure that is added. Added figures and
    the last region come along. What has been taken over already is left out.

    Args:
        standing: Of the review of this prediction.
        prediction: What was found.
        fingerprint: Of the prediction.
        first_number: For the first figure that is added.

    Raises:
        DataError: The region does not lie on the slide.
    """
    verdicts, added, outlines = _latest(standing)
    at = now()
    pairs = _pairs(verdicts, prediction)
    said: list[Event] = []
    missed: list[Verdict | Added] = []
    for i, one in enumerate(verdicts):
        number = pairs.get(i)
        if number is None:
            missed += [one] * (one.label == "mitosis")
        elif number not in standing.verdicts:
            found = prediction.detections[number - 1]
            said.append(
                Verdict(
                    at=at,
                    prediction=fingerprint,
                    candidate=number,
                    x=found.x,
                    y=found.y,
                    label=one.label,
                    atypical=one.atypical,
                    earlier=True,
                )
            )
    places = {(one.x, one.y) for one in standing.added.values()}
    numbers = count(first_number)
    for each in (*missed, *added):
        if (each.x, each.y) not in places:
            places.add((each.x, each.y))
            said.append(_said_again(each, next(numbers), at, fingerprint))
    if outlines and not standing.outlines:
        check_outlines(outlines, prediction.image)
        said.append(Region(at=at, prediction=fingerprint, outlines=outlines, earlier=True))
    return said


def _said_again(one: Verdict | Added, number: int, at: str, fingerprint: str) -> Added:
    """A figure that the prediction does not have, as one that is added."""
    return Added(
        at=at,
        prediction=fingerprint,
        number=number,
        x=one.x,
        y=one.y,
        atypical=one.atypical,
        earlier=True,
    )


def _pairs(verdicts: list[Verdict], prediction: Prediction) -> dict[int, int]:
    """Index of a verdict -> number of the candidate at its place."""
    pixel_um = prediction.image.pixel_um
    old = np.array([(one.x, one.y) for one in verdicts]).reshape(-1, 2) * pixel_um
    new = np.array([(one.x, one.y) for one in prediction.detections]).reshape(-1, 2) * pixel_um
    return {int(i): int(j) + 1 for i, j in match(old, new, SAME_PLACE_UM)}


def _latest(standing: Standing) -> tuple[list[Verdict], list[Added], tuple[Outline, ...]]:
    """What holds of the earlier marks: the last word on each place."""
    verdicts: dict[tuple[float, float], Verdict] = {}
    added: dict[int, Added] = {}
    outlines: tuple[Outline, ...] = ()
    for mark in standing.earlier:
        if isinstance(mark, Verdict):
            verdicts[mark.x, mark.y] = mark
        elif isinstance(mark, Added):
            added[mark.number] = mark
        else:
            outlines = mark.outlines
    kept = [each for each in added.values() if not each.removed]
    return list(verdicts.values()), kept, outlines
