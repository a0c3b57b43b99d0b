"""Training each stage, with detection on whole validation fields as its score."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store
from mitokeras.detect.candidates import classifier_scores
from mitokeras.detect.tiling import probability_map
from mitokeras.errors import ConfigError, one_line
from mitokeras.models import build_classifier, build_segmenter, mean_over_flips
from mitokeras.models.losses import CrossentropyTversky
from mitokeras.models.saving import save_model
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner
from mitokeras.score.evaluation import rates
from mitokeras.score.thresholds import (
    best_f1,
    candidates_at_thresholds,
    classifier_counts,
    segmenter_counts,
)
from mitokeras.train.batches.samplers import classifier_sampler, segmenter_sampler
from mitokeras.train.devices import fastest_precision
from mitokeras.train.epochs import StageTraining, Validate
from mitokeras.train.mining import Mined, is_figure
from mitokeras.train.prepare import RunData, truth_of

_NO_VALIDATION: dict[str, float | None] = dict.fromkeys(
    ("val_loss", "val_precision", "val_recall", "val_f1")
)


def check_models(config: Config) -> None:
    """See before any work that both networks can be built.

    Raises:
        ConfigError: A name is unknown, or a size does not fit.
        ModelError: The weights that were asked for cannot be had.
    """
    check_segmenter(config)
    check_classifier(config)


def check_segmenter(config: Config) -> None:
    """Raises as `check_models`; ConfigError also where a user's own network cannot be loaded."""
    model = _segmenter(config, config.segmenter.patch_px)
    _check_own(config.segmenter.model, model)


def check_classifier(config: Config) -> None:
    """Raises as `check_segmenter`."""
    _check_own(config.classifier.model, _training_classifier(config))


def _check_own(name: str, model: keras.Model) -> None:
    """See that a user's own network loads again as it is saved, before it is trained."""
    if ":" not in name:
        return
    with tempfile.TemporaryDirectory() as folder:
        save_model(model, Path(folder) / "model.keras")
        try:
            keras.saving.load_model(Path(folder) / "model.keras", compile=False, safe_mode=True)
        except Exception as error:  # Keras raises many kinds
            raise ConfigError(
                f"{name} must load again as it is saved: register its "
                f"own layers, without Lambda: {one_line(error)[:200]}"
            ) from error


def train_segmenter(run: RunFolder, store: Store, data: RunData, strategy: Any) -> keras.Model:
    """Train stage 1.

    Returns:
        The best weights in a network of `detection.tile_px`, float32.
    """
    config = run.settings.config
    training = StageTraining("segmenter", run.checkpoints, config.segmenter.schedule, strategy)
    tile_model = _segmenter(config, config.detection.tile_px)

    def build() -> keras.Model:
        # Here, so that a resumed run starts this stage as an undisturbed one does.
        keras.utils.set_random_seed(config.seed)
        return _segmenter(config, config.segmenter.patch_px)

    with fastest_precision():
        training.run(
            build,
            CrossentropyTversky(unlabelled_weight=config.segmenter.unlabelled_weight),
            segmenter_sampler(store, data.of("train"), config),
            _segmenter_validation(store, data.complete("validation"), config, tile_model),
        )
    _take_best(training, tile_model)
    return tile_model


def train_classifier(
    run: RunFolder, store: Store, data: RunData, mined: Mined, strategy: Any
) -> keras.Model:
    """Train stage 2.

    Returns:
        The best weights in a network that takes the crops as they are cut, float32.
    """
    config = run.settings.config
    training = StageTraining("classifier", run.checkpoints, config.classifier.schedule, strategy)
    part = config.classifier
    crop_model = build_classifier(part.model, input_px=part.input_px, crop_px=part.crop_px)
    if part.flips:
        crop_model = mean_over_flips(crop_model)

    def build() -> keras.Model:
        keras.utils.set_random_seed(config.seed)
        return _training_classifier(config)

    with fastest_precision():
        training.run(
            build,
            keras.losses.BinaryCrossentropy(),
            classifier_sampler(store, data.of("train"), mined.places(store, config), config),
            _classifier_validation(store, mined, config, crop_model),
        )
    _take_best(training, crop_model)
    return crop_model


def _segmenter(config: Config, input_px: int) -> keras.Model:
    part = config.segmenter
    width = {} if part.width is None else {"width": part.width}
    return build_segmenter(part.model, input_px=input_px, **width)


def _training_classifier(config: Config) -> keras.Model:
    """Stage 2's network for patches that the augmentation has enlarged already."""
    part = config.classifier
    weights = None if part.weights == "none" else part.weights
    return build_classifier(part.model, input_px=part.input_px, weights=weights)


def _take_best(training: StageTraining, model: keras.Model) -> None:
    best = keras.saving.load_model(training.best_file, compile=False, safe_mode=True)
    model.set_weights(best.get_weights())


def _segmenter_validation(
    store: Store, fields: list[int], config: Config, tile_model: keras.Model
) -> Validate:
    detection = config.detection
    protocol = get_protocol(detection.protocol)
    runner = KerasRunner(tile_model)
    loss = CrossentropyTversky()

    def validate(model: keras.Model) -> dict[str, float | None]:
        if not fields:
            return _NO_VALIDATION
        tile_model.set_weights(model.get_weights())
        losses, counts = [], []
        for index in fields:
            image, mask = store.field(index)
            probability = probability_map(image, runner, detection.tile_px, detection.halo_px)
            losses.append(float(loss(mask.astype(np.float32), probability)))
            swept = candidates_at_thresholds(probability, detection.min_area_px)
            counts.append(segmenter_counts(truth_of(store, index), swept, protocol))
        return _validation_row(float(np.mean(losses)), np.sum(counts, axis=0))

    return validate


def _classifier_validation(
    store: Store, mined: Mined, config: Config, crop_model: keras.Model
) -> Validate:
    protocol = get_protocol(config.detection.protocol)
    runner = KerasRunner(crop_model)
    loss = keras.losses.BinaryCrossentropy()

    def validate(model: keras.Model) -> dict[str, float | None]:
        if not mined.validation:
            return _NO_VALIDATION
        crop_model.set_weights(model.get_weights())
        scores, labels, counts = [], [], []
        for index, found in mined.validation.items():
            score = classifier_scores(
                store.image(index), found.xy, runner, config.classifier.crop_px
            )
            scores.append(score)
            labels.append(is_figure(store, index, found.xy, protocol))
            judged = found.judged(score, 0.5)
            counts.append(classifier_counts(truth_of(store, index, judged), protocol))
        label = np.concatenate(labels).astype(np.float32)
        value = float(loss(label[:, None], np.concatenate(scores)[:, None])) if len(label) else 0.0
        return _validation_row(value, np.sum(counts, axis=0))

    return validate


def _validation_row(loss: float, counts: np.ndarray) -> dict[str, float | None]:
    best = rates(counts[best_f1(counts)])
    names = ("val_precision", "val_recall", "val_f1")
    scores = {n: None if np.isnan(v) else float(v) for n, v in zip(names, best, strict=True)}
    return {"val_loss": loss, **scores}
