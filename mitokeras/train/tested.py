"""Fields on which a run's detector is scored, at its thresholds and over all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mitokeras.data.protocols import Protocol
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import find_candidates
from mitokeras.detect.detector import FieldDetector
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.thresholds import (
    candidates_at_thresholds,
    classifier_counts,
    segmenter_counts,
)
from mitokeras.train.answers import AnsweredField


@dataclass(frozen=True, eq=False)
class TestField(AnsweredField):
    """A test field with its scores over all thresholds.

    Attributes:
        segmenter_counts: Counts of stage 1 at each of `SEGMENTER_THRESHOLDS`, shape (n, 3).
        classifier_counts: Counts of both stages at each of `CLASSIFIER_THRESHOLDS`, shape (n, 3).
    """

    segmenter_counts: np.ndarray
    classifier_counts: np.ndarray

    @classmethod
    def of(cls, field: StoredField, detector: FieldDetector, protocol: Protocol) -> TestField:
        """A completely labelled field under a detector that has not seen it."""
        spec = detector.spec
        image = field.image()
        probability = detector.probability(image)
        found = find_candidates(probability, spec.segmenter_threshold, spec.min_area_px)
        scored = ScoredField.of(field, detector.judge(image, found))
        swept = candidates_at_thresholds(probability, spec.min_area_px)
        return cls(
            field=field,
            scored=scored,
            segmenter_counts=segmenter_counts(scored, swept, protocol),
            classifier_counts=classifier_counts(scored, protocol),
        )
