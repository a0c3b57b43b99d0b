"""All stages of a detector as one function of a field."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.savedmodel.graph.candidates import (
    atypical_scores,
    classifier_scores,
    find_candidates,
)
from mitokeras.export.savedmodel.graph.stain import normalized
from mitokeras.export.savedmodel.graph.tiles import Network, probability_map


def detect_function(
    spec: DetectorSpec, segment: Network, classify: Network, subtype: Network | None = None
) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """Build what `mitokeras.detector.FieldDetector.find` computes at the model's own spacing.

    Args:
        spec: Thresholds, sizes and stain policy.
        segment: Stage 1, takes tiles of `spec.tile_px`.
        classify: Stage 2, takes crops of `spec.crop_px`.
        subtype: Stage 3, takes such crops as well; None where there is none.

    Returns:
        A function, to be traced, from a field, RGB, uint8, (height, width, 3), any size, to all
        k candidates of stage 1, those that stage 2 rejected as well:
        `centroid_px` (x, y), float32, (k, 2); `area_px`, int32, (k,); `segmenter_score` and
        `classifier_score`, float32, (k,); `accepted`, bool, (k,); with a stage 3
        `atypical_score`, float32, (k,), NaN where a candidate is not accepted. It holds core
        TensorFlow operations only, beside those of the networks.

    Raises:
        ModelError: The stain policy is unknown or its reference malformed.
    """
    normalizer = spec.normalizer()

    def detect(image: tf.Tensor) -> dict[str, tf.Tensor]:
        if normalizer is not None:
            image = normalized(image, normalizer)
        probability = probability_map(image, segment, spec.tile_px, spec.halo_px, spec.tiling)
        found = find_candidates(probability, spec.segmenter_threshold, spec.min_area_px)
        scores = classifier_scores(image, found.xy, classify, spec.crop_px)
        accepted = scores >= spec.classifier_threshold
        outputs = {
            "centroid_px": tf.cast(found.xy, tf.float32),
            "area_px": found.area_px,
            "segmenter_score": found.peak,
            "classifier_score": scores,
            "accepted": accepted,
        }
        if subtype is not None:
            outputs["atypical_score"] = atypical_scores(
                image, found.xy, accepted, subtype, spec.crop_px
            )
        return outputs

    return detect
