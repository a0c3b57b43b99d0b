"""The finished run that is exported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from mitokeras.crossvalidation.scoring import CrossValidation
from mitokeras.data.store import Store
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec, read_spec
from mitokeras.disk.files import read_json
from mitokeras.errors import DataError, ModelError
from mitokeras.export.crossvalidation import (
    CrossValidationScores,
    read_crossvalidation,
    scores_of,
)
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.runners.runner import Role
from mitokeras.score.evaluation import STAGES


@dataclass(frozen=True, eq=False)
class Source:
    """A finished run with its networks loaded.

    Attributes:
        run: Its folder and settings.
        spec: Of its detector.
        segmenter: Stage 1, takes tiles.
        classifier: Stage 2, takes crops.
        store: Its training material.
        metrics: Content of `metrics.json`.
        record: Content of `run.json`.
        crossvalidation: Of its recipe, where there was one; then there are no validation fields.
    """

    run: RunFolder
    spec: DetectorSpec
    segmenter: keras.Model
    classifier: keras.Model
    store: Store
    metrics: dict[str, Any]
    record: dict[str, Any]
    crossvalidation: CrossValidationScores | None

    def with_folds(self, folds: CrossValidation, quantize: str) -> Source:
        """With the thresholds of exported folds, and their scores beside those of the networks."""
        spec = self.spec.model_copy(
            update={
                "segmenter_threshold": folds.thresholds.segmenter,
                "classifier_threshold": folds.thresholds.classifier,
                "thresholds_chosen": f"{self.spec.thresholds_chosen}; anew for {quantize}",
            }
        )
        own = scores_of(folds.as_json())
        before = {} if self.crossvalidation is None else self.crossvalidation.sources
        after = {f"{name}, {quantize}": scores for name, scores in own.sources.items()}
        scores = own.model_copy(update={"sources": {**before, **after}})
        return replace(self, spec=spec, crossvalidation=scores)

    def detector(self) -> FieldDetector:
        """The Keras detector, which each artefact is held against."""
        return FieldDetector(self.spec, KerasRunner(self.segmenter), KerasRunner(self.classifier))

    def network(self, role: Role) -> keras.Model:
        return self.segmenter if role == "segmenter" else self.classifier

    def learned(self) -> list[str]:
        """SHA-256 of each image that the run trained or validated on."""
        return sorted(f["sha256"] for f in self.record["fields"] if f["split"] != "test")

    def fields_of(self, split: str) -> list[int]:
        """Indices in the store of the fields of a split."""
        return [i for i, field in enumerate(self.record["fields"]) if field["split"] == split]


@contextmanager
def open_run(folder: Path) -> Iterator[Source]:
    """Open a finished run for export.

    Raises:
        ModelError: The folder is not a finished run of Keras models, or incomplete, or a model
            file has another hash than detector.json states.
        DataError: The store is damaged or of other data than the run.
    """
    spec = read_spec(folder)
    for model in spec.models.values():
        if not model.file.endswith(".keras"):
            raise ModelError(f"{folder}: must be a run. Received: a bundle with {model.file}")
    run = RunFolder.open(folder)
    for path in (run.run_file, run.metrics_file, run.store_file):
        if not path.is_file():
            raise ModelError(f"{path}: missing; an export needs the whole run folder")
    metrics, record = run.read_metrics(), read_json(run.run_file)
    _check_written(run, metrics, record)
    crossvalidation = read_crossvalidation(folder)
    with Store(run.store_file) as store:
        if store.data_sha256 != spec.data_sha256:
            raise DataError(f"{run.store_file}: is not the store that the run was trained on")
        if len(record["fields"]) != len(store.fields):
            raise ModelError(
                f"{run.run_file}: must list the {len(store.fields)} fields of the store"
            )
        yield Source(
            run=run,
            spec=spec,
            segmenter=load_model(folder / spec.models["segmenter"].file),
            classifier=load_model(folder / spec.models["classifier"].file),
            store=store,
            metrics=metrics,
            record=record,
            crossvalidation=crossvalidation,
        )


def _check_written(run: RunFolder, metrics: Any, record: Any) -> None:
    """See that both files have what an export reads, before any work."""
    try:
        for split in ("validation", "test"):
            report = metrics[split]
            for stage in STAGES if report is not None else ():
                _ = report[stage]["f1"]
    except (KeyError, TypeError) as error:
        raise ModelError(f"{run.metrics_file}: not as `mitokeras fit` writes it") from error
    try:
        splits = [(field["sha256"], field["split"]) for field in record["fields"]]
        _ = record["notes"], record["stages"], record["environment"]
    except (KeyError, TypeError) as error:
        raise ModelError(f"{run.run_file}: not as `mitokeras fit` writes it") from error
    validated = any(split == "validation" for _, split in splits)
    if validated != (metrics["validation"] is not None):
        raise ModelError(f"{run.run_file}: must name the validation fields of {run.metrics_file}")
