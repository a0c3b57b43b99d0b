"""`mitokeras reproduce`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mitokeras.cli.options import (
    DATA_FOLDER,
    import_training_packages,
    layout_option,
    spacing_option,
)
from mitokeras.cli.terminal import say
from mitokeras.errors import ConfigError
from mitokeras.reproduce.experiments import EXPERIMENTS
from mitokeras.reproduce.targets import DATA_PICTURES, DETECTION_PICTURES
from mitokeras.text import printable

if TYPE_CHECKING:
    from mitokeras.reproduce.workspace import Workspace

TARGETS = ("table1", *EXPERIMENTS, *DATA_PICTURES, *DETECTION_PICTURES, "all")


def _pairs(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    for value in values:
        if not all(value.partition("=")[::2]):
            raise click.BadParameter(f"must be NAME=VALUE. Received: {value}")
    return dict(value.split("=", 1) for value in values)


@click.command("reproduce")
@click.argument("target", type=click.Choice(TARGETS), metavar="TARGET")
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
              help="A row of your own: a model of mitokeras, or module:function. "
              "For tables 2 to 4 and figure 6.")  # fmt: skip
@click.option("--weights", multiple=True, metavar="CLASSIFIER=NAME_OR_PATH", callback=_pairs,
              help="First weights of a classifier: imagenet, none, or a file.")  # fmt: skip
@click.option("--run", "run", type=DATA_FOLDER,
              help="For figures 5, 9, 10 and 11: a run of `mitokeras fit` on DATA to show, instead "
              "of SCMitosis of table 3.")  # fmt: skip
@click.option("--count", "counted", multiple=True, type=DATA_FOLDER,
              help="For table1 and all: a further data set to count.")  # fmt: skip
@layout_option
@spacing_option
def command(
    target: str,
    data: Path,
    out: Path,
    budget: str,
    config: Path | None,
    seeds: int,
    added: dict[str, str],
    weights: dict[str, str],
    run: Path | None,
    counted: tuple[Path, ...],
    layout: str | None,
    spacing_um_px: float | None,
) -> None:
    """Make a table or figure of the SCMitosis paper on DATA, or all of them and their page.

    \b
    TARGET is one of
      table1    sizes of the data sets
      table2    the parts of the segmenter
      table3    both stages beside eleven published systems
      table4    six segmenters
      figure5   candidates and their labels
      figure6   five classifiers on the same candidates
      figure7   fields and their labels
      figure8   stain normalisation
      figure9   detections of both stages
      figure10  candidates that stage 2 rejected
      figure11  detections of stage 1 alone
      curve     SCMitosis on 25, 50 and 100 % of the training cases
      all       everything, and index.html with it beside the published numbers

    --out gets tables as Markdown and CSV, figures as PNG and SVG, and a run folder for each row.
    Rows that an earlier call has trained, for any target, are not trained again; one that was
    stopped goes on.
    """
    import_training_packages("mitokeras reproduce")
    from mitokeras.data.readers import read_dataset
    from mitokeras.models.classifiers import CLASSIFIERS
    from mitokeras.reproduce.budgets import BUDGETS
    from mitokeras.reproduce.workspace import Workspace, WorkspaceSettings
    from mitokeras.run.config import read_config

    _check_options(target, added, run, counted)
    settings = BUDGETS[budget] if config is None else read_config(config, BUDGETS[budget])
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
    _make(workspace, target, seeds, added, run, counted)


def _check_options(
    target: str, added: dict[str, str], run: Path | None, counted: tuple[Path, ...]
) -> None:
    from mitokeras.reproduce.reproduce import rows_of

    for experiment in EXPERIMENTS:
        if target == experiment:
            rows_of(experiment, added)
    if added and (target == "curve" or target not in EXPERIMENTS):
        raise ConfigError(f"--add is for tables 2 to 4 and figure 6. Received: {target}")
    if run is not None and target not in DETECTION_PICTURES:
        raise ConfigError(f"--run is for figures 5, 9, 10 and 11. Received: {target}")
    if counted and target not in ("table1", "all"):
        raise ConfigError(f"--count is for table1 and all. Received: {target}")


def _make(
    workspace: Workspace,
    target: str,
    seeds: int,
    added: dict[str, str],
    run: Path | None,
    counted: tuple[Path, ...],
) -> None:
    from mitokeras.reproduce.everything import count, reproduce_all
    from mitokeras.reproduce.page import PAGE_FILE
    from mitokeras.reproduce.pictures import draw_of_data, draw_of_detector
    from mitokeras.reproduce.reproduce import failed_rows, reproduce, rows_of
    from mitokeras.reproduce.subject import finished_run, trained_here

    out, problem = workspace.root, ""
    if target == "all":
        problems = reproduce_all(workspace, seeds, counted)
        say(f"Page: {out / PAGE_FILE}")
        problem = "; ".join(f"{name}: {why}" for name, why in problems.items())
    elif target == "table1":
        count(workspace, counted)
    for experiment in EXPERIMENTS:
        if target == experiment:
            result = reproduce(workspace, experiment, seeds, rows_of(experiment, added))
            problem = failed_rows(result)
    for data_picture in DATA_PICTURES:
        if target == data_picture:
            draw_of_data(workspace, data_picture)
    for picture in DETECTION_PICTURES:
        if target == picture:
            data = Path(workspace.settings.data)
            subject = trained_here(workspace) if run is None else finished_run(run, data)
            draw_of_detector(out, [picture], subject)
    if target in (*DATA_PICTURES, *DETECTION_PICTURES):
        say(f"Figure: {out / target}.png")
    elif target != "all":
        say((out / f"{target}.md").read_text(encoding="utf-8"))
    if problem:
        raise click.ClickException(printable(problem))
