"""What each stage of a run is: its network, what it learns from, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from mitokeras.data.sizes import CropPx, TilePx
from mitokeras.disk.records import Record
from mitokeras.run.data_config import Fraction, Range, Share


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
