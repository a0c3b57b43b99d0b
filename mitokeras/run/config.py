"""What a training run is made of, as frozen records with JSON in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveFloat, model_validator

from mitokeras.data.protocols import get_protocol
from mitokeras.data.sizes import TilePx, Tiling, check_halo
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError
from mitokeras.run.data_config import AugmentConfig, DataConfig, Fraction, SyntheticConfig
from mitokeras.run.stage_config import ClassifierConfig, SegmenterConfig, SubtyperConfig


def _known_protocol(name: str) -> str:
    try:
        return get_protocol(name).name
    except ConfigError as error:
        raise ValueError(str(error)) from error


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
