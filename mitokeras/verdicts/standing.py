"""Where a review stands: what holds after all lines of its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mitokeras.errors import DataError
from mitokeras.verdicts.events import Added, Mark, Outline, Region, Undo, Verdict
from mitokeras.verdicts.journal import Events, line_number

MOST_ADDED = 10_000
"""Marks of added figures on one slide."""


@dataclass(frozen=True)
class Standing:
    """What a reader says of one prediction.

    Attributes:
        verdicts: The last on each candidate, by its number.
        added: The last of each added figure that was not taken back, by its number.
        outlines: The region that figures are counted in; none is the whole slide.
        last: The last mark and its line, which an undo takes back; None where there is none.
        lines: Number of lines of the journal after the first.
        said: All marks on this prediction that stand, in their order.
        earlier: Marks on other predictions of the slide, which do not count here.
    """

    verdicts: Mapping[int, Verdict]
    added: Mapping[int, Added]
    outlines: tuple[Outline, ...]
    last: tuple[int, Mark] | None
    lines: int
    said: tuple[Mark, ...]
    earlier: tuple[Mark, ...]


def standing_of(events: Events, prediction: str) -> Standing:
    """Find out where a review stands.

    Args:
        events: Of the journal.
        prediction: Fingerprint of the prediction that is looked at.
    """
    undone = {event.line for event in events if isinstance(event, Undo)}
    marks: list[Mark] = []
    last = None
    for i, event in enumerate(events):
        if isinstance(event, Undo) or line_number(i) in undone:
            continue
        marks.append(event)
        if event.prediction == prediction:
            last = line_number(i), event
    now = tuple(mark for mark in marks if mark.prediction == prediction)
    regions = [mark for mark in now if isinstance(mark, Region)]
    added = {mark.number: mark for mark in now if isinstance(mark, Added)}
    return Standing(
        verdicts={mark.candidate: mark for mark in now if isinstance(mark, Verdict)},
        added={number: mark for number, mark in added.items() if not mark.removed},
        outlines=regions[-1].outlines if regions else (),
        last=last,
        lines=len(events),
        said=now,
        earlier=tuple(mark for mark in marks if mark.prediction != prediction),
    )


def next_number(events: Events) -> int:
    """The number of the next added figure; none is given twice.

    Raises:
        DataError: There are too many.
    """
    numbers = [event.number for event in events if isinstance(event, Added)]
    if len(numbers) >= MOST_ADDED:
        raise DataError(f"at most {MOST_ADDED} figures can be added to a slide")
    return max(numbers, default=0) + 1
