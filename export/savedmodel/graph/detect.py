"""Both stages of a detector as one function of a field."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.savedmodel.graph.candidates import classifier_scores, find_candidates
from mitokeras.export.savedmodel.graph.stain import normalized
from mitokeras.export.savedmodel.graph.tiles import Network, probability_map


def detect_function(
    spec: DetectorSpec, segment: Network, classify: Network
) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """Build what `mitokeras.detector.FieldDetector.find` computes at the model's own spacing.

    Args:
        spec: Thresholds, sizes and stain policy.
        segment: Stage 1, takes tiles of `spec.tile_px`.
        classify: Stage 2, takes crops of `spec.crop_px`.

    Returns:
        A function, to be traced, from a field, RGB, uint8, (height, width, 3), any size, to all
        k candidates of stage 1, those that stage 2 rejected as well:
        `centroid_px` (x, y), float32, (k, 2); `area_px`, int32, (k,); `segmenter_score` and
        `classifier_score`, float32, (k,); `accepted`, bool, (k,). It holds core TensorFlow
        operations only, beside those of the two networks.

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
        return {
            "centroid_px": tf.cast(found.xy, tf.float32),
            "area_px": found.area_px,
            "segmenter_score": found.peak,
            "classifier_score": scores,
            "accepted": scores >= spec.classifier_threshold,
        }

    return detect
