"""Scores of fields: both stages, by data set and by subtype."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mitokeras.counting.atypical import SUBTYPES
from mitokeras.data.protocols import Protocol
from mitokeras.detect.spec import Thresholds
from mitokeras.score.rates import pooled_scores
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Intervals, Scores, StageScores


def score_fields(
    fields: Sequence[ScoredField], protocol: Protocol, thresholds: Thresholds
) -> Scores:
    """Score both stages: the completely labelled fields, and beside them each data set of others.

    Args:
        fields: All of a data set. Where none is completely labelled, there are no rates but the
            recall of the others.
        protocol: Rule of a hit.
        thresholds: Those that gave the candidates.
    """
    partly: dict[str, list[ScoredField]] = {}
    for field in fields:
        if not field.complete:
            partly.setdefault(field.source, []).append(field)
    complete = [field for field in fields if field.complete]
    spacings = sorted({field.spacing_um_px for field in complete or fields})
    fields = complete
    radii = sorted({protocol.radius_um(spacing) for spacing in spacings})
    others = {name: score_partly_labelled(own, protocol) for name, own in partly.items()}
    scores = Scores(
        protocol=protocol.name,
        match_radius_um=radii[0] if len(radii) == 1 else tuple(radii),
        spacing_um_px=spacings[0] if len(spacings) == 1 else tuple(spacings),
        thresholds=thresholds,
        fields=len(fields),
        cases=len({field.case for field in fields}),
        figures=sum(field.figures for field in fields),
        segmenter=score_stage(fields, "segmenter", protocol),
        both=score_stage(fields, "both", protocol),
    )
    subtypes = _by_subtype(fields, protocol)
    more = {"partly_labelled": others, "subtypes": subtypes}
    return scores.changed(**{name: own for name, own in more.items() if own})


def score_partly_labelled(fields: Sequence[ScoredField], protocol: Protocol) -> Scores:
    """Score both stages over fields in which not every mitotic figure is labelled, by recall."""
    scores = _by_recall(fields, protocol)
    subtypes = _by_subtype(fields, protocol)
    return scores.changed(subtypes=subtypes) if subtypes else scores


def _by_subtype(fields: Sequence[ScoredField], protocol: Protocol) -> dict[str, Scores]:
    """Recall of the mitotic figures of each subtype, where the labels say it of some."""
    result: dict[str, Scores] = {}
    for name in SUBTYPES:
        own = [
            replace(field, only=name)
            for field in fields
            if field.subtypes is not None and name in field.subtypes
        ]
        if own:
            result[name] = _by_recall(own, protocol)
    return result


def _by_recall(fields: Sequence[ScoredField], protocol: Protocol) -> Scores:
    return Scores(
        protocol=protocol.name,
        fields=len(fields),
        cases=len({field.case for field in fields}),
        figures=sum(field.figures for field in fields),
        segmenter=_recall(score_stage(fields, "segmenter", protocol)),
        both=_recall(score_stage(fields, "both", protocol)),
    )


def _recall(scores: StageScores) -> StageScores:
    """What does not rest on false positives."""
    return StageScores(
        tp=scores.tp,
        fp=None,
        fn=scores.fn,
        precision=None,
        recall=scores.recall,
        f1=None,
        fp_per_mm2=None,
        ci95=Intervals(recall=scores.ci95.recall),
        ci95_unit=scores.ci95_unit,
    )


def score_stage(fields: Sequence[ScoredField], stage: str, protocol: Protocol) -> StageScores:
    """Score one stage of `STAGE_NAMES`; see `pooled_scores`."""
    return pooled_scores(
        np.array([field.count(field.detections(stage), protocol) for field in fields]),
        [field.case for field in fields],
        np.array([field.area_mm2 for field in fields]),
    )
