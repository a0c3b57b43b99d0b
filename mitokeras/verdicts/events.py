"""What a reader does, one record a line of the journal.

Places are pixels of level 0, the centre of the top left pixel at (0, 0), as in `Detection`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field, RootModel

from mitokeras.counting.prediction import Point
from mitokeras.disk.records import Record

Label = Literal["mitosis", "not mitosis", "unsure"]

MOST_CORNERS = 2_000
"""Of one outline, drawn by hand."""

MOST_OUTLINES = 200

Outline = Annotated[tuple[Point, ...], Field(strict=False, min_length=3, max_length=MOST_CORNERS)]


class Head(Record):
    """The first line: whose verdicts these are, and of which slide.

    Attributes:
        version: Of the journal.
        reviewer: The reader.
        image: Name of the slide's file.
        width_px: Width of its level 0.
        height_px: Height of its level 0.
    """

    kind: Literal["review"] = "review"
    version: Literal[1] = 1
    reviewer: str
    image: str
    width_px: int
    height_px: int


class Event(Record):
    """What all lines but the first have.

    Attributes:
        at: When, ISO 8601, UTC.
        prediction: Fingerprint of the prediction that was looked at, see `fingerprint`.
    """

    at: str
    prediction: str


class Verdict(Event):
    """What the reader says of a candidate.

    Attributes:
        candidate: Its number in the outputs of that prediction, from 1 on.
        x: Its place, by which the verdict is known whatever the numbers are later.
        y: Likewise.
        label: The verdict.
        atypical: Whether it is marked as an atypical mitotic figure.
        earlier: Whether it was taken over from an earlier prediction.
    """

    kind: Literal["verdict"] = "verdict"
    candidate: int = Field(ge=1)
    x: float
    y: float
    label: Label
    atypical: bool = False
    earlier: bool = False


class Added(Event):
    """A figure that the model has not found; again with the same number, what is changed of it.

    Attributes:
        number: From 1 on, in the order in which they were added.
        x: Its place.
        y: Likewise.
        atypical: Whether it is marked as an atypical mitotic figure.
        removed: Whether the reader has taken it back.
        earlier: Whether it was taken over from an earlier prediction.
    """

    kind: Literal["added"] = "added"
    number: int = Field(ge=1)
    x: float
    y: float
    atypical: bool = False
    removed: bool = False
    earlier: bool = False


class Region(Event):
    """Where figures are counted, such as the tumour; takes the place of what was drawn before.

    Attributes:
        outlines: Polygons that together are the region; none is the whole slide.
    """

    kind: Literal["region"] = "region"
    outlines: Annotated[tuple[Outline, ...], Field(strict=False, max_length=MOST_OUTLINES)]
    earlier: bool = False


class Undo(Event):
    """Takes back one earlier line.

    Attributes:
        line: Number of that line in the file, from 1 on.
    """

    kind: Literal["undo"] = "undo"
    line: int = Field(ge=2)


Mark = Verdict | Added | Region
"""Lines that can be taken back."""

AnyEvent = RootModel[Annotated[Mark | Undo, Field(discriminator="kind")]]
"""Any line but the first."""


def now() -> str:
    """The time, as `Event.at` has it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
