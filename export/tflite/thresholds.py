"""The thresholds of a quantised artefact, chosen for it as the run's were for the Keras models."""

from __future__ import annotations

import logging

from mitokeras.data.protocols import get_protocol
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.source import Source
from mitokeras.score.thresholds import (
    SEGMENTER_THRESHOLDS,
    candidates_at_thresholds,
    choose_classifier_threshold,
    choose_segmenter_threshold,
)
from mitokeras.train.prepare import truth_of

logger = logging.getLogger(__name__)


def rechosen(source: Source, artefact: FieldDetector) -> DetectorSpec:
    """Choose both thresholds anew on the run's validation fields.

    A run without any keeps its thresholds: its cross-validation has chosen them.

    Quantisation shifts probabilities, most where they are neither near 0 nor near 1, so a threshold
    of the Keras models is not the one that their rule would pick here.

    Args:
        source: The run.
        artefact: Runs the quantised networks.

    Returns:
        The artefact's spec with the new thresholds.
    """
    spec, store = artefact.spec, source.store
    # What is not completely labelled knows no false positives.
    indices = [i for i in source.fields_of("validation") if store.fields[i].complete]
    if not indices:
        return spec
    logger.info("choosing its thresholds on the validation fields")
    protocol = get_protocol(spec.protocol)
    swept = {
        index: candidates_at_thresholds(artefact.probability(store.image(index)), spec.min_area_px)
        for index in indices
    }
    chosen, _ = choose_segmenter_threshold(
        ((truth_of(store, index), found) for index, found in swept.items()),
        protocol,
        source.run.settings.config.detection.recall,
    )
    threshold = choose_classifier_threshold(
        [
            truth_of(store, index, artefact.judge(store.image(index), found[chosen]))
            for index, found in swept.items()
        ],
        protocol,
    )
    return spec.model_copy(
        update={
            "segmenter_threshold": float(SEGMENTER_THRESHOLDS[chosen]),
            "classifier_threshold": threshold,
            "thresholds_chosen": f"{spec.thresholds_chosen}; anew for the quantised networks",
        }
    )
