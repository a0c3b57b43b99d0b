"""Scores of a network in training: detection on whole validation fields, after each epoch."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from mitokeras.data.protocols import get_protocol
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import Candidates, classifier_scores
from mitokeras.detect.tiling import probability_map
from mitokeras.models.losses import CrossentropyTversky
from mitokeras.run.config import Config
from mitokeras.runners.keras import KerasRunner
from mitokeras.score.rates import rates
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.thresholds import (
    best_f1,
    candidates_at_thresholds,
    classifier_counts,
    segmenter_counts,
)
from mitokeras.train.epochs import Validate
from mitokeras.train.mining import is_figure
from mitokeras.train.networks import crop_network

NO_VALIDATION: dict[str, float | None] = dict.fromkeys(
    ("val_loss", "val_precision", "val_recall", "val_f1")
)


def segmenter_validation(
    fields: Sequence[StoredField], config: Config, tile_model: keras.Model
) -> Validate:
    """Scores of stage 1.

    Args:
        fields: Completely labelled validation fields.
        config: Configuration of the run.
        tile_model: The network for whole tiles, which takes the weights over.
    """
    detection = config.detection
    protocol = get_protocol(detection.protocol)
    runner = KerasRunner(tile_model)
    loss = CrossentropyTversky()

    def validate(model: keras.Model) -> dict[str, float | None]:
        if not fields:
            return NO_VALIDATION
        tile_model.set_weights(model.get_weights())
        losses, counts = [], []
        for field in fields:
            image, mask = field.pixels()
            probability = probability_map(
                image, runner, detection.tile_px, detection.halo_px, detection.tiling
            )
            losses.append(float(loss(mask.astype(np.float32), probability)))
            swept = candidates_at_thresholds(probability, detection.min_area_px)
            counts.append(segmenter_counts(ScoredField.of(field), swept, protocol))
        return _row(float(np.mean(losses)), np.sum(counts, axis=0))

    return validate


def classifier_validation(
    fields: Sequence[tuple[StoredField, Candidates]], config: Config
) -> Validate:
    """Scores of both stages.

    Args:
        fields: Completely labelled validation fields, each with stage 1's candidates.
        config: Configuration of the network.
    """
    crop_model = crop_network(config.classifier, config.classifier.crop_px)
    protocol = get_protocol(config.detection.protocol)
    runner = KerasRunner(crop_model)
    loss = keras.losses.BinaryCrossentropy()

    def validate(model: keras.Model) -> dict[str, float | None]:
        if not fields:
            return NO_VALIDATION
        crop_model.set_weights(model.get_weights())
        scores, labels, counts = [], [], []
        for field, found in fields:
            score = classifier_scores(field.image(), found.xy, runner, config.classifier.crop_px)
            scores.append(score)
            labels.append(is_figure(field, found.xy, protocol))
            counts.append(
                classifier_counts(ScoredField.of(field, found.judged(score, 0.5)), protocol)
            )
        label = np.concatenate(labels).astype(np.float32)
        value = float(loss(label[:, None], np.concatenate(scores)[:, None])) if len(label) else 0.0
        return _row(value, np.sum(counts, axis=0))

    return validate


def _row(loss: float, counts: np.ndarray) -> dict[str, float | None]:
    best = rates(counts[best_f1(counts)])
    names = ("val_precision", "val_recall", "val_f1")
    scores = {n: None if np.isnan(v) else float(v) for n, v in zip(names, best, strict=True)}
    return {"val_loss": loss, **scores}
