"""The finished run that is exported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from mitokeras.data.fields import Split
from mitokeras.data.known_tissue import KnownTissue
from mitokeras.data.stain_range import StainRange
from mitokeras.data.store import Store
from mitokeras.data.stored_field import StoredField, tissue_of
from mitokeras.detect.candidates import Classifier
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.learned import read_learned
from mitokeras.detect.spec import DetectorSpec, read_spec
from mitokeras.errors import DataError, ModelError
from mitokeras.run.folder import RunFolder
from mitokeras.run.record import RunRecord, read_record
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.runners.runner import Role
from mitokeras.score.crossvalidation import CrossValidation, read_crossvalidation
from mitokeras.score.folds import FoldScores
from mitokeras.score.scores import Metrics, read_metrics
from mitokeras.score.subtypes import JudgedFigures
from mitokeras.train.subtyping import judge_figures


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """A finished run with its networks loaded.

    Attributes:
        record: Content of `run.json`.
        metrics: Content of `metrics.json`.
        spec: Content of `detector.json`.
        networks: Those of `spec`, by their role.
        store: Its training material.
        tissue: What it has learned from.
        stains: The range of the stains of that, where it is known.
        crossvalidation: Scores of its recipe, where there are some; then there are no validation
            fields.
    """

    record: RunRecord
    metrics: Metrics
    spec: DetectorSpec
    networks: dict[Role, keras.Model]
    store: Store
    tissue: KnownTissue
    stains: StainRange | None
    crossvalidation: CrossValidation | None

    def with_folds(self, folds: FoldScores, quantize: str) -> TrainedRun:
        """With the thresholds of exported folds, and their scores beside those of the networks."""
        spec = self.spec.at(folds.thresholds, f"{self.spec.thresholds_chosen}; anew for {quantize}")
        before = {} if self.crossvalidation is None else self.crossvalidation.sources
        after = {f"{name}, {quantize}": own for name, own in folds.result.sources.items()}
        scores = folds.result.changed(sources={**before, **after})
        if folds.subtyping is not None:
            spec = spec.changed(subtyping=folds.subtyping.subtyping)
        return replace(self, spec=spec, crossvalidation=scores)

    def at_old_thresholds(self, quantize: str) -> TrainedRun:
        """With word that its thresholds are not those of the quantised networks."""
        chosen = f"{self.spec.thresholds_chosen}; not chosen anew for {quantize}"
        return replace(self, spec=self.spec.at(self.spec.thresholds, chosen))

    def detector(self) -> FieldDetector:
        """The Keras detector, which each artefact is held against."""
        run = {role: KerasRunner(network) for role, network in self.networks.items()}
        subtyper = run.get("subtyper")
        return FieldDetector(self.spec, run["segmenter"], run["classifier"], subtyper=subtyper)

    def fields(self, split: Split) -> list[StoredField]:
        """The fields of a split."""
        return [self.store.fields[index] for index in self.record.of(split)]

    def validation(self) -> list[StoredField]:
        """The completely labelled validation fields: others know no false positives."""
        return [field for field in self.fields("validation") if field.complete]

    def judged(self, split: Split, subtyper: Classifier) -> JudgedFigures:
        """What a stage 3 says about the figures of a split whose subtype is labelled."""
        return judge_figures(self.fields(split), subtyper, self.spec.crop_px)


@contextmanager
def open_run(folder: Path) -> Iterator[TrainedRun]:
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
    metrics, record = read_metrics(run.metrics_file), read_record(folder)
    if bool(record.of("validation")) != (metrics.validation is not None):
        raise ModelError(f"{run.run_file}: must name the validation fields of {run.metrics_file}")
    crossvalidation, known = read_crossvalidation(folder), read_learned(folder)
    with Store(run.store_file) as store:
        if store.data_sha256 != spec.data_sha256:
            raise DataError(f"{run.store_file}: is not the store that the run was trained on")
        if len(record.fields) != len(store.fields):
            raise ModelError(
                f"{run.run_file}: must list the {len(store.fields)} fields of the store"
            )
        learned = [store.fields[index] for index in (*record.of("train"), *record.of("validation"))]
        yield TrainedRun(
            record=record,
            metrics=metrics,
            spec=spec,
            networks={role: load_model(folder / spec.models[role].file) for role in spec.sides},
            store=store,
            tissue=known.tissue or tissue_of(learned),
            stains=known.stains,
            crossvalidation=crossvalidation,
        )
