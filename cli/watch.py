"""`mitokeras watch`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mitokeras.cli.options import DATA_FOLDER, FiniteRange, spacing_option, threads_option
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
from mitokeras.cli.terminal import log_to_stderr

if TYPE_CHECKING:
    from mitokeras.predict.tasks import Tick
    from mitokeras.predict.under_way import StepUnderWay


@click.command("watch")
@click.argument("inbox", type=DATA_FOLDER)
@model_option
@out_option
@format_option
@atypical_class_option
@spacing_option
@field_diameter_option
@false_per_mm2_option
@click.option("--settle-s", type=FiniteRange(min=0), default=10, show_default=True,
              metavar="S",
              help="A file is complete when it has not changed for so many seconds.")  # fmt: skip
@click.option("--patience-s", type=FiniteRange(min=0), default=120, show_default=True,
              metavar="S",
              help="A complete file that does not open is set aside after so many.")  # fmt: skip
@click.option("--once", is_flag=True, help="End when no slide is left to wait for.")
@threads_option
def command(
    inbox: Path,
    model: str,
    out: Path,
    formats: tuple[str, ...],
    atypical_class: bool,
    spacing_um_px: float | None,
    field_diameter_mm: float,
    false_per_mm2: float | None,
    settle_s: float,
    patience_s: float,
    once: bool,
    threads: int | None,
) -> None:
    """Predict each slide that arrives in INBOX, the output folder of a scanner.

    Each slide gets a folder of its own name in --out, and a row in index.html and summary.csv
    there. What became of each is kept in watch.json, so that every slide is done once, whatever
    ends the program, and with several watchers on the same folders. A bad slide is set aside with
    its reason; nothing in INBOX is changed. Ends at Ctrl-C; a slide in work goes on at the next
    start.
    """
    from tqdm.contrib.logging import logging_redirect_tqdm

    from mitokeras.predict.batch import Batch
    from mitokeras.predict.engines.local import LocalEngine
    from mitokeras.predict.folder import OutputFolder
    from mitokeras.predict.jobs import SlideJob
    from mitokeras.predict.location import SlideFile
    from mitokeras.watch.inbox import superseded_names
    from mitokeras.watch.stopping import stop_on_signals
    from mitokeras.watch.watcher import watch

    outputs = chosen_outputs(formats, atypical_class, model)
    detector = load_detector(model, threads, false_per_mm2)

    def handle(path: Path, name: str, reached: Callable[[str], None]) -> str:
        @contextmanager
        def progress(title: str, under_way: StepUnderWay[Any]) -> Iterator[Tick]:
            reached(f"{under_way.step.name} {under_way.size_done}")
            with show_progress(title, under_way) as tick:
                yield tick

        slide = SlideFile(path, spacing_um_px, name, inbox_name=name)
        job = SlideJob(slide, out / name, outputs, field_diameter_mm)
        line = summary(LocalEngine(detector, progress).predict(job))
        for other in superseded_names(name, out):
            OutputFolder(out / other).outdate()
        return line

    def opens(path: Path) -> None:
        SlideFile(path, spacing_um_px).open().close()

    log_to_stderr("%(asctime)s %(message)s", anew=True)
    with logging_redirect_tqdm(), stop_on_signals() as stop:
        set_aside = watch(
            inbox,
            out,
            handle,
            opens=opens,
            is_damaged=lambda name: OutputFolder(out / name).is_damaged(),
            listing=Batch(out),
            stop=stop,
            once=once,
            settle_s=settle_s,
            patience_s=patience_s,
        )
    if once and set_aside:
        raise SystemExit(1)
