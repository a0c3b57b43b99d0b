"""One reader's review of one slide: what can be said, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

import numpy as np

from mitokeras.errors import DataError
from mitokeras.review.events import Added, Event, Label, Outline, Region, Undo, Verdict
from mitokeras.review.journal import Events
from mitokeras.review.regions import check_outlines
from mitokeras.review.standing import Standing, standing_of
from mitokeras.review.subject import PredictedSlide, now
from mitokeras.score.matching import match

MOST_ADDED = 10_000

SAME_PLACE_UM = 4.0
"""A candidate so near to where a verdict was given on an earlier prediction is the same one."""


class Review:
    """Keeps what a reader says, on the disk before a call returns.

    Args:
        slide: What is reviewed.
        reviewer: Who reviews it.

    Raises:
        DataError: Every method, where the journal is damaged or of another slide; those that
            write also where another prediction has taken the place of this one.
        OSError: Those that write, where the disk does not take it.
    """

    def __init__(self, slide: PredictedSlide, reviewer: str) -> None:
        self.slide = slide
        self.reviewer = reviewer
        self._journal = slide.journal(reviewer)

    def standing(self) -> Standing:
        return standing_of(self._journal.events(), self.slide.fingerprint)

    def judge(self, candidate: int, label: Label, atypical: bool) -> Standing:
        """Say what a candidate is.

        Raises:
            DataError: There is no such candidate, or what is no mitosis is called atypical.
        """
        detections = self.slide.prediction.detections
        if not 1 <= candidate <= len(detections):
            raise DataError(f"a candidate must be 1 to {len(detections)}. Received: {candidate}")
        if atypical and label != "mitosis":
            raise DataError(f"only a mitosis can be atypical. Received: {label}")
        one = detections[candidate - 1]
        return self._say(
            lambda _: [
                Verdict(
                    **self._stamped(),
                    candidate=candidate,
                    x=one.x,
                    y=one.y,
                    label=label,
                    atypical=atypical,
                )
            ]
        )

    def add(self, x: float, y: float) -> Standing:
        """Add a figure that the model has not found.

        Raises:
            DataError: It does not lie on the slide, or there are too many.
        """
        image = self.slide.prediction.image
        if not (-0.5 <= x <= image.width_px - 0.5 and -0.5 <= y <= image.height_px - 0.5):
            raise DataError(f"a figure must lie on the slide. Received: ({x:g}, {y:g})")

        def say(events: Events) -> list[Event]:
            number = _next_number(events)
            return [Added(**self._stamped(), number=number, x=round(x, 2), y=round(y, 2))]

        return self._say(say)

    def change_added(self, number: int, atypical: bool, removed: bool) -> Standing:
        """Mark an added figure as atypical or not, or take it back.

        Raises:
            DataError: There is none of this number.
        """

        def say(events: Events) -> list[Event]:
            known = standing_of(events, self.slide.fingerprint).added.get(number)
            if known is None:
                raise DataError(f"there is no added figure {number} any more")
            kept = {"number": number, "x": known.x, "y": known.y}
            return [Added(**self._stamped(), **kept, atypical=atypical, removed=removed)]

        return self._say(say)

    def limit(self, outlines: Sequence[Outline]) -> Standing:
        """Count in a region only; in the whole slide where no outline is given.

        Raises:
            DataError: See `check_outlines`.
        """
        check_outlines(outlines, self.slide.prediction.image)
        return self._say(lambda _: [Region(**self._stamped(), outlines=tuple(outlines))])

    def undo(self, line: int) -> Standing:
        """Take back the last mark.

        Args:
            line: Its line, so that nobody takes back what they have not seen.

        Raises:
            DataError: It is not the last one.
        """

        def say(events: Events) -> list[Event]:
            last = standing_of(events, self.slide.fingerprint).last
            if last is None or last[0] != line:
                raise DataError("something was said in another window since; look again")
            return [Undo(**self._stamped(), line=line)]

        return self._say(say)

    def left_over(self) -> int:
        """How many marks on earlier predictions `take_over` would bring."""
        return len(self._taken_over(self._journal.events()))

    def take_over(self) -> Standing:
        """Say again what was said on earlier predictions of the slide, by its place.

        A verdict goes to the candidate within `SAME_PLACE_UM` of it, one-to-one, unless that has
        one already; a mitosis without such a candidate, to a figure that is added. Added figures
        and the last region come along. What has been taken over is not taken twice.
        """
        return self._say(self._taken_over)

    def _taken_over(self, events: Events) -> list[Event]:
        standing = standing_of(events, self.slide.fingerprint)
        verdicts, added, outlines = _latest(standing)
        detections, pixel_um = (
            self.slide.prediction.detections,
            self.slide.prediction.image.pixel_um,
        )
        old = np.array([(one.x, one.y) for one in verdicts]).reshape(-1, 2) * pixel_um
        new = np.array([(one.x, one.y) for one in detections]).reshape(-1, 2) * pixel_um
        pairs = dict(match(old, new, SAME_PLACE_UM).tolist())
        numbers = count(_next_number(events))
        said: list[Event] = []
        places = {(one.x, one.y) for one in standing.added.values()}

        def add(one: Verdict | Added) -> None:
            if (one.x, one.y) not in places:
                kept = {"x": one.x, "y": one.y, "atypical": one.atypical, "earlier": True}
                said.append(Added(**self._stamped(), number=next(numbers), **kept))
                places.add((one.x, one.y))

        for i, one in enumerate(verdicts):
            if i not in pairs:
                if one.label == "mitosis":
                    add(one)
            elif pairs[i] + 1 not in standing.verdicts:
                found = detections[pairs[i]]
                place = {"candidate": pairs[i] + 1, "x": found.x, "y": found.y}
                kept = {"label": one.label, "atypical": one.atypical, "earlier": True}
                said.append(Verdict(**self._stamped(), **place, **kept))
        for each in added:
            add(each)
        if outlines and not standing.outlines:
            check_outlines(outlines, self.slide.prediction.image)
            said.append(Region(**self._stamped(), outlines=outlines, earlier=True))
        return said

    def _stamped(self) -> dict[str, str]:
        return {"at": now(), "prediction": self.slide.fingerprint}

    def _say(self, say: Callable[[Events], Sequence[Event]]) -> Standing:
        def checked(events: Events) -> Sequence[Event]:
            self.slide.check_current()
            return say(events)

        return standing_of(self._journal.append(checked), self.slide.fingerprint)


def _next_number(events: Events) -> int:
    numbers = [event.number for event in events if isinstance(event, Added)]
    if len(numbers) >= MOST_ADDED:
        raise DataError(f"at most {MOST_ADDED} figures can be added to a slide")
    return max(numbers, default=0) + 1


def _latest(
    standing: Standing,
) -> tuple[list[Verdict], list[Added], tuple[Outline, ...]]:
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
    return (
        list(verdicts.values()),
        [each for each in added.values() if not each.removed],
        outlines,
    )
