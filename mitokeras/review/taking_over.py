"""Verdicts on an earlier prediction of a slide, said again of the one that is there now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from scipy.spatial import KDTree

from mitokeras.counting.matching import match
from mitokeras.counting.prediction import Detection, Prediction
from mitokeras.verdicts.events import Added, Event, Outline, Region, Verdict, now
from mitokeras.verdicts.regions import check_outlines
from mitokeras.verdicts.standing import Standing

SAME_PLACE_UM = 4.0
"""Marks on two predictions that are as near are of one object, as are a mark and a candidate."""


def taken_over(
    standing: Standing, prediction: Prediction, fingerprint: str, first_number: int
) -> list[Event]:
    """Find what earlier marks say of a prediction, by their places.

    Of a place the newest mark speaks, also where it takes an added figure back, and before all what
    was said of this prediction. It goes to the candidate within `SAME_PLACE_UM` of it, one-to-one;
    a mitosis or added figure without such a candidate becomes a figure that is added. The last
    region comes along where none was drawn.

    Args:
        standing: Of the review of this prediction.
        prediction: What was found.
        fingerprint: Of the prediction.
        first_number: For the first figure that is added.

    Raises:
        DataError: The region does not lie on the slide.
    """
    marks = _speaking(standing, prediction, fingerprint)
    pairs = _pairs(marks, prediction)
    numbers = count(first_number)
    at = now()
    said: list[Event] = []
    for i, one in enumerate(marks):
        label = one.label if isinstance(one, Verdict) else "mitosis"
        if i in pairs:
            found = prediction.detections[pairs[i]]
            said.append(
                Verdict(
                    at=at,
                    prediction=fingerprint,
                    candidate=pairs[i] + 1,
                    x=found.x,
                    y=found.y,
                    label=label,
                    atypical=one.atypical,
                    earlier=True,
                )
            )
        elif label == "mitosis":
            said.append(_as_added(one, next(numbers), at, fingerprint))
    outlines = _outlines(standing)
    if outlines:
        check_outlines(outlines, prediction.image)
        said.append(Region(at=at, prediction=fingerprint, outlines=outlines, earlier=True))
    return said


def _as_added(one: Verdict | Added, number: int, at: str, fingerprint: str) -> Added:
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


def _speaking(
    standing: Standing, prediction: Prediction, fingerprint: str
) -> list[Verdict | Added]:
    """The earlier marks at whose places nothing newer was said, the oldest first."""
    last: dict[tuple[str, str, int], Verdict | Added] = {}
    for mark in (*reversed(standing.said), *reversed(standing.earlier)):
        if not isinstance(mark, Region):
            number = mark.candidate if isinstance(mark, Verdict) else mark.number
            last.setdefault((mark.prediction, mark.kind, number), mark)
    marks = list(last.values())
    near = KDTree(_places_um(marks, prediction)).query_pairs(SAME_PLACE_UM, output_type="ndarray")
    # What is stale makes older marks stale as well, as a place may wander from one prediction to
    # the next. Two marks on one prediction are of two objects.
    stale = {old for new, old in near.tolist() if marks[new].prediction != marks[old].prediction}
    speaking = [
        mark
        for i, mark in enumerate(marks)
        if i not in stale
        and mark.prediction != fingerprint
        and not (isinstance(mark, Added) and mark.removed)
    ]
    return speaking[::-1]


def _pairs(marks: Sequence[Verdict | Added], prediction: Prediction) -> dict[int, int]:
    """Index of a mark -> index of the candidate at its place."""
    old, new = _places_um(marks, prediction), _places_um(prediction.detections, prediction)
    return dict(match(old, new, SAME_PLACE_UM).tolist())


def _places_um(marks: Sequence[Verdict | Added | Detection], prediction: Prediction) -> np.ndarray:
    xy = np.array([(one.x, one.y) for one in marks], np.float64).reshape(-1, 2)
    return np.asarray(xy * prediction.image.pixel_um)


def _outlines(standing: Standing) -> tuple[Outline, ...]:
    """The last region of the earlier marks, unless one was drawn or taken away since."""
    if any(isinstance(mark, Region) for mark in standing.said):
        return ()
    regions = [mark for mark in standing.earlier if isinstance(mark, Region)]
    return regions[-1].outlines if regions else ()
