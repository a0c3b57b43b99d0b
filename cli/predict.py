"""`mitokeras predict`."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mitokeras.cli.options import spacing_option, threads_option
from mitokeras.cli.predicting import (
    atypical_class_option,
    chosen_outputs,
    false_per_mm2_option,
    field_diameter_option,
    format_option,
    load_detector,
    model_option,
    out_option,
    show_progress,
    summary,
)
from mitokeras.cli.terminal import say
from mitokeras.errors import one_line
from mitokeras.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mitokeras.predict.jobs import Outcome, SlideJob


@click.command("predict")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@model_option
@out_option
@format_option
@atypical_class_option
@spacing_option
@field_diameter_option
@false_per_mm2_option
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="Predict on this computer, or on the workers of a Ray cluster.")  # fmt: skip
@click.option("--address", metavar="HOST:PORT",
              help="Address of the cluster. Default: one is started on this computer.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True,
              help="Write a JSON object a slide in place of the lines.")  # fmt: skip
@threads_option
def command(
    inputs: tuple[str, ...],
    model: str,
    out: Path,
    formats: tuple[str, ...],
    atypical_class: bool,
    spacing_um_px: float | None,
    field_diameter_mm: float,
    false_per_mm2: float | None,
    engine: str,
    address: str | None,
    as_json: bool,
    threads: int | None,
) -> None:
    """Find and count the mitotic figures of slides and images.

    INPUT is a whole slide (SVS, NDPI, MRXS, SCN, DICOM, tiled TIFF, OME-TIFF, ...), an image (PNG,
    JPEG, BMP, TIFF), a folder of them, or a pattern such as "scans/*.svs". Each gets a folder of
    its own name in --out. What is finished there is not done again; a slide that was interrupted
    goes on where it was. index.html and summary.csv in --out have a row a slide.

    The exit code is 1 when an input failed; the others are finished all the same.
    """
    from mitokeras.predict.batch import INDEX_FILE, Batch
    from mitokeras.predict.jobs import SlideJob
    from mitokeras.predict.location import SlideFile
    from mitokeras.slides.inputs import find_inputs

    if address is not None and engine != "ray":
        raise click.UsageError("--address needs --engine ray")
    outputs = chosen_outputs(formats, atypical_class, model)
    found = find_inputs(inputs, exclude=out)
    jobs = [
        SlideJob(
            SlideFile(one.path, spacing_um_px, one.name),
            out / one.name,
            outputs,
            field_diameter_mm,
        )
        for one in found
    ]
    batch = Batch(out)
    run = _local if engine == "local" else _ray
    failures: dict[str, str] = {}
    trouble = ""
    for outcome in run(jobs, model, threads, false_per_mm2, address):
        name = outcome.job.folder.relative_to(out).as_posix()
        if outcome.error is not None:
            failures[name] = outcome.error
        _tell(name, outcome, as_json)
        with suppress(OSError):  # it is tried again at the end
            batch.keep_up(failures)
    try:
        batch.write(failures)
    except OSError as error:
        trouble = one_line(error, out)
    if len(jobs) > 1 and failures:
        say(f"{len(failures)} of {len(jobs)} inputs failed", error=True)
    if trouble and not failures:
        say(f"Error: {INDEX_FILE} is not up to date: {printable(trouble)}", error=True)
    if failures or trouble:
        sys.exit(1)


def _tell(name: str, outcome: Outcome, as_json: bool) -> None:
    prediction = outcome.prediction
    if as_json:
        say(json.dumps({"slide": name, **_facts(outcome)}, allow_nan=False))
    elif prediction is None:
        say(f"Error: {printable(outcome.error or '')}", error=True)
    else:
        say(f"{printable(outcome.job.location.name)}: {summary(prediction)}")


def _facts(outcome: Outcome) -> dict[str, Any]:
    """What a program is told: the prediction without its detections, or the error."""
    from mitokeras.report.slide.words import warnings_of

    prediction = outcome.prediction
    if prediction is None:
        return {"error": outcome.error}
    return {
        "folder": str(outcome.job.folder),
        "warnings": warnings_of(prediction),
        **prediction.model_dump(mode="json", exclude={"detections"}),
    }


def _local(
    jobs: Iterable[SlideJob],
    model: str,
    threads: int | None,
    false_per_mm2: float | None,
    address: str | None,
) -> Iterator[Outcome]:
    from mitokeras.predict.engines.local import LocalEngine

    return LocalEngine(load_detector(model, threads, false_per_mm2), show_progress).run(jobs)


def _ray(
    jobs: Iterable[SlideJob],
    model: str,
    threads: int | None,
    false_per_mm2: float | None,
    address: str | None,
) -> Iterator[Outcome]:
    from tqdm import tqdm

    from mitokeras.predict.engines.ray import RayEngine

    with tqdm(desc="all slides", unit=" tiles", disable=None, leave=False) as bar:

        def show(done: int, known: int) -> None:
            bar.total = known
            bar.update(done - bar.n)

        for outcome in RayEngine(model, address, threads, show, false_per_mm2).run(jobs):
            bar.clear()  # before the outcome's line
            yield outcome
