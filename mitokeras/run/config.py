"""What a training run is made of, as frozen records with JSON in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from mitokeras.data.protocols import get_protocol
from mitokeras.data.sizes import CropPx, TilePx, Tiling, check_halo
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError
from mitokeras.run.data_config import (
    AugmentConfig,
    DataConfig,
    Fraction,
    Range,
    Share,
    SyntheticConfig,
)


def _known_protocol(name: str) -> str:
    try:
        return get_protocol(name).name
    except ConfigError as error:
        raise ValueError(str(error)) from error


class ScheduleConfig(Record):
    """How long and how fast one stage learns, with AdamW.

    Attributes:
        batch: Patches a step, over all devices.
        steps_per_epoch: Steps between two validations.
        epochs: At most.
        patience: Epochs without a better validation score before training stops. Without effect
            where an average is kept.
        learning_rate: At its highest.
        weight_decay: AdamW's.
        decay: "constant", or "cosine" down to zero over all epochs.
        ema: Momentum of an exponential moving average of the weights, which is then what training
            gives, after its last epoch. 0 for none: the weights of the best epoch.
    """

    batch: PositiveInt = 16
    steps_per_epoch: PositiveInt = 100
    epochs: PositiveInt = 30
    patience: PositiveInt = 10
    learning_rate: PositiveFloat = 1e-3
    weight_decay: Share = 1e-2
    decay: Literal["constant", "cosine"] = "cosine"
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.0


class SegmenterMix(Record):
    """Share of each kind of patch in a batch.

    Attributes:
        figure: About a mitotic figure.
        lookalike: About a labelled look-alike; counts as random where none is labelled.
        random: Anywhere in completely labelled fields.
        sliding: All of their tissue in turn, by a sliding window.
    """

    figure: Annotated[float, Field(gt=0)] = 0.5
    lookalike: Share = 0.1
    random: Share = 0.15
    sliding: Share = 0.25


class ClassifierMix(Record):
    """Share of each kind of crop in a batch.

    Attributes:
        figure: About a mitotic figure, as labelled or as stage 1 found it.
        candidate: About a false candidate of stage 1.
        lookalike: About a labelled look-alike; counts as candidate where none is labelled.
        nucleus: About any dark nucleus.
        random: Anywhere.
    """

    figure: Annotated[float, Field(gt=0)] = 0.45
    candidate: Annotated[float, Field(gt=0)] = 0.35
    lookalike: Share = 0.15
    nucleus: Share = 0.0
    random: Share = 0.05


class SegmenterConfig(Record):
    """Stage 1.

    Attributes:
        model: A name of `mitokeras.models.segmenters.SEGMENTERS`, or "module:function" of one's
            own.
        width: Channels of the model's first level, instead of the preset's.
        weights: "none" for a random start, or "imagenet" where the model has a pre-trained encoder.
        patch_px: Edge of a training patch.
        overlap_px: Overlap of neighbouring sliding-window patches.
        unlabelled_weight: What a pixel of a field that is not completely labelled, away from its
            labelled objects, counts as background in the loss, beside 1 of a certain one.
        mix: Kinds of patches.
        schedule: Learning.
    """

    model: str = "edge"
    width: PositiveInt | None = None
    weights: Literal["none", "imagenet"] = "none"
    patch_px: TilePx = 256
    overlap_px: NonNegativeInt = 32
    unlabelled_weight: Annotated[float, Field(ge=0, lt=1)] = 0.0
    mix: SegmenterMix = SegmenterMix()
    schedule: ScheduleConfig = ScheduleConfig()

    @model_validator(mode="after")
    def _window_moves(self) -> SegmenterConfig:
        if self.overlap_px >= self.patch_px:
            raise ValueError("overlap_px must be less than patch_px")
        return self


class CropNetworkConfig(Record):
    """A network that looks at the square about one candidate.

    Attributes:
        model: A name of `mitokeras.models.classifiers.CLASSIFIERS`.
        weights: "none" for a random start, "imagenet", or the path of a weights file.
        input_px: The square is enlarged to it.
        flips: Whether the detector takes the mean over a candidate's four mirror images. It costs
            four times the work, and training is the same.
        schedule: Learning.
    """

    model: str = "edge"
    weights: str = "none"
    input_px: Annotated[int, Field(ge=32, multiple_of=8)] = 128
    flips: bool = False
    schedule: ScheduleConfig = ScheduleConfig()


class MemberConfig(Record):
    """One of several networks that are a classifier together.

    Attributes:
        crop_px: Edge of the centre of a crop, which is all that it sees.
        scale: Range of random enlargement in its training, in place of `augment.scale`.
    """

    crop_px: CropPx
    scale: Range


class ClassifierConfig(CropNetworkConfig):
    """Stage 2.

    Attributes:
        crop_px: Edge of the square about a candidate, of stage 3 as well.
        ensemble: Networks that are trained apart and judge together, by the mean of their logits.
            Empty for one that sees the whole crop.
        mining_threshold: Stage-1 threshold for training candidates, as a share of the chosen one;
            below 1 it yields more hard negatives than the detector itself would show.
        mining_folds: Parts of the training cases; the candidates of each are mined by a stage 1
            that is trained, for half as long, on the others. 0: by the run's own, which has seen
            them.
        mining_stains: Times that each training field is mined again in the stains of another.
        mix: Kinds of crops.
    """

    crop_px: CropPx = 64
    ensemble: Annotated[tuple[MemberConfig, ...], Field(strict=False)] = ()
    mining_threshold: Fraction = 0.5
    mining_folds: NonNegativeInt = 0
    mining_stains: NonNegativeInt = 0
    mix: ClassifierMix = ClassifierMix()

    @model_validator(mode="after")
    def _members_fit(self) -> ClassifierConfig:
        if self.ensemble and ":" in self.model:
            raise ValueError("ensemble must be empty with a network of one's own")
        if any(member.crop_px > self.crop_px for member in self.ensemble):
            raise ValueError("ensemble must see no more than crop_px")
        return self

    @property
    def patch_px(self) -> int:
        """Edge of a training patch: an ensemble that learns as one enlarges for itself."""
        return self.crop_px if self.ensemble else self.input_px


class SubtyperConfig(CropNetworkConfig):
    """Stage 3, which is trained where the labels tell atypical mitotic figures from normal ones.

    Attributes:
        crop_px: Edge of the centre of a crop, which is all that it sees; None for the whole.
        atypical: Share of atypical figures in a batch.
    """

    crop_px: CropPx | None = None
    atypical: Annotated[float, Field(gt=0, lt=1)] = 0.5

    @property
    def patch_px(self) -> int:
        """Edge of a training patch."""
        return self.input_px


class DetectionConfig(Record):
    """How the detector runs and is scored.

    Attributes:
        protocol: A name of `mitokeras.data.protocols.PROTOCOLS`.
        tile_px: Edge of the segmenter's input.
        halo_px: Context on each side of a tile that is thrown away.
        tiling: "halo", or "windows" for the mean of windows of `tile_px` over a field in one piece;
            slides go in tiles with a halo.
        min_area_px: A candidate is larger.
        recall: What stage 1 is to reach on validation; its threshold is the highest that does.
        false_per_mm2: What stage 2's threshold is chosen for: as many figures as can be found with
            no more false ones than that in a mm2 of completely labelled tissue. None for the best
            F1, which depends on how many figures the validation fields happen to have.
    """

    protocol: Annotated[str, AfterValidator(_known_protocol)] = "midog"
    tile_px: TilePx = 592
    halo_px: NonNegativeInt = 32
    tiling: Tiling = "halo"
    min_area_px: NonNegativeInt = 100
    recall: Fraction = 0.95
    false_per_mm2: PositiveFloat | None = 5.0

    @model_validator(mode="after")
    def _core_is_left(self) -> DetectionConfig:
        check_halo(self.tile_px, self.halo_px)
        return self


class Config(Record):
    """A whole run.

    Attributes:
        seed: Seed of everything random.
        synthetic: Fields to draw when no data set is given.
        data: Reading and splitting.
        augment: Random changes, of both stages.
        segmenter: Stage 1.
        classifier: Stage 2.
        subtyper: Stage 3.
        detection: Running and scoring.
    """

    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    synthetic: SyntheticConfig = SyntheticConfig()
    data: DataConfig = DataConfig()
    augment: AugmentConfig = AugmentConfig()
    segmenter: SegmenterConfig = SegmenterConfig()
    classifier: ClassifierConfig = ClassifierConfig()
    subtyper: SubtyperConfig = SubtyperConfig()
    detection: DetectionConfig = DetectionConfig()

    @model_validator(mode="after")
    def _subtyper_sees_crops(self) -> Config:
        if (self.subtyper.crop_px or 0) > self.classifier.crop_px:
            raise ValueError("subtyper.crop_px must be no more than classifier.crop_px")
        return self

    @property
    def members(self) -> list[Config]:
        """Configurations of one network of stage 2 each, which are trained apart."""
        whole = self.classifier
        return [
            self.changed(
                augment=self.augment.changed(scale=own.scale),
                classifier=whole.changed(crop_px=own.crop_px, ensemble=()),
                subtyper=self.subtyper.changed(crop_px=None),
            )
            for own in whole.ensemble
        ] or [self]

    def updated(self, changes: dict[str, Any]) -> Config:
        """A copy with some values replaced.

        Args:
            changes: Nested as in `to_json`; keys that are left out keep their value.

        Raises:
            ConfigError: An unknown key (it names the known ones), a wrong type, or a value out
                of range.
        """
        return parse(Config, _overlaid(self.to_json(), changes))


def read_config(path: Path, base: Config) -> Config:
    """Lay a JSON file over a configuration.

    Raises:
        ConfigError: The file is not a JSON object, or `Config.updated` refuses it.
    """
    try:
        changes = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not a JSON file: {error}") from error
    if not isinstance(changes, dict):
        raise ConfigError(f"{path}: must hold a JSON object. Received: {type(changes).__name__}")
    try:
        return base.updated(changes)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _overlaid(old: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    result = dict(old)
    for key, value in changes.items():
        nested = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _overlaid(result[key], value) if nested else value
    return result
