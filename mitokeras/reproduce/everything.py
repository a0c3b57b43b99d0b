"""All tables and figures of the paper, and the page that holds them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from mitokeras.disk.locks import sole_writer
from mitokeras.errors import MitokerasError, one_line
from mitokeras.reproduce.datasets import count_datasets, write_sizes
from mitokeras.reproduce.experiments import EXPERIMENTS
from mitokeras.reproduce.page import ORDER, write_page
from mitokeras.reproduce.pictures import draw_of_data, draw_of_detector
from mitokeras.reproduce.reproduce import failed_rows, reproduce
from mitokeras.reproduce.results import ExperimentResult
from mitokeras.reproduce.subject import trained_here
from mitokeras.reproduce.targets import DATA_PICTURES, DETECTION_PICTURES
from mitokeras.reproduce.workspace import Workspace

logger = logging.getLogger(__name__)


def reproduce_all(
    workspace: Workspace, seeds: int = 1, counted: Sequence[Path] = ()
) -> Mapping[str, str]:
    """Make what is missing of all tables and figures, and write the page.

    What an earlier, killed call has trained or drawn is kept.

    Args:
        workspace: The experiments on a data set.
        seeds: Trainings of each row.
        counted: Further data sets for table 1.

    Returns:
        What is wrong with a table or figure, by its name: that it could not be made, or that rows
        have failed.

    Raises:
        DataError: The data set breaks a rule.
        PermissionError: Another call is at work in the workspace.
    """
    with sole_writer(workspace.root):
        workspace.prepare()
    missing: dict[str, str] = {}
    problems: dict[str, str] = {}
    for target in ORDER:
        logger.info("%s", target)
        try:
            made = _maker(workspace, target, seeds, counted)()
        except MitokerasError as error:
            missing[target] = one_line(error)
            problems[target] = f"not made, {missing[target]}"
            logger.warning("%s: %s", target, problems[target])
        else:
            if isinstance(made, ExperimentResult) and (failed := failed_rows(made)):
                problems[target] = failed
        write_page(workspace, missing)
    return problems


def count(workspace: Workspace, counted: Sequence[Path]) -> None:
    """Write table 1 of the workspace's data set and others."""
    settings = workspace.settings
    folders = [Path(settings.data), *counted]
    with sole_writer(workspace.root):
        write_sizes(
            count_datasets(folders, settings.layout, settings.spacing_um_px), workspace.root
        )


def _maker(
    workspace: Workspace, target: str, seeds: int, counted: Sequence[Path]
) -> Callable[[], object]:
    if target == "table1":
        return partial(count, workspace, counted)
    for picture in DATA_PICTURES:
        if target == picture:
            return partial(draw_of_data, workspace, picture, again=False)
    if target in DETECTION_PICTURES:  # all at once, as each shows the same answers
        subject = trained_here(workspace)
        return partial(draw_of_detector, workspace.root, DETECTION_PICTURES, subject, again=False)
    (experiment,) = (each for each in EXPERIMENTS if each == target)
    return partial(reproduce, workspace, experiment, seeds)
