"""The networks of a configuration, in training and in the detector."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras

from mitokeras.errors import ConfigError, one_line
from mitokeras.models.classifiers import build_classifier
from mitokeras.models.ensembles import ensemble, of_centre
from mitokeras.models.flips import mean_over_flips
from mitokeras.models.saving import save_model
from mitokeras.models.segmenters import SEGMENTERS, build_segmenter
from mitokeras.models.segmenters.scmitosis import SegmenterPreset
from mitokeras.run.config import Config
from mitokeras.run.stage_config import ClassifierConfig, SubtyperConfig


def segmenter_network(config: Config, input_px: int) -> keras.Model:
    """Stage 1 for patches or tiles of one size, which looks at both as at the patches."""
    part = config.segmenter
    weights = None if part.weights == "none" else part.weights
    overrides = {} if part.width is None else {"width": part.width}
    if isinstance(SEGMENTERS.get(part.model), SegmenterPreset):
        overrides["window_px"] = part.patch_px
    return build_segmenter(part.model, input_px=input_px, weights=weights, **overrides)


def patch_network(part: ClassifierConfig | SubtyperConfig) -> keras.Model:
    """Stage 2 or 3 for training patches of `patch_px`, with first weights."""
    weights = None if part.weights == "none" else part.weights
    return _classifier(part, part.patch_px, weights)


def crop_network(part: ClassifierConfig | SubtyperConfig, crop_px: int) -> keras.Model:
    """Stage 2 or 3 for the crops of the detector."""
    own_px = part.crop_px or crop_px
    model = _classifier(part, own_px, None)
    if own_px < crop_px:
        model = of_centre(model, crop_px)
    return mean_over_flips(model) if part.flips else model


def _classifier(
    part: ClassifierConfig | SubtyperConfig, crop_px: int, weights: str | None
) -> keras.Model:
    def network(own_px: int) -> keras.Model:
        return build_classifier(part.model, input_px=part.input_px, crop_px=own_px, weights=weights)

    if isinstance(part, ClassifierConfig) and part.ensemble:
        return ensemble([network(member.crop_px) for member in part.ensemble], crop_px)
    return network(crop_px)


def check_networks(config: Config) -> None:
    """See before any work that all networks can be built.

    Raises:
        ConfigError: A name is unknown, or a size does not fit.
        ModelError: The weights that were asked for cannot be had.
    """
    check_segmenter(config)
    check_classifier(config)
    _check_own(config.subtyper.model, patch_network(config.subtyper))


def check_segmenter(config: Config) -> None:
    """Raises as `check_networks`; ConfigError also where a user's own network cannot be loaded."""
    _check_own(config.segmenter.model, segmenter_network(config, config.segmenter.patch_px))


def check_classifier(config: Config) -> None:
    """Raises as `check_segmenter`."""
    _check_own(config.classifier.model, patch_network(config.classifier))


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
