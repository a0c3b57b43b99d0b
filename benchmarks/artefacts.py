"""Every artefact of a run: size, seconds per 2084 x 2084 field, peak memory, difference, F1.

Exports the run in each format, then loads each artefact in a process of its own, detects on one
drawn field, and scores it on the fields of DATA that the run has not learned from.

    python benchmarks/artefacts.py runs/quick --out benchmarks/artefacts_quick.csv
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
from hardware import hardware

from mitokeras.data.readers import read_dataset
from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.folder import model_folder
from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.export.parity.signature import detect_signature
from mitokeras.score.fair import evaluate

FIELD_PX = 2084
ARTEFACTS = {
    "Keras": None,
    "SavedModel": ("savedmodel", "none"),
    "SavedModel, signature `detect`": ("savedmodel", "none"),
    "ONNX": ("onnx", "none"),
    "TFLite": ("tflite", "none"),
    "TFLite float16": ("tflite", "float16"),
    "TFLite dynamic": ("tflite", "dynamic"),
    "TFLite int8": ("tflite", "int8"),
}
COLUMNS = (
    "artefact",
    "megabytes",
    "seconds_per_field",
    "peak_gib",
    "max_difference_segmenter",
    "max_difference_classifier",
    "validation_f1",
    "f1",
    "fields_scored",
    "hardware",
)


class InGraph:
    """The detector of a SavedModel's `detect`, for images at the model's spacing."""

    def __init__(self, folder: Path) -> None:
        self.spec = read_spec(folder)
        self._detect = detect_signature(folder)

    def find(self, image: np.ndarray, spacing_um_px: float, name: str = "") -> Any:
        return self._detect(image)


def measure(
    model: Path, in_graph: bool, field_file: Path, data: Path, repeats: int
) -> dict[str, Any]:
    """Time and score one artefact in this process."""
    detector: Any = InGraph(model_folder(model)) if in_graph else Detector.load(model)
    field = np.load(field_file)
    spacing = detector.spec.spacing_um_px
    detector.find(field, spacing)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        detector.find(field, spacing)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    scores = evaluate(detector, read_dataset(data).fields, model)
    return {
        "seconds_per_field": f"{np.median(seconds):.2f}",
        "peak_gib": f"{peak:.2f}",
        "f1": f"{scores.both.f1:.3f}",
        "fields_scored": scores.fields,
    }


def describe(model: Path) -> dict[str, Any]:
    """What the folder itself says of an artefact."""
    folder = model_folder(model)
    spec = read_spec(folder)
    size = sum((folder / name).stat().st_size for name in {m.file for m in spec.models.values()})
    row: dict[str, Any] = {"megabytes": f"{size / 1e6:.2f}"}
    if (folder / "parity.json").is_file():
        parity = json.loads((folder / "parity.json").read_text(encoding="utf-8"))
        for role, network in parity["networks"].items():
            row[f"max_difference_{role}"] = f"{network['max_difference']:.1e}"
        row["validation_f1"] = f"{parity['validation']['artefact_f1']:.3f}"
    else:
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        row["validation_f1"] = f"{metrics['validation']['both']['f1']:.3f}"
    return row


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.option("--out", type=click.Path(path_type=Path), help="CSV file.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Default: the run's own drawn fields."
)
@click.option(
    "--bundles", type=click.Path(path_type=Path), help="Keeps the exports, for next time."
)
@click.option("--repeats", default=3, show_default=True)
@click.option("--measure", "name", hidden=True, help="Measure the folder RUN, as this artefact.")
@click.option("--field", "field_file", type=click.Path(path_type=Path), hidden=True)
def main(
    run: Path,
    out: Path,
    data: Path | None,
    bundles: Path | None,
    repeats: int,
    name: str | None,
    field_file: Path,
) -> None:
    data = data or run / "synthetic"
    if name is not None:
        click.echo(json.dumps(measure(run, "detect" in name, field_file, data, repeats)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        rows = []
        # Drawn here: it takes more memory than the light artefacts need.
        field_file = Path(temporary) / "field.npy"
        np.save(field_file, draw_field(FIELD_PX, FIELD_PX, seed=0, case=0).image)
        for artefact, wanted in ARTEFACTS.items():
            model = run
            if wanted is not None:
                model = (bundles or Path(temporary)) / "_".join(wanted)
                _export(run, model, *wanted)
            options = ["--measure", artefact, "--data", data, "--field", field_file]
            options += ["--repeats", repeats]
            measured = json.loads(_python(__file__, model, *options).splitlines()[-1])
            rows.append(
                {"artefact": artefact, **describe(model), **measured, "hardware": hardware()}
            )
            click.echo(rows[-1])
    with out.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def _export(run: Path, model: Path, format: str, quantize: str) -> None:
    if not model.exists():
        options = ["--format", format, "--quantize", quantize]
        _python("-m", "mitokeras", "export", run, "--out", model, *options)


def _python(*arguments: object) -> str:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
