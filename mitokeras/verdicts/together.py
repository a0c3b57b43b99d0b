"""What the readers of a slide say of it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from mitokeras.counting.atypical import Subtype
from mitokeras.counting.matching import match
from mitokeras.counting.prediction import Detection, Prediction
from mitokeras.verdicts.events import Added, Label, Outline, Verdict
from mitokeras.verdicts.regions import within
from mitokeras.verdicts.standing import Standing

SAME_UM = 7.5
"""Added figures of two readers within it are one: the radius of MIDOG's protocol."""


@dataclass(frozen=True)
class Judged:
    """A place that was judged.

    Attributes:
        x: Pixels of level 0.
        y: Likewise.
        label: What all say who judged it; "unsure" where they differ.
        subtype: "atypical" where all of them have marked it so; "normal" where none has, and one
            of them marks atypical figures of this slide; empty else, and where it is no mitosis.
        differ: Whether they differ.
    """

    x: float
    y: float
    label: Label
    subtype: Subtype
    differ: bool = False


@dataclass(frozen=True)
class Together:
    """What holds by the word of all readers.

    Attributes:
        judged: Candidates and added figures.
        finished: Outlines in which a reader has given a verdict on every candidate, so that what
            nobody has marked there is no mitotic figure.
        unfinished: Number of the other outlines.
    """

    judged: tuple[Judged, ...]
    finished: tuple[Outline, ...]
    unfinished: int


def together(prediction: Prediction, readers: Mapping[str, Standing]) -> Together:
    """Join the verdicts of a slide's readers.

    A candidate is what all say who judged it. Added figures of several readers within `SAME_UM`
    are one; of one that another reader has not marked in an outline that they have finished, the
    two differ. Where readers differ, nobody is sure.

    Args:
        prediction: What was found.
        readers: Where the review of each reader stands.
    """
    finished = {name: _finished(prediction, standing) for name, standing in readers.items()}
    telling = {name for name, standing in readers.items() if _tells_subtypes(standing)}
    return Together(
        judged=(*_candidates(readers, telling), *_added(prediction, readers, finished, telling)),
        finished=tuple(outline for own in finished.values() for outline in own),
        unfinished=sum(
            len(standing.outlines) - len(finished[name]) for name, standing in readers.items()
        ),
    )


def _finished(prediction: Prediction, standing: Standing) -> list[Outline]:
    left = [
        one
        for number, one in enumerate(prediction.detections, start=1)
        if number not in standing.verdicts
    ]
    return [each for each in standing.outlines if not within(_places(left), [each]).any()]


def _tells_subtypes(standing: Standing) -> bool:
    """Whether a mitosis that the reader has not marked as atypical is a normal one."""
    mitoses: list[Verdict | Added] = [*standing.verdicts.values(), *standing.added.values()]
    return any(mitosis.atypical for mitosis in mitoses)


def _subtype(said: Mapping[str, Verdict | Added], telling: Set[str]) -> Subtype:
    """Of a mitosis to all who judged it, by reader."""
    marked = [mark.atypical for mark in said.values()]
    if all(marked):
        return "atypical"
    return "normal" if not any(marked) and not telling.isdisjoint(said) else ""


def _candidates(readers: Mapping[str, Standing], telling: Set[str]) -> list[Judged]:
    numbers = sorted({number for standing in readers.values() for number in standing.verdicts})
    judged = []
    for number in numbers:
        said = {
            name: each.verdicts[number] for name, each in readers.items() if number in each.verdicts
        }
        labels = {verdict.label for verdict in said.values()}
        first = next(iter(said.values()))
        judged.append(
            Judged(
                x=first.x,
                y=first.y,
                label=first.label if len(labels) == 1 else "unsure",
                subtype=_subtype(said, telling) if labels == {"mitosis"} else "",
                differ=len(labels) > 1,
            )
        )
    return judged


def _added(
    prediction: Prediction,
    readers: Mapping[str, Standing],
    finished: Mapping[str, Sequence[Outline]],
    telling: Set[str],
) -> list[Judged]:
    pixel_um = np.array(prediction.image.pixel_um)
    groups: list[dict[str, Added]] = []
    for name, standing in readers.items():
        own = [one for _, one in sorted(standing.added.items())]
        firsts = [next(iter(group.values())) for group in groups]
        pairs = match(_places(firsts) * pixel_um, _places(own) * pixel_um, SAME_UM)
        joined = {int(i): int(number) for number, i in pairs}
        for i, one in enumerate(own):
            if i in joined:
                groups[joined[i]][name] = one
            else:
                groups.append({name: one})
    firsts = [next(iter(group.values())) for group in groups]
    denied = np.zeros(len(groups), bool)
    for name, standing in readers.items():
        if groups and finished[name]:
            others = np.array([name not in group for group in groups], bool)
            inside = within(_places(firsts), finished[name])
            denied |= others & inside & ~_called(standing, _places(firsts) * pixel_um, pixel_um)
    return [
        Judged(
            x=first.x,
            y=first.y,
            label="unsure" if differ else "mitosis",
            subtype="" if differ else _subtype(group, telling),
            differ=differ,
        )
        for first, group, differ in zip(firsts, groups, denied.tolist(), strict=True)
    ]


def _called(standing: Standing, places_um: np.ndarray, pixel_um: np.ndarray) -> np.ndarray:
    """At which places a reader calls a candidate a mitosis, which then is the same object."""
    called = [each for each in standing.verdicts.values() if each.label == "mitosis"]
    if not called:
        return np.zeros(len(places_um), bool)
    distance, _ = KDTree(_places(called) * pixel_um).query(places_um)
    return np.asarray(distance <= SAME_UM)


def _places(marks: Sequence[Added | Verdict | Detection]) -> np.ndarray:
    return np.array([(one.x, one.y) for one in marks], np.float64).reshape(-1, 2)
