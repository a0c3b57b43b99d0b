"""`mitokeras evaluate`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from mitokeras.cli.options import (
    DATA_FOLDER,
    MODEL_HELP,
    layout_option,
    spacing_option,
    threads_option,
)
from mitokeras.cli.terminal import say
from mitokeras.data.protocols import PROTOCOLS
from mitokeras.runners.silence import silent_stderr
from mitokeras.text import printable


@click.command("evaluate")
@click.argument("data", type=DATA_FOLDER)
@click.option("--model", required=True, metavar="MODEL", help=MODEL_HELP)
@click.option("--protocol", type=click.Choice(list(PROTOCOLS)),
              help="Rule of a hit. Default: that of the model's thresholds.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the scores to this file as well.")  # fmt: skip
@threads_option
@layout_option
@spacing_option
def command(
    data: Path,
    model: str,
    protocol: str | None,
    json_file: Path | None,
    threads: int | None,
    layout: str | None,
    spacing_um_px: float | None,
) -> None:
    """Score a detector on the labelled fields of DATA, stage 1 alone and both stages.

    Where the labels tell atypical figures from normal ones, a stage 3 is scored on them as well.

    The model is a run, a TFLite, ONNX or SavedModel bundle, a base path of TF Serving, or one that
    ships with mitokeras. Fields that it was trained or validated on are left out, and so are those
    that the data set itself prescribes for training or validation.
    """
    from tqdm import tqdm

    from mitokeras.data.readers import read_dataset
    from mitokeras.detect.folder import model_folder
    from mitokeras.detector import Detector
    from mitokeras.disk.files import write_json
    from mitokeras.report.score_table import format_report
    from mitokeras.score.fair import evaluate

    dataset = read_dataset(data, layout, spacing_um_px)
    folder = model_folder(model)
    with silent_stderr():
        detector = Detector.load(folder, threads)
    bar = partial(tqdm, desc="scoring", unit=" fields", disable=None, leave=False)
    scores = evaluate(detector, dataset.fields, folder, protocol, bar)
    if json_file is not None:
        write_json(json_file, scores.to_json())
    for note in (*dataset.notes, *scores.notes):
        say(f"Note: {printable(note)}", error=True)
    say(format_report(scores))
