"""What a run was asked for, and what it says of itself when it is finished: `run.json`."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from mitokeras import __version__
from mitokeras.data.fields import Split
from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, ModelError
from mitokeras.run.config import Config
from mitokeras.run.start import StartRecord

RUN_FILE = "run.json"

FirstWeights = Literal["none", "imagenet", "file"]

FREE_WEIGHTS = ("lite0", "imagenet")
"""Network and weights whose licence is known: EfficientNet-Lite0's are Apache-2.0, and the only
ones that a segmenter can start from."""


class DataSource(NamedTuple):
    """One data set of a mixture.

    Attributes:
        name: Name of its folder.
        share: Share of the weights of all data sets, 0 to 1.
        license: As its publisher states it; empty where the configuration does not say.
        attribution: Whom to name; empty likewise.
    """

    name: str
    share: float
    license: str
    attribution: str


class RunSettings(Record):
    """What was asked for, enough to go on with a killed run.

    Attributes:
        version: Version of mitokeras.
        data: Folders of the data sets, absolute; none for synthetic fields alone.
        layout: Layout that the user named, or None.
        spacing_um_px: Spacing that the user named, or None.
        preset: Name of the preset that the configuration started from.
        config: The complete configuration.
        start: The trained model whose weights the networks start from, or None.
    """

    version: str = __version__
    data: Annotated[tuple[str, ...], Field(strict=False)] = ()
    layout: str | None = None
    spacing_um_px: float | None = None
    preset: str
    config: Config
    start: StartRecord | None = None

    @property
    def is_synthetic(self) -> bool:
        """Whether a run sees drawn fields only."""
        return not self.data

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of the data sets' folders, without their places."""
        return tuple(map(_name, self.config.data.sources or self.data))

    @property
    def sources(self) -> tuple[DataSource, ...]:
        """The data sets of a mixture; none of a run on one data set."""
        listed = self.config.data.sources
        whole = sum(source.weight for source in listed.values())
        return tuple(
            DataSource(_name(folder), own.weight / whole, own.license, own.attribution)
            for folder, own in listed.items()
        )

    @property
    def first_weights(self) -> dict[str, FirstWeights]:
        """What "segmenter" and "classifier" started from, where nothing was fine-tuned."""
        own = self.config.classifier.weights
        classifier: FirstWeights = "imagenet" if own == "imagenet" else "file"
        return {
            "segmenter": self.config.segmenter.weights,
            "classifier": "none" if own == "none" else classifier,
        }

    @property
    def licence(self) -> str | None:
        """SPDX id of the licence of the weights, or None where it is to be stated.

        It is what the configuration states as `data.weights_license`; without that, it is known
        only where nobody else has a say in it.
        """
        at_random = set(self.first_weights.values()) == {"none"}
        free = self.is_synthetic and at_random and self.start is None
        return self.config.data.weights_license or ("Apache-2.0" if free else None)

    @property
    def unstated_licences(self) -> list[str]:
        """What the licence of the weights depends on and whose own licence nothing states."""
        sources = self.sources
        unstated = [f"the data set {source.name}" for source in sources if not source.license]
        if not sources and not self.is_synthetic:
            unstated.append("the training data")
        for role in ("classifier", "subtyper"):
            own = getattr(self.config, role)
            if own.weights != "none" and (own.model, own.weights) != FREE_WEIGHTS:
                unstated.append(f"the {role}'s first weights")
        origins = self.start.origins if self.start else ()
        return [*unstated, *(origin.name for origin in origins if not origin.license)]


class StageRecord(Record):
    """How one of the two networks was trained.

    Attributes:
        model: Name of the architecture.
        parameters: Number of weights.
        epochs: Epochs trained.
        best_epoch: The epoch whose weights were kept.
        seconds: Time spent on training.
    """

    model: str
    parameters: int
    epochs: int
    best_epoch: int
    seconds: float


class FieldRecord(Record):
    """A field of the run's store.

    Attributes:
        image: Name of the image file.
        sha256: Hash of the image file.
        case: The patient or slide.
        split: What the run used it for.
    """

    image: str
    sha256: str
    case: str
    split: Split


class RunRecord(Record):
    """Content of `run.json`.

    Attributes:
        settings: What was asked for.
        environment: Versions of what computed the run, and the hardware.
        data_sha256: Hash of the store.
        notes: One line each on what was missing, assumed or passed over in the data.
        stages: By "segmenter" and "classifier".
        fields: All fields, in the order of the store.
        learned_before: SHA-256 of each image that the start of a fine-tuning has learned from.
    """

    settings: RunSettings
    environment: dict[str, str]
    data_sha256: str
    notes: Annotated[tuple[str, ...], Field(strict=False)]
    stages: dict[str, StageRecord]
    fields: Annotated[tuple[FieldRecord, ...], Field(strict=False)]
    learned_before: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @property
    def learned(self) -> set[str]:
        """SHA-256 of each image that the run, or its start, trained or validated on."""
        own = {field.sha256 for field in self.fields if field.split != "test"}
        return own.union(self.learned_before)

    def of(self, split: Split) -> list[int]:
        """Indices of the fields of a split."""
        return [index for index, field in enumerate(self.fields) if field.split == split]


def read_record(folder: Path) -> RunRecord:
    """Read the `run.json` of a finished run.

    Raises:
        ModelError: It is missing, or not as `mitokeras fit` writes it.
    """
    path = folder / RUN_FILE
    try:
        record: RunRecord = parse(RunRecord, read_json(path))
    except ConfigError as error:
        raise ModelError(f"{path}: not as `mitokeras fit` writes it: {error}") from error
    return record


def _name(folder: str) -> str:
    """Name of a folder. A Windows path splits at both kinds of slashes."""
    return PureWindowsPath(folder).name or "unnamed"
