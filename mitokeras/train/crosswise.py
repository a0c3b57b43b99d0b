"""Parts of the training fields, each judged by networks that have not seen it."""

from __future__ import annotations

import logging
from typing import NamedTuple

from mitokeras.data.stored_field import StoredField
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import Thresholds
from mitokeras.score.scored_field import scored_figures
from mitokeras.train.driver import Training
from mitokeras.train.mining import Mined
from mitokeras.train.networks import crop_network
from mitokeras.train.validation import NO_VALIDATION

logger = logging.getLogger(__name__)


class Part(NamedTuple):
    """Training fields that a detector of the same run has not seen.

    Attributes:
        detector: It has no thresholds yet.
        fields: Completely labelled.
    """

    detector: FieldDetector
    fields: list[StoredField]


def judge_crosswise(training: Training, mined: Mined) -> list[Part]:
    """Train networks that judge training fields which they have not seen.

    Stage 1 is that which mined the fields; stage 2 is trained as often as there are parts, on the
    candidates of the others.

    Args:
        training: The run.
        mined: Of this run.

    Returns:
        The parts of the training fields; none where fewer than two have a mitotic figure that is
        scored.
    """
    data, config = training.data, training.config
    judged_parts = [
        [field for field in data.complete("train") if field.index in unseen.fields]
        for unseen in training.unseen
    ]
    if sum(scored_figures(fields) > 0 for fields in judged_parts) < 2:
        return []
    result = []
    for number, (unseen, judged) in enumerate(
        zip(training.unseen, judged_parts, strict=True), start=1
    ):
        own = [field for field in data.of("train") if field.index not in unseen.fields]
        logger.info("stage 2 for what it has not seen, %d fields left out", len(unseen.fields))
        stage = training.mining_stage("classifier", number)
        classifier = crop_network(config.classifier, config.classifier.crop_px)
        best = training.train_classifier(stage, own, mined, lambda _: dict(NO_VALIDATION), config)
        classifier.set_weights(best.get_weights())
        detector = training.detector(
            unseen.segmenter, classifier, Thresholds(segmenter=0.5, classifier=0.5)
        )
        result.append(Part(detector, judged))
    return result
