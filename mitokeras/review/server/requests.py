"""What the page posts, checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from mitokeras.disk.records import Record
from mitokeras.review.review import Review
from mitokeras.verdicts.events import Label, Outline
from mitokeras.verdicts.standing import Standing


class Judge(Record):
    """A verdict on a candidate."""

    do: Literal["judge"]
    candidate: int
    label: Label
    atypical: bool = False

    def on(self, review: Review) -> Standing:
        return review.judge(self.candidate, self.label, self.atypical)


class Add(Record):
    """A figure that the model has not found."""

    do: Literal["add"]
    x: float
    y: float

    def on(self, review: Review) -> Standing:
        return review.add(self.x, self.y)


class ChangeAdded(Record):
    """Another word on an added figure."""

    do: Literal["change"]
    number: int
    atypical: bool = False
    removed: bool = False

    def on(self, review: Review) -> Standing:
        return review.change_added(self.number, self.atypical, self.removed)


class Limit(Record):
    """The region that figures are counted in."""

    do: Literal["limit"]
    outlines: Annotated[tuple[Outline, ...], Field(strict=False, max_length=200)]

    def on(self, review: Review) -> Standing:
        return review.limit(self.outlines)


class TakeBack(Record):
    """The last mark, by its line."""

    do: Literal["undo"]
    line: int

    def on(self, review: Review) -> Standing:
        return review.undo(self.line)


class TakeOver(Record):
    """What was said on an earlier prediction."""

    do: Literal["take over"]

    def on(self, review: Review) -> Standing:
        return review.take_over()


Request = RootModel[
    Annotated[Judge | Add | ChangeAdded | Limit | TakeBack | TakeOver, Field(discriminator="do")]
]
