"""What a run says about itself: history, stages, environment, the report's facts."""

from __future__ import annotations

import csv
import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import keras

from mitokeras import __version__
from mitokeras.data.fields import SPLITS
from mitokeras.data.store import Store
from mitokeras.detect.spec import DetectorSpec
from mitokeras.disk.files import atomic_path
from mitokeras.report.run.page import MetricsReport, RunReport, SplitReport
from mitokeras.report.score_table import STAGE_NAMES
from mitokeras.run.folder import RunFolder
from mitokeras.train.epochs import Progress
from mitokeras.train.prepare import RunData

LIBRARIES = ("keras", "tensorflow", "jax", "numpy", "opencv-python-headless", "h5py", "scipy")

HISTORY_COLUMNS = (
    "stage",
    "epoch",
    "loss",
    "val_loss",
    "val_precision",
    "val_recall",
    "val_f1",
    "learning_rate",
)


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


def stage_records(
    run: RunFolder, models: Mapping[str, keras.Model]
) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """What each stage's training came to, and all rows of its history."""
    records, history = {}, []
    config = run.settings.config
    for stage, model in models.items():
        values = json.loads((run.checkpoints / f"{stage}.json").read_text(encoding="utf-8"))
        progress = Progress(**values)
        history += progress.history
        records[stage] = {
            "model": getattr(config, stage).model,
            "parameters": model.count_params(),
            "epochs": progress.epoch,
            "best_epoch": progress.best_epoch,
            "seconds": round(progress.seconds, 1),
        }
    return records, history


def write_history(path: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """Write the epochs of both stages as CSV; an undefined score is an empty cell."""
    with atomic_path(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, HISTORY_COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(history)


def run_report(
    run: RunFolder,
    store: Store,
    data: RunData,
    spec: DetectorSpec,
    stages: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> RunReport:
    """The facts of `report.html`."""
    settings = run.settings
    test = metrics["test"]
    return RunReport(
        title=run.root.resolve().name,
        created=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        preset=settings.preset,
        dataset=run.dataset,
        data_hash=store.data_sha256,
        notes=data.notes,
        spacing_um_px=spec.spacing_um_px,
        stain=spec.stain["policy"],
        thresholds_chosen=spec.thresholds_chosen,
        splits={split: _split_report(store, data.of(split)) for split in SPLITS},
        stages=stages,
        metrics={name: _metrics_report(test, stage) for stage, name in STAGE_NAMES.items()},
        environment=environment(),
    )


def _metrics_report(test: Mapping[str, Any], stage: str) -> MetricsReport:
    shared = ("protocol", "match_radius_um", "spacing_um_px", "thresholds")
    values: Any = {**test[stage], **{key: test[key] for key in shared}}
    return values


def _split_report(store: Store, fields: list[int]) -> SplitReport:
    return SplitReport(
        cases=len({store.fields[index].case for index in fields}),
        fields=len(fields),
        figures=sum(len(store.fields[index].figures) for index in fields),
        area_mm2=sum(store.area_mm2(index) for index in fields),
    )
