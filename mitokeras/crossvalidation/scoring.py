"""Each fold's detector on the fields that it has not seen: thresholds and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mitokeras.data.protocols import Protocol, get_protocol
from mitokeras.data.store import Store
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.detector import FieldDetector
from mitokeras.score.evaluation import (
    ScoredField,
    evaluation_report,
    partly_labelled_report,
    rates,
)
from mitokeras.score.thresholds import (
    CLASSIFIER_THRESHOLDS,
    best_f1,
    candidates_at_thresholds,
    classifier_counts,
)
from mitokeras.train.prepare import truth_of

SEGMENTER_GRID = np.array((0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995))
"""Thresholds of stage 1 to choose from. Dense near 1, where a network that has trained for long
has most of its probabilities."""


@dataclass(frozen=True)
class Thresholds:
    """Of both stages."""

    segmenter: float
    classifier: float

    def as_json(self) -> dict[str, float]:
        return {"segmenter": self.segmenter, "classifier": self.classifier}


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """What the folds gave.

    Attributes:
        thresholds: Chosen on the held-out fields of all folds.
        of_fold: For each fold, chosen on the held-out fields of the others.
        fields: Held-out fields of each fold, judged by `of_fold`.
        reports: Of each data set's `fields`, as `mitokeras.score.evaluation.evaluation_report`; the
            thresholds in it are those of all folds.
        curve: Rows of the classifier's threshold, false positives per mm2 and recalls, with
            stage 1's threshold of all folds.
    """

    thresholds: Thresholds
    of_fold: tuple[Thresholds, ...]
    fields: tuple[tuple[ScoredField, ...], ...]
    reports: dict[str, dict[str, Any]]
    curve: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        folds = len(self.of_fold)
        return {
            "method": (
                f"The cases of each data set were dealt out to {folds} folds. Each fold's fields "
                "were scored by networks that were trained on the other folds, at thresholds "
                "chosen on the other folds."
            ),
            "sources": self.reports,
            "thresholds": self.thresholds.as_json(),
            "thresholds_of_folds": [each.as_json() for each in self.of_fold],
            "curve": list(self.curve),
        }


class HeldOut:
    """A fold's detector and the fields that it has not seen.

    Args:
        store: Of all fields.
        detector: Of the fold; its thresholds are not looked at.
        fields: Indices of those that are held out.
    """

    def __init__(self, store: Store, detector: FieldDetector, fields: Sequence[int]) -> None:
        self._store = store
        self._detector = detector
        self._protocol = get_protocol(detector.spec.protocol)
        least = detector.spec.min_area_px
        self._swept = {
            index: candidates_at_thresholds(
                detector.probability(store.image(index)), least, SEGMENTER_GRID
            )
            for index in fields
        }
        self._judged: dict[int, list[ScoredField]] = {}

    def classifier_counts(self, number: int, complete: bool) -> np.ndarray:
        """Of both stages at each of `CLASSIFIER_THRESHOLDS`, at one of stage 1's."""
        return _pooled(
            [
                classifier_counts(field, self._protocol)
                for field in self.scored(number)
                if field.complete == complete
            ],
            len(CLASSIFIER_THRESHOLDS),
        )

    def scored(self, number: int) -> list[ScoredField]:
        """All fields at one of `SEGMENTER_GRID`, with stage 2's scores."""
        if number not in self._judged:
            self._judged[number] = [
                truth_of(self._store, index, self._judge(index, swept[number]))
                for index, swept in self._swept.items()
            ]
        return self._judged[number]

    def _judge(self, index: int, found: Candidates) -> Candidates:
        return self._detector.judge(self._store.image(index), found)


def _pooled(counts: Sequence[np.ndarray], thresholds: int) -> np.ndarray:
    return np.sum(counts, axis=0) if counts else np.zeros((thresholds, 3), np.int64)


def score_folds(folds: Sequence[HeldOut], protocol: Protocol) -> CrossValidation:
    """Choose the thresholds and score both stages.

    Each fold is scored at thresholds that were chosen on the other folds: of all pairs the one
    with the best F1 of both stages, for which the false positives of the completely labelled
    fields stand for those of all.

    Args:
        folds: Two or more.
        protocol: Of the matching.
    """
    everything, chosen = _choose(folds)
    of_fold, fields = [], []
    for fold in folds:
        number, own = _choose([other for other in folds if other is not fold])
        of_fold.append(own)
        fields.append(
            tuple(
                replace(f, candidates=f.candidates.judged(f.candidates.classifier_score,
                                                          own.classifier))
                for f in fold.scored(number)
            )
        )  # fmt: skip
    reports = _by_source([f for own in fields for f in own], protocol, chosen)
    return CrossValidation(
        chosen, tuple(of_fold), tuple(fields), reports, _curve(folds, everything)
    )


def _by_source(
    fields: Sequence[ScoredField], protocol: Protocol, thresholds: Thresholds
) -> dict[str, dict[str, Any]]:
    reports = {}
    for source in sorted({field.source for field in fields}):
        own = [field for field in fields if field.source == source]
        if own[0].complete:
            reports[source] = evaluation_report(own, protocol, thresholds.as_json())
        else:
            reports[source] = partly_labelled_report(own, protocol)
    return reports


def _choose(folds: Sequence[HeldOut]) -> tuple[int, Thresholds]:
    """Number of stage 1's threshold in the grid, and both thresholds.

    Of equally good pairs the one with the fewest candidates.
    """
    chosen, best = (0, Thresholds(0.0, 0.0)), -1.0
    for number, segmenter in enumerate(SEGMENTER_GRID):
        counts = _weighed(*_counts(folds, number))
        own = best_f1(counts)
        f1 = float(np.nan_to_num(rates(counts)[own, 2]))
        if f1 >= best:
            classifier = float(CLASSIFIER_THRESHOLDS[own])
            chosen, best = (number, Thresholds(float(segmenter), classifier)), f1
    return chosen


def _counts(folds: Sequence[HeldOut], number: int) -> tuple[np.ndarray, np.ndarray]:
    """Of both stages over the completely and the incompletely labelled fields of some folds."""
    complete, partly = (
        np.sum([fold.classifier_counts(number, c) for fold in folds], axis=0) for c in (True, False)
    )
    return complete, partly


def _weighed(complete: np.ndarray, partly: np.ndarray) -> np.ndarray:
    """Counts of all figures, the false positives scaled up from the completely labelled ones."""
    figures, more = complete[0, [0, 2]].sum(), partly[0, [0, 2]].sum()
    counts = (complete + partly).astype(np.float64)
    counts[:, 1] *= (figures + more) / max(figures, 1)
    return counts


def _curve(folds: Sequence[HeldOut], number: int) -> tuple[dict[str, Any], ...]:
    fields = [field for fold in folds for field in fold.scored(number)]
    area = sum(field.area_mm2 for field in fields if field.complete)
    complete, partly = _counts(folds, number)
    return tuple(
        {
            "classifier_threshold": float(threshold),
            "fp_per_mm2": float(own[1] / area),
            "recall": _recall(own),
            "recall_partly_labelled": _recall(other),
        }
        for threshold, own, other in zip(CLASSIFIER_THRESHOLDS, complete, partly, strict=True)
    )


def _recall(counts: np.ndarray) -> float | None:
    figures = counts[0] + counts[2]
    return float(counts[0] / figures) if figures else None
