"""`mitokeras fit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mitokeras.cli.options import (
    DATA_FOLDER,
    import_training_packages,
    layout_option,
    spacing_option,
)
from mitokeras.cli.terminal import say
from mitokeras.disk.locks import sole_writer
from mitokeras.errors import ConfigError
from mitokeras.run.config import read_config
from mitokeras.run.folder import RunFolder
from mitokeras.run.presets import PRESETS, get_preset
from mitokeras.run.record import RunSettings

if TYPE_CHECKING:
    from mitokeras.train.start import Start

DEFAULT_PRESET = "edge"


@click.command("fit")
@click.argument("data", nargs=-1, type=DATA_FOLDER)
@click.option("--out", required=True, type=DATA_FOLDER, help="Run folder, new or empty.")
@click.option("--preset", type=click.Choice(list(PRESETS)), help="Default: edge.")
@click.option(
    "--start",
    metavar="MODEL",
    help="Fine-tune, in place of a preset, the networks of a finished run, or of a bundle or model "
    "that ships with mitokeras and has its weights.",
)
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="JSON file laid over the preset, or over that of the start.")  # fmt: skip
@click.option(
    "--weights",
    metavar="NAME_OR_PATH",
    help="First weights of the classifier: imagenet, none, or a Keras, safetensors or torch file.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of everything random.")
@layout_option
@spacing_option
@click.option("--resume", is_flag=True, help="Go on with the run in --out.")
def command(out: Path, resume: bool, start: str | None, **asked: Any) -> None:
    """Train a segmenter and a classifier on the fields of DATA, and score them.

    Where the labels tell atypical mitotic figures from normal ones, a third network learns that.

    DATA is a folder of labelled fields, or several of them; without it, synthetic fields are
    drawn. The run folder gets both models, detector.json, metrics.json, history.csv, figures and
    report.html. A run that was stopped goes on with --resume, from the last finished epoch.

    With --start both networks go on from trained weights, for some minutes: on what `review` has
    corrected, or tens to hundreds of labelled fields of one's own laboratory. No field is spared
    for a split; halves judge each other, and the run says whether it is better than its start.
    """
    import_training_packages("mitokeras fit")
    from mitokeras.report.score_table import format_report, gain_text
    from mitokeras.train.fit import fit
    from mitokeras.train.start import read_start

    begun = None if start is None else read_start(start)
    with sole_writer(out):
        if resume:
            run = RunFolder.reopen(out)
            if begun or any(value not in (None, ()) for value in asked.values()):
                _check_same(run, _settings(begun, **asked))
        else:
            run = RunFolder.begin(out, _settings(begun, **asked), begun.keep if begun else None)
        metrics = fit(run)
    if metrics.unseen is not None:
        say(format_report(metrics.unseen))
    if metrics.gain is not None:
        say(f"{gain_text(metrics.gain)}.")
    say(f"Report: {run.report_file}")


def _settings(
    begun: Start | None,
    data: tuple[Path, ...],
    preset: str | None,
    config: Path | None,
    weights: str | None,
    seed: int | None,
    layout: str | None,
    spacing_um_px: float | None,
) -> RunSettings:
    if begun is None:
        name = preset or DEFAULT_PRESET
        settings = get_preset(name)
    else:
        if preset or weights or not data:
            raise ConfigError("--start must come with DATA, and without --preset and --weights")
        name, settings = f"{begun.record.name}, fine-tuned", begun.config
    if config is not None:
        settings = read_config(config, settings)
    if weights is not None:
        settings = settings.updated({"classifier": {"weights": weights}})
    if seed is not None:
        settings = settings.updated({"seed": seed})
    if begun is not None and len(data) > 1 and not settings.data.sources:
        # Beside thousands of fields that remind of what is known, a few new ones would be lost.
        alike: dict[str, Any] = {folder.resolve().name: {} for folder in data}
        settings = settings.updated({"data": {"sources": alike}})
    return RunSettings(
        data=tuple(str(folder.resolve()) for folder in data),
        layout=layout,
        spacing_um_px=spacing_um_px,
        preset=name,
        config=settings,
        start=None if begun is None else begun.record,
    )


def _check_same(run: RunFolder, asked: RunSettings) -> None:
    for name in ("data", "layout", "spacing_um_px", "preset", "config", "start"):
        begun = getattr(run.settings, name)
        if getattr(asked, name) != begun:
            raise ConfigError(
                f"{run.root}: a run must be resumed with the {name} that it was begun with; "
                "give --out and --resume alone"
            )
