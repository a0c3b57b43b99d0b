"""What a run says about itself: history, stages, environment, the report's facts."""

from __future__ import annotations

import csv
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import keras

from mitokeras import __version__
from mitokeras.data.fields import SPLITS
from mitokeras.data.known_tissue import KnownTissue
from mitokeras.data.stored_field import StoredField, stains_of, tissue_of
from mitokeras.detect.learned import Learned
from mitokeras.detect.spec import DETECTOR_FILE, DetectorSpec
from mitokeras.disk.files import atomic_path, write_json
from mitokeras.report.run.page import RunReport, SplitFacts
from mitokeras.run.record import FieldRecord, RunRecord, StageRecord
from mitokeras.runners.runner import ROLES
from mitokeras.score.scores import Metrics
from mitokeras.train.driver import Training
from mitokeras.train.progress import Epoch
from mitokeras.train.start import kept_learned

LIBRARIES = ("keras", "tensorflow", "jax", "numpy", "opencv-python-headless", "h5py", "scipy")


def environment() -> dict[str, str]:
    """Versions of what computed the run, and the hardware."""
    versions = {"mitokeras": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        **versions,
        "platform": platform.platform(terse=True),
        "devices": ", ".join(keras.distribution.list_devices()),
        "cpu cores": str(os.cpu_count()),
    }


def stage_records(training: Training, models: Mapping[str, keras.Model]) -> dict[str, StageRecord]:
    """What the training of each network came to."""
    records = {}
    for name, model in models.items():
        parts = [stage.progress for stage in training.stages(name)]
        records[name] = StageRecord(
            model=getattr(training.config, name).model,
            parameters=model.count_params(),
            epochs=max(part.epoch for part in parts),
            best_epoch=max(part.best_epoch for part in parts),
            seconds=round(sum(part.seconds for part in parts), 1),
        )
    return records


def read_history(training: Training) -> list[Epoch]:
    """The epochs of both stages."""
    return [
        row for name in ROLES for stage in training.stages(name) for row in stage.progress.history
    ]


def write_history(path: Path, history: Sequence[Epoch]) -> None:
    """Write the epochs of both stages as CSV; an undefined score is an empty cell."""
    with atomic_path(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, Epoch.model_fields, lineterminator="\n")
        table.writeheader()
        table.writerows(row.model_dump() for row in history)


def close_run(training: Training, spec: DetectorSpec, stages: dict[str, StageRecord]) -> None:
    """Write what was learned from and `detector.json`; `run.json` makes the run a finished one."""
    run, data = training.run, training.data
    own, before = tissue_of([*data.of("train"), *data.of("validation")]), kept_learned(run)
    learned = [*own.imprints, *(before.tissue.imprints if before.tissue else ())]
    KnownTissue(learned).write(run.tissue_file)
    _write_stains(training, before)
    write_json(run.root / DETECTOR_FILE, spec.to_json())
    run.close(
        RunRecord(
            settings=run.settings,
            environment=environment(),
            data_sha256=data.store.data_sha256,
            notes=data.notes,
            stages=stages,
            fields=tuple(
                FieldRecord(image=f.name, sha256=f.image_sha256, case=f.case, split=split)
                for f, split in zip(data.store.fields, data.splits, strict=True)
            ),
            learned_before=tuple(sorted(before.images or ())),
        )
    )


def _write_stains(training: Training, before: Learned) -> None:
    """Write the range of the stains, which is not known where the store holds normalised pixels."""
    run, data = training.run, training.data
    if training.config.data.stain != "none" or (run.settings.start and before.stains is None):
        return
    stains = before.stains
    # The cases that the start has learned from are in its range.
    fields = [*data.of("train"), *data.of("validation")]
    own = stains_of(field for field in fields if field.index not in data.learned)
    if own is not None:
        stains = own if stains is None else own.joined(stains)
    if stains is not None:
        write_json(run.stain_file, stains.to_json())


def run_report(
    training: Training, spec: DetectorSpec, stages: Mapping[str, StageRecord], metrics: Metrics
) -> RunReport:
    """The facts of `report.html`."""
    run, data = training.run, training.data
    return RunReport(
        title=run.root.resolve().name,
        created=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        preset=run.settings.preset,
        dataset=run.dataset,
        data_hash=data.store.data_sha256,
        notes=data.notes,
        spacing_um_px=spec.spacing_um_px,
        stain=spec.stain["policy"],
        thresholds_chosen=spec.thresholds_chosen,
        splits={split: _split_facts(data.of(split)) for split in SPLITS},
        stages=stages,
        test=metrics.unseen,
        gain=metrics.gain,
        environment=environment(),
        start=run.settings.start,
    )


def _split_facts(fields: Sequence[StoredField]) -> SplitFacts:
    return SplitFacts(
        cases=len({field.case for field in fields}),
        fields=len(fields),
        figures=sum(len(field.figures) for field in fields),
        area_mm2=sum(field.area_mm2 for field in fields),
    )
