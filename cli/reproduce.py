"""`mitokeras reproduce`."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
from mitokeras.errors import ConfigError
from mitokeras.reproduce.experiments import EXPERIMENTS
from mitokeras.reproduce.targets import DATA_PICTURES, DETECTION_PICTURES
from mitokeras.text import printable

if TYPE_CHECKING:
    from mitokeras.reproduce.workspace import Workspace

TARGETS = ("table1", *EXPERIMENTS, *DATA_PICTURES, *DETECTION_PICTURES, "all", "atypical")

BENCHMARK_SEEDS = 5
"""Trainings of a row of the benchmark of atypical figures, as it has them."""


@dataclass(frozen=True)
class Asked:
    """The arguments of a call, as their options describe them."""

    target: str
    data: Path
    out: Path
    budget: str
    config: Path | None
    seeds: int | None
    added: dict[str, str]
    weights: dict[str, str]
    run: Path | None
    counted: tuple[Path, ...]
    sets: dict[str, tuple[str, ...]]
    layout: str | None
    spacing_um_px: float | None


def _pairs(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    for value in values:
        if not all(value.partition("=")[::2]):
            raise click.BadParameter(f"must be NAME=VALUE. Received: {value}")
    return dict(value.split("=", 1) for value in values)


def _sets(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Patterns by the name of their set, which names a folder as well."""
    sets: dict[str, tuple[str, ...]] = {}
    for value in values:
        name, _, patterns = value.partition("=")
        if not re.fullmatch(r"\w[\w.-]*", name) or not all(patterns.split(",")):
            raise click.BadParameter(f"must be NAME=PATTERN,PATTERN... Received: {value}")
        if name in sets:
            raise click.BadParameter(f"must give a new name. Received: {name}")
        sets[name] = tuple(patterns.split(","))
    return sets


@click.command("reproduce")
@click.argument("target", type=click.Choice(TARGETS), metavar="TARGET")
@click.argument("data", type=DATA_FOLDER)
@click.option("--out", required=True, type=DATA_FOLDER,
              help="Folder of the experiments on DATA; one for all targets.")  # fmt: skip
@click.option("--budget", type=click.Choice(["full", "smoke"]), default="full", show_default=True,
              help="full: as the paper trains; smoke: minutes, to see that all runs.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="JSON file laid over the budget's settings.")  # fmt: skip
@click.option("--seeds", type=click.IntRange(min=1), default=None, show_default="1; atypical: 5",
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
              help="For table1 and all: a further data set to count; for atypical: to train on and "
              "test.")  # fmt: skip
@click.option("--set", "sets", multiple=True, metavar="NAME=PATTERNS", callback=_sets,
              help="For atypical: a set of figures, by names of cases such as 'midog/a_*,tcga/*'; "
              "two at least. Without: each data set.")  # fmt: skip
@layout_option
@spacing_option
def command(**given: Any) -> None:
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
    and of the benchmark of atypical mitotic figures (Banerjee et al., arXiv 2506.21444)
      atypical  stage 3 trained on each set of figures in turn, tested on the others

    --out gets tables as Markdown and CSV, figures as PNG and SVG, and a run folder for each row.
    Rows that an earlier call has trained, for any target, are not trained again; one that was
    stopped goes on. That of atypical is a folder of its own.
    """
    import_training_packages("mitokeras reproduce")
    asked = Asked(**given)
    _check_options(asked)
    if asked.target == "atypical":
        _atypical(asked)
    else:
        _paper(asked)


def _check_options(asked: Asked) -> None:
    from mitokeras.models.classifiers import CLASSIFIERS
    from mitokeras.reproduce.reproduce import rows_of

    target = asked.target
    for experiment in EXPERIMENTS:
        if target == experiment:
            rows_of(experiment, asked.added)
    if asked.added and (target == "curve" or target not in EXPERIMENTS):
        raise ConfigError(f"--add is for tables 2 to 4 and figure 6. Received: {target}")
    if asked.run is not None and target not in DETECTION_PICTURES:
        raise ConfigError(f"--run is for figures 5, 9, 10 and 11. Received: {target}")
    if asked.counted and target not in ("table1", "all", "atypical"):
        raise ConfigError(f"--count is for table1, all and atypical. Received: {target}")
    if asked.sets and target != "atypical":
        raise ConfigError(f"--set is for atypical. Received: {target}")
    if asked.weights and target == "atypical":
        raise ConfigError("--weights is for the paper's classifiers. Received: atypical")
    for name in asked.weights:
        if name not in CLASSIFIERS:
            known = ", ".join(CLASSIFIERS)
            raise ConfigError(f"--weights must name one of {known}. Received: {name}")


def _atypical(asked: Asked) -> None:
    from mitokeras.reproduce.atypical.atypical import reproduce_atypical
    from mitokeras.reproduce.atypical.budgets import BUDGETS
    from mitokeras.reproduce.atypical.sets import by_data_set
    from mitokeras.reproduce.atypical.workspace import TARGET, Settings, Workspace
    from mitokeras.run.config import read_config
    from mitokeras.run.record import RunSettings

    base, folders = BUDGETS[asked.budget], (asked.data, *asked.counted)
    sets = asked.sets or by_data_set(folders)
    if len(sets) < 2:
        raise ConfigError("atypical needs two sets: --set twice, or --count. Received: one")
    run = RunSettings(
        data=tuple(str(folder.resolve()) for folder in folders),
        layout=asked.layout,
        spacing_um_px=asked.spacing_um_px,
        preset="edge",
        config=base if asked.config is None else read_config(asked.config, base),
    )
    workspace = Workspace.begin(asked.out, Settings(budget=asked.budget, sets=sets, run=run))
    reproduce_atypical(workspace, asked.seeds or BENCHMARK_SEEDS)
    say((workspace.root / f"{TARGET}.md").read_text(encoding="utf-8"))


def _paper(asked: Asked) -> None:
    from mitokeras.data.readers import read_dataset
    from mitokeras.reproduce.budgets import BUDGETS
    from mitokeras.reproduce.workspace import Workspace, WorkspaceSettings
    from mitokeras.run.config import read_config

    base = BUDGETS[asked.budget]
    settings = base if asked.config is None else read_config(asked.config, base)
    # Before the folder takes its settings: a slip of the pen must not spoil it.
    read_dataset(asked.data, asked.layout, asked.spacing_um_px)
    workspace = Workspace.begin(
        asked.out,
        WorkspaceSettings(
            data=str(asked.data.resolve()),
            layout=asked.layout,
            spacing_um_px=asked.spacing_um_px,
            budget=asked.budget,
            config=settings,
            weights=asked.weights,
        ),
    )
    _make(workspace, asked)


def _make(workspace: Workspace, asked: Asked) -> None:
    from mitokeras.reproduce.everything import count, reproduce_all
    from mitokeras.reproduce.page import PAGE_FILE
    from mitokeras.reproduce.pictures import draw_of_data, draw_of_detector
    from mitokeras.reproduce.reproduce import failed_rows, reproduce, rows_of
    from mitokeras.reproduce.subject import finished_run, trained_here

    target, seeds, run = asked.target, asked.seeds or 1, asked.run
    out, problem = workspace.root, ""
    if target == "all":
        problems = reproduce_all(workspace, seeds, asked.counted)
        say(f"Page: {out / PAGE_FILE}")
        problem = "; ".join(f"{name}: {why}" for name, why in problems.items())
    elif target == "table1":
        count(workspace, asked.counted)
    for experiment in EXPERIMENTS:
        if target == experiment:
            result = reproduce(workspace, experiment, seeds, rows_of(experiment, asked.added))
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
