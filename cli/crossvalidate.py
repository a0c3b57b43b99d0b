"""`mitokeras crossvalidate`."""

from __future__ import annotations

from pathlib import Path

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
from mitokeras.run.presets import PRESETS


@click.command("crossvalidate")
@click.argument("data", nargs=-1, required=True, type=DATA_FOLDER)
@click.option("--out", required=True, type=DATA_FOLDER,
              help="Folder of the runs; one that was stopped goes on.")  # fmt: skip
@click.option("--folds", type=click.IntRange(min=2), default=2, show_default=True,
              help="As many as a data set has cases leave one case out at a time.")  # fmt: skip
@click.option("--hold-out", multiple=True, metavar="PATTERNS",
              help="In place of --folds: a fold that holds out the cases with these names, such as "
              "'midog/a_*,tcga/*'; for each fold, two at least.")  # fmt: skip
@click.option("--preset", type=click.Choice(list(PRESETS)), default="edge", show_default=True)
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="JSON file laid over the preset.")  # fmt: skip
@layout_option
@spacing_option
def command(
    data: tuple[Path, ...],
    out: Path,
    folds: int,
    hold_out: tuple[str, ...],
    preset: str,
    config: Path | None,
    layout: str | None,
    spacing_um_px: float | None,
) -> None:
    """Train a detector for each fold of the cases of DATA, score it on the others, train on all.

    Each data set's cases are dealt out to the folds. --out gets a run folder for each fold, one
    of all cases (final), whose thresholds the folds have chosen, and the scores as a table,
    crossvalidation.md.
    """
    import_training_packages("mitokeras crossvalidate")
    from mitokeras.crossvalidation.crossvalidate import crossvalidate
    from mitokeras.crossvalidation.workspace import Settings, Workspace
    from mitokeras.run.config import read_config
    from mitokeras.run.presets import get_preset
    from mitokeras.run.record import RunSettings

    base = get_preset(preset)
    run = RunSettings(
        data=tuple(str(folder.resolve()) for folder in data),
        layout=layout,
        spacing_um_px=spacing_um_px,
        preset=preset,
        config=base if config is None else read_config(config, base),
    )
    patterns = tuple(tuple(one.split(",")) for one in hold_out)
    if len(patterns) == 1:
        raise ConfigError("--hold-out must be given for two folds at least. Received: one")
    with sole_writer(out):
        settings = Settings(folds=len(patterns) or folds, hold_out=patterns, run=run)
        workspace = Workspace.begin(out, settings)
        crossvalidate(workspace)
    say(workspace.table_file.read_text(encoding="utf-8"))
