"""`mitokeras predict`."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from mitokeras.cli.options import spacing_option, threads_option
from mitokeras.cli.predicting import (
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
from mitokeras.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mitokeras.predict.jobs import Outcome, SlideJob


@click.command("predict")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@model_option
@out_option
@format_option
@spacing_option
@field_diameter_option
@false_per_mm2_option
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="Predict on this computer, or on the workers of a Ray cluster.")  # fmt: skip
@click.option("--address", metavar="HOST:PORT",
              help="Address of the cluster. Default: one is started on this computer.")  # fmt: skip
@threads_option
def command(
    inputs: tuple[str, ...],
    model: str,
    out: Path,
    formats: tuple[str, ...],
    spacing_um_px: float | None,
    field_diameter_mm: float,
    false_per_mm2: float | None,
    engine: str,
    address: str | None,
    threads: int | None,
) -> None:
    """Find and count the mitotic figures of slides and images.

    INPUT is a whole slide (SVS, NDPI, MRXS, SCN, DICOM, tiled TIFF, OME-TIFF, ...), an image (PNG,
    JPEG, BMP, TIFF), a folder of them, or a pattern such as "scans/*.svs". Each gets a folder of
    its own name in --out. What is finished there is not done again; a slide that was interrupted
    goes on where it was.

    The exit code is 1 when an input failed; the others are finished all the same.
    """
    from mitokeras.predict.jobs import SlideJob
    from mitokeras.predict.location import SlideFile
    from mitokeras.slides.inputs import find_inputs

    if address is not None and engine != "ray":
        raise click.UsageError("--address needs --engine ray")
    found = find_inputs(inputs, exclude=out)
    jobs = [
        SlideJob(
            SlideFile(one.path, spacing_um_px, PurePosixPath(one.name).name),
            out / one.name,
            formats,
            field_diameter_mm,
        )
        for one in found
    ]
    run = _local if engine == "local" else _ray
    failed = 0
    for outcome in run(jobs, model, threads, false_per_mm2, address):
        if outcome.prediction is None:
            failed += 1
            say(f"Error: {printable(outcome.error or '')}", error=True)
        else:
            name = printable(outcome.job.location.name)
            say(f"{name}: {summary(outcome.prediction)}")
    if len(jobs) > 1 and failed:
        say(f"{failed} of {len(jobs)} inputs failed", error=True)
    if failed:
        sys.exit(1)


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
