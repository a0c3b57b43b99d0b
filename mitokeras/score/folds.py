"""Each fold's detector on the fields that it has not seen: thresholds and scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mitokeras.data.protocols import Protocol
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.curve import CurvePoint
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import Thresholds
from mitokeras.score.crossvalidation import CrossValidation
from mitokeras.score.evaluation import score_fields, score_partly_labelled
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Scores
from mitokeras.score.subtypes import SubtypeFolds
from mitokeras.score.thresholds import (
    CLASSIFIER_THRESHOLDS,
    Sweep,
    both_counts,
    choose_thresholds,
    false_by_source,
)

SEGMENTER_GRID = np.array(
    (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995)
)
"""Thresholds of stage 1 to choose from. Dense near 1, where a network that has trained for long
has most of its probabilities."""


Fold = Sequence[Sweep]
"""The fields that a fold holds out, under its detector, at each of `SEGMENTER_GRID`."""


def sweep_fields(fields: Sequence[StoredField], detector: FieldDetector) -> list[Sweep]:
    """Held-out fields under a fold's detector, whose thresholds are not looked at."""
    return [Sweep.over(field, detector, SEGMENTER_GRID) for field in fields]


class FoldScores(NamedTuple):
    """What the folds gave.

    Attributes:
        result: The scores.
        thresholds: Those of the final run, chosen on all folds.
        fields: Held-out fields of each fold, judged at the thresholds of the others.
        subtyping: What they say of stage 3; None without one.
    """

    result: CrossValidation
    thresholds: Thresholds
    fields: list[list[ScoredField]]
    subtyping: SubtypeFolds | None = None

    def with_subtyping(self, subtyping: SubtypeFolds) -> FoldScores:
        """With what they say of stage 3."""
        result = self.result.changed(subtyping=subtyping.sources)
        return self._replace(result=result, subtyping=subtyping)


def score_folds(
    folds: Sequence[Fold], protocol: Protocol, false_per_mm2: float | None, method: str
) -> FoldScores:
    """Choose the thresholds and score both stages.

    Each fold is scored at thresholds that were chosen on the other folds, by `choose_thresholds`.

    Args:
        folds: Two or more.
        protocol: Rule of a hit.
        false_per_mm2: As of `choose_thresholds`.
        method: What was held out, in a sentence.
    """

    def choose(sweeps: Sequence[Sweep]) -> tuple[int, Thresholds]:
        return choose_thresholds(SEGMENTER_GRID, sweeps, protocol, false_per_mm2=false_per_mm2)

    everything = [sweep for fold in folds for sweep in fold]
    number, chosen = choose(everything)
    of_fold, fields = [], []
    for fold in folds:
        others = [sweep for other in folds if other is not fold for sweep in other]
        own_number, own = choose(others)
        of_fold.append(own)
        fields.append([sweep.at(own_number, own.classifier) for sweep in fold])
    result = CrossValidation(
        method=method,
        sources=_by_source([field for own in fields for field in own], protocol, chosen),
        thresholds=chosen,
        thresholds_of_folds=tuple(of_fold),
        curve=_curve(everything, number, protocol),
    )
    return FoldScores(result, chosen, fields)


def _by_source(
    fields: Sequence[ScoredField], protocol: Protocol, thresholds: Thresholds
) -> dict[str, Scores]:
    scores = {}
    for source in sorted({field.source for field in fields}):
        own = [field for field in fields if field.source == source]
        if any(field.complete for field in own):
            scores[source] = score_fields(own, protocol, thresholds)
        else:
            scores[source] = score_partly_labelled(own, protocol)
    return scores


def _curve(sweeps: Fold, number: int, protocol: Protocol) -> tuple[CurvePoint, ...]:
    complete, partly = both_counts(sweeps, number, protocol)
    rates = np.max(
        [false / area for false, area in false_by_source(sweeps, number, protocol)], axis=0
    )
    return tuple(
        CurvePoint(
            classifier_threshold=float(threshold),
            fp_per_mm2=float(rate),
            recall=_recall(own),
            recall_partly_labelled=_recall(other),
        )
        for threshold, rate, own, other in zip(
            CLASSIFIER_THRESHOLDS, rates, complete, partly, strict=True
        )
    )


def _recall(counts: np.ndarray) -> float | None:
    figures = counts[0] + counts[2]
    return float(counts[0] / figures) if figures else None
