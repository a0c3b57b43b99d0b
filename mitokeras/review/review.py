"""One reader's review of one slide: what can be said, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mitokeras.errors import DataError
from mitokeras.review.taking_over import taken_over
from mitokeras.verdicts.events import Added, Event, Label, Outline, Region, Undo, Verdict, now
from mitokeras.verdicts.journal import Events
from mitokeras.verdicts.regions import check_outlines
from mitokeras.verdicts.standing import Standing, next_number, standing_of
from mitokeras.verdicts.subject import PredictedSlide


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
        self._prediction = slide.fingerprint

    def standing(self) -> Standing:
        return standing_of(self._journal.events(), self._prediction)

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
                    at=now(),
                    prediction=self._prediction,
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
            number = next_number(events)
            return [
                Added(
                    at=now(),
                    prediction=self._prediction,
                    number=number,
                    x=round(x, 2),
                    y=round(y, 2),
                )
            ]

        return self._say(say)

    def change_added(self, number: int, atypical: bool, removed: bool) -> Standing:
        """Mark an added figure as atypical or not, or take it back.

        Raises:
            DataError: There is none of this number.
        """

        def say(events: Events) -> list[Event]:
            known = standing_of(events, self._prediction).added.get(number)
            if known is None:
                raise DataError(f"there is no added figure {number} any more")
            return [
                Added(
                    at=now(),
                    prediction=self._prediction,
                    number=number,
                    x=known.x,
                    y=known.y,
                    atypical=atypical,
                    removed=removed,
                )
            ]

        return self._say(say)

    def limit(self, outlines: Sequence[Outline]) -> Standing:
        """Count in a region only; in the whole slide where no outline is given.

        Raises:
            DataError: See `check_outlines`.
        """
        check_outlines(outlines, self.slide.prediction.image)
        return self._say(
            lambda _: [Region(at=now(), prediction=self._prediction, outlines=tuple(outlines))]
        )

    def undo(self, line: int) -> Standing:
        """Take back the last mark.

        Args:
            line: Its line, so that nobody takes back what they have not seen.

        Raises:
            DataError: It is not the last one.
        """

        def say(events: Events) -> list[Event]:
            last = standing_of(events, self._prediction).last
            if last is None or last[0] != line:
                raise DataError("something was said in another window since; look again")
            return [Undo(at=now(), prediction=self._prediction, line=line)]

        return self._say(say)

    def left_over(self) -> int:
        """How many marks on earlier predictions `take_over` would bring."""
        return len(self._taken_over(self._journal.events()))

    def take_over(self) -> Standing:
        """Say again what was said on earlier predictions of the slide, see `taken_over`."""
        return self._say(self._taken_over)

    def _taken_over(self, events: Events) -> list[Event]:
        standing = standing_of(events, self._prediction)
        first = next_number(events)
        return taken_over(standing, self.slide.prediction, self._prediction, first)

    def _say(self, say: Callable[[Events], Sequence[Event]]) -> Standing:
        def checked(events: Events) -> Sequence[Event]:
            self.slide.check_current()
            return say(events)

        return standing_of(self._journal.append(checked), self._prediction)
