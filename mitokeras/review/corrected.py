"""The counts of a slide by a reader's verdicts, and by the model alone beside them."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mitokeras.counting.count import Count, count_figures
from mitokeras.counting.prediction import ImageFacts, ModelFacts, Prediction, Suitability
from mitokeras.disk.records import LeanRecord, Record
from mitokeras.verdicts.events import Outline
from mitokeras.verdicts.regions import within
from mitokeras.verdicts.standing import Standing

Word = Literal["mitosis", "not mitosis", "unsure", "not looked at"]


class Figure(LeanRecord):
    """A candidate of the model or a figure that the reader has added.

    Attributes:
        candidate: Number in the model's outputs; None for an added figure.
        x: Pixels of level 0; the centre of the top left pixel is (0, 0).
        y: Likewise.
        model_score: Probability of mitotic figure by stage 2; None for an added figure.
        model_accepted: Whether the model counts it.
        atypical_score: Probability of an atypical mitotic figure by stage 3; None where it has
            none.
        word: What the reader says.
        atypical: Whether the reader has marked it as an atypical mitotic figure.
        inside: Whether it lies in the region.
        counted: Whether it is in the reader's counts: a mitosis to the reader, or one to the
            model that the reader has not looked at, and inside.
    """

    candidate: int | None
    x: float
    y: float
    model_score: float | None
    model_accepted: bool
    atypical_score: float | None = None
    word: Word
    atypical: bool
    inside: bool
    counted: bool


class Share(Record):
    """How much of what lies in the region the reader has looked at.

    Attributes:
        candidates: Of the model.
        seen: Of these, with a verdict.
        accepted: Candidates that the model counts.
        accepted_seen: Of these, with a verdict.
        added: Figures that the reader has added.
    """

    candidates: int
    seen: int
    accepted: int
    accepted_seen: int
    added: int


class Corrected(Record):
    """What review.json holds.

    Attributes:
        mitokeras: Version that made it.
        reviewer: Whose verdicts these are.
        prediction: Fingerprint of the prediction, see `fingerprint`.
        lines: Lines of the journal that it rests on.
        image: What was looked at.
        model: What looked first.
        suitability: Whether the slide is one that it can be trusted on.
        threshold: Of stage 2, from which on a candidate that was not looked at is counted.
        region: Outlines of the region that figures are counted in; none is the whole slide.
        share: How much the reader has looked at.
        whole: Counts of the model on the whole slide.
        model_alone: Counts of the model in the region.
        reviewed: Counts by the reader in the region. Expected to be false is what the model's rate
            gives for the share of its figures that the reader has not looked at.
        figures: Candidates in their order, then what was added.
    """

    mitokeras: str
    reviewer: str
    prediction: str
    lines: int
    image: ImageFacts
    model: ModelFacts
    suitability: Suitability = Suitability()
    threshold: float
    region: Annotated[tuple[Outline, ...], Field(strict=False)]
    share: Share
    whole: Count
    model_alone: Count
    reviewed: Count
    figures: Annotated[tuple[Figure, ...], Field(strict=False)]


def correct(
    prediction: Prediction,
    standing: Standing,
    reviewer: str,
    fingerprint: str,
    tissue_mm2: float,
    threshold: float | None = None,
) -> Corrected:
    """Count a slide by a reader's verdicts.

    Args:
        prediction: What was found.
        standing: Of the reader's review of it.
        reviewer: The reader.
        fingerprint: Of the prediction.
        tissue_mm2: Area of the tissue in the region.
        threshold: Of stage 2 in place of the model's own, to see what the counts would be.
    """
    at = prediction.model.classifier_threshold if threshold is None else threshold
    figures = _figures(prediction, standing, threshold)
    inside = [one for one in figures if one.inside]
    accepted = [one for one in inside if one.model_accepted]
    share = _share(inside)
    unseen = share.accepted - share.accepted_seen
    own = threshold is None
    rate = prediction.false_per_mm2 if own else None
    # At another threshold nothing is known, though it may lie above all that was not looked at.
    known_to_be_none = own and not unseen
    left = (
        0.0 if known_to_be_none else None if rate is None else rate * unseen / max(1, len(accepted))
    )

    def count(
        chosen: list[Figure], false_per_mm2: float | None, unjudged: int | None = None
    ) -> Count:
        corners = np.array([(one.x + 0.5, one.y + 0.5) for one in chosen]).reshape(-1, 2)
        xy_mm = corners * prediction.image.pixel_um / 1000
        diameter = prediction.count.field_diameter_mm
        return count_figures(xy_mm, tissue_mm2, diameter, false_per_mm2, unjudged)

    return Corrected(
        mitokeras=prediction.mitokeras,
        reviewer=reviewer,
        prediction=fingerprint,
        lines=standing.lines,
        image=prediction.image,
        model=prediction.model,
        suitability=prediction.suitability,
        threshold=at,
        region=standing.outlines,
        share=share,
        whole=prediction.count,
        model_alone=count(accepted, rate),
        reviewed=count([one for one in inside if one.counted], left, unseen),
        figures=tuple(figures),
    )


def _share(inside: list[Figure]) -> Share:
    candidates = [one for one in inside if one.candidate is not None]
    seen = [one for one in candidates if one.word != "not looked at"]
    return Share(
        candidates=len(candidates),
        seen=len(seen),
        accepted=sum(one.model_accepted for one in candidates),
        accepted_seen=sum(one.model_accepted for one in seen),
        added=len(inside) - len(candidates),
    )


def _figures(prediction: Prediction, standing: Standing, threshold: float | None) -> list[Figure]:
    added = [standing.added[number] for number in sorted(standing.added)]
    places = [(one.x, one.y) for one in prediction.detections]
    places += [(one.x, one.y) for one in added]
    inside = within(np.array(places).reshape(-1, 2), standing.outlines).tolist()
    figures = []
    for i, detection in enumerate(prediction.detections):
        verdict = standing.verdicts.get(i + 1)
        score = detection.classifier_score
        accepted = detection.accepted if threshold is None else score >= threshold
        is_figure = accepted if verdict is None else verdict.label == "mitosis"
        figures.append(
            Figure(
                candidate=i + 1,
                x=detection.x,
                y=detection.y,
                model_score=score,
                model_accepted=accepted,
                atypical_score=detection.atypical_score,
                word="not looked at" if verdict is None else verdict.label,
                atypical=verdict is not None and verdict.atypical,
                inside=inside[i],
                counted=inside[i] and is_figure,
            )
        )
    for one, is_inside in zip(added, inside[len(figures) :], strict=True):
        figures.append(
            Figure(
                candidate=None,
                x=one.x,
                y=one.y,
                model_score=None,
                model_accepted=False,
                word="mitosis",
                atypical=one.atypical,
                inside=is_inside,
                counted=is_inside,
            )
        )
    return figures
