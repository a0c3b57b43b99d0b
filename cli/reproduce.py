"""`mitokeras reproduce`."""

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
from mitokeras.reproduce.experiments import EXPERIMENTS, Target
from mitokeras.text import printable


def _pairs(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    for value in values:
        if not all(value.partition("=")[::2]):
            raise click.BadParameter(f"must be NAME=VALUE. Received: {value}")
    return dict(value.split("=", 1) for value in values)


@click.command("reproduce")
@click.argument("target", type=click.Choice(list(EXPERIMENTS)))
@click.argument("data", type=DATA_FOLDER)
@click.option("--out", required=True, type=DATA_FOLDER,
              help="Folder of the experiments on DATA; one for all targets.")  # fmt: skip
@click.option("--budget", type=click.Choice(["full", "smoke"]), default="full", show_default=True,
              help="full: as the paper trains; smoke: minutes, to see that all runs.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="JSON file laid over the budget's settings.")  # fmt: skip
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True,
              help="Trainings of each row; the table then has mean and deviation.")  # fmt: skip
@click.option("--add", "added", multiple=True, metavar="NAME=MODEL", callback=_pairs,
              help="A row of your own: a model of mitokeras, or module:function.")  # fmt: skip
@click.option("--weights", multiple=True, metavar="CLASSIFIER=NAME_OR_PATH", callback=_pairs,
              help="First weights of a classifier: imagenet, none, or a file.")  # fmt: skip
@layout_option
@spacing_option
def command(
    target: Target,
    data: Path,
    out: Path,
    budget: str,
    config: Path | None,
    seeds: int,
    added: dict[str, str],
    weights: dict[str, str],
    layout: str | None,
    spacing_um_px: float | None,
) -> None:
    """Train and score the rows of a table or figure of the SCMitosis paper on DATA.

    table2: the parts of the segmenter. table3: both stages beside eleven published systems.
    table4: six segmenters. figure6: five classifiers on the same candidates. --out gets the table
    as Markdown and CSV, the figure as PNG and SVG, and a run folder for each row. Rows that an
    earlier call has trained, for any target, are not trained again; one that was stopped goes on.
    """
    import_training_packages("mitokeras reproduce")
    from mitokeras.data.readers import read_dataset
    from mitokeras.errors import ConfigError
    from mitokeras.models.classifiers import CLASSIFIERS
    from mitokeras.reproduce.budgets import BUDGETS
    from mitokeras.reproduce.reproduce import reproduce, rows_of
    from mitokeras.reproduce.workspace import Workspace, WorkspaceSettings
    from mitokeras.run.config import read_config

    settings = BUDGETS[budget] if config is None else read_config(config, BUDGETS[budget])
    rows = rows_of(target, added)
    for name in weights:
        if name not in CLASSIFIERS:
            known = ", ".join(CLASSIFIERS)
            raise ConfigError(f"--weights must name one of {known}. Received: {name}")
    # Before the folder takes its settings: a slip of the pen must not spoil it.
    read_dataset(data, layout, spacing_um_px)
    workspace = Workspace.begin(
        out,
        WorkspaceSettings(
            data=str(data.resolve()),
            layout=layout,
            spacing_um_px=spacing_um_px,
            budget=budget,
            config=settings,
            weights=weights,
        ),
    )
    result = reproduce(workspace, target, seeds, rows)
    say((out / f"{target}.md").read_text(encoding="utf-8"))
    failed = [row.name for row in result.rows if row.failure]
    if failed:
        raise click.ClickException(printable(f"these rows failed: {', '.join(failed)}"))
