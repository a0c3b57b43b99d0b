"""What a model card is written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mitokeras.counting.atypical import Subtype
from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.parity.record import Parity
from mitokeras.run.record import RunRecord
from mitokeras.score.crossvalidation import CrossValidation
from mitokeras.score.scores import Metrics
from mitokeras.score.subtypes import LEAST_FIGURES

FORMAT_NAMES = {"tflite": "TFLite", "onnx": "ONNX", "savedmodel": "SavedModel"}


@dataclass(frozen=True, eq=False)
class CardFacts:
    """What a model card is written from.

    Attributes:
        spec: Content of the bundle's `detector.json`.
        metrics: Content of the run's `metrics.json`.
        record: Content of the run's `run.json`.
        parity: Content of the bundle's `parity.json`.
        files: Name inside the bundle, bytes and SHA-256 of each file.
        train_figures: Number of mitotic figures in the training fields.
        train_subtypes: How many of them of each subtype stage 3 can learn from: those of data sets
            that have both.
        crossvalidation: Scores of the recipe, where there are some.
        notes: Sections in Markdown that somebody wrote.
    """

    spec: DetectorSpec
    metrics: Metrics
    record: RunRecord
    parity: Parity
    files: Sequence[tuple[str, int, str]]
    train_figures: int
    train_subtypes: Mapping[Subtype, int]
    crossvalidation: CrossValidation | None = None
    notes: str = ""

    @property
    def title(self) -> str:
        """Preset, format and quantisation."""
        parity = self.parity
        quantized = "" if parity.quantize == "none" else f" {parity.quantize}"
        name = FORMAT_NAMES[parity.format]
        return f"mitokeras {self.record.settings.preset}, {name}{quantized}"

    @property
    def subtyper_is_kept(self) -> bool:
        """Whether stage 3 is that of the start, as it `can_learn` nothing from these figures."""
        fewest = min(self.train_subtypes.values())
        return self.record.settings.start is not None and fewest < LEAST_FIGURES

    @property
    def dataset(self) -> str:
        """Names of the data sets' folders, without their places."""
        settings = self.record.settings
        if settings.is_synthetic:
            return "synthetic fields of mitokeras"
        return ", ".join(settings.datasets)
