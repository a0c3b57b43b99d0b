"""Named training configurations."""

from __future__ import annotations

from mitokeras.errors import ConfigError
from mitokeras.run.config import Config, DetectionConfig
from mitokeras.run.data_config import AugmentConfig, DataConfig, SyntheticConfig
from mitokeras.run.stage_config import (
    ClassifierConfig,
    ClassifierMix,
    ScheduleConfig,
    SegmenterConfig,
    SubtyperConfig,
)

QUICK = Config(
    synthetic=SyntheticConfig(fields=16, field_px=768, cases=8),
    segmenter=SegmenterConfig(
        model="tiny",
        patch_px=128,
        schedule=ScheduleConfig(
            batch=8, steps_per_epoch=60, epochs=4, patience=4, learning_rate=4e-3
        ),
    ),
    classifier=ClassifierConfig(
        schedule=ScheduleConfig(
            batch=16, steps_per_epoch=40, epochs=4, patience=4, learning_rate=2e-3
        ),
    ),
    subtyper=SubtyperConfig(
        schedule=ScheduleConfig(
            batch=16, steps_per_epoch=40, epochs=4, patience=4, learning_rate=2e-3
        ),
    ),
    detection=DetectionConfig(tile_px=448),
)
"""A first look within minutes on two cores and no GPU: narrow networks, few steps, and
tiles of which four without their halo are a drawn field."""

EDGE = Config(
    segmenter=SegmenterConfig(
        model="lite0",
        weights="imagenet",
        patch_px=128,
        schedule=ScheduleConfig(batch=16, steps_per_epoch=80, epochs=10, ema=0.99),
    ),
    classifier=ClassifierConfig(
        model="lite0",
        weights="imagenet",
        input_px=96,
        flips=True,
        mining_folds=2,
        mix=ClassifierMix(figure=0.4, candidate=0.35, lookalike=0.1, nucleus=0.1, random=0.05),
        schedule=ScheduleConfig(batch=32, steps_per_epoch=50, epochs=10, ema=0.99),
    ),
    subtyper=SubtyperConfig(
        model="lite0",
        weights="imagenet",
        input_px=96,
        flips=True,
        schedule=ScheduleConfig(batch=32, steps_per_epoch=50, epochs=12, ema=0.99),
    ),
    augment=AugmentConfig(stain=0.15),
    detection=DetectionConfig(tile_px=512, halo_px=64),
)
"""The networks of the model that ships, from their ImageNet weights, for workstations without a
GPU; stain augmentation instead of normalisation. On two cores the schedule took 17 minutes for 20
fields, and 3.4 GB; more than some tens of fields deserve more epochs."""

PAPER = Config(
    data=DataConfig(stain="macenko"),
    augment=AugmentConfig(stain=0.0),
    segmenter=SegmenterConfig(
        model="paper",
        schedule=ScheduleConfig(
            batch=16,
            steps_per_epoch=500,
            epochs=100,
            patience=20,
            learning_rate=1e-4,
            weight_decay=0.1,
            decay="constant",
        ),
    ),
    classifier=ClassifierConfig(
        model="resnet34",
        weights="imagenet",
        schedule=ScheduleConfig(
            batch=16,
            steps_per_epoch=500,
            epochs=50,
            patience=10,
            learning_rate=1e-4,
            weight_decay=0.1,
            decay="constant",
        ),
    ),
    subtyper=SubtyperConfig(
        model="resnet34",
        weights="imagenet",
        schedule=ScheduleConfig(
            batch=16,
            steps_per_epoch=200,
            epochs=20,
            learning_rate=1e-4,
            weight_decay=0.1,
            decay="constant",
        ),
    ),
    detection=DetectionConfig(
        protocol="scmitosis", tile_px=2048, tiling="windows", false_per_mm2=None
    ),
)
"""SCMitosis (arXiv 2212.13401): Macenko normalisation, AdamW at 1e-4 with decay 0.1, batch 16,
ResNet34 pre-trained on ImageNet, averaged windows of 2048 px, hits within 20 px. The paper leaves
open whether its decay is AdamW's weight decay (taken here) or the learning rate's, and how long it
trained."""

FINE_TUNING = {
    "steps_per_epoch": 40,
    "epochs": 10,
    "learning_rate": 1e-4,
    "decay": "cosine",
    "ema": 0.98,
}
"""Schedule of the stages that start from trained weights on some tens to hundreds of fields: 400
steps, and a tenth of the rate of the edge preset, so that what the start has learned from more
laboratories than one is bent and not replaced. The average over the last steps takes the place of
the best epoch, which few validation fields would choose by chance."""

PRESETS = {"quick": QUICK, "edge": EDGE, "paper": PAPER}


def get_preset(name: str) -> Config:
    """Look a preset up.

    Raises:
        ConfigError: There is none of that name.
    """
    if name not in PRESETS:
        raise ConfigError(f"preset must be one of {', '.join(PRESETS)}. Received: {name}")
    return PRESETS[name]


def fine_tuning(start: Config) -> Config:
    """The configuration of a run that goes on from the weights of another.

    Networks, patches, tiles, random changes, spacing and stain stay as the weights know them.

    Args:
        start: Configuration of the other run. What it says of its own data sets, which are not
            there, and of its first weights is dropped, its schedules are `FINE_TUNING`, and
            the fields are parted in two: each half is judged by networks of the other.
    """
    own = DataConfig()
    dropped = ("sources", "weights_license", "test_cases", "validation_cases")
    data = start.data.changed(**{name: getattr(own, name) for name in dropped})
    stage = {"weights": "none", "schedule": FINE_TUNING}
    halves = {**stage, "mining_folds": 2}
    changes = {"segmenter": stage, "classifier": halves, "subtyper": stage}
    return start.changed(data=data).updated(changes)
