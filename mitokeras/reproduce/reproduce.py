"""One experiment, from a data set to its table and figure."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence

from mitokeras.data.fields import SPLITS
from mitokeras.data.protocols import get_protocol
from mitokeras.disk.files import read_json, write_json
from mitokeras.disk.locks import sole_writer
from mitokeras.errors import ConfigError, ModelError
from mitokeras.reproduce.budgets import BUDGETS
from mitokeras.reproduce.cost import CROPS, ROUNDS, Costs, costs_of
from mitokeras.reproduce.experiments import EXPERIMENTS, Experiment, Row, Target
from mitokeras.reproduce.figure import draw_figure
from mitokeras.reproduce.published import PUBLISHED, Published
from mitokeras.reproduce.results import ExperimentResult, RowResult
from mitokeras.reproduce.scoring import measured_row
from mitokeras.reproduce.shares import check_cases
from mitokeras.reproduce.table import write_table
from mitokeras.reproduce.workspace import FAILURE_FILE, Workspace, WorkspaceSettings
from mitokeras.score.thresholds import rule_text
from mitokeras.text import count_of

FEW_CASES = 10

TITLES: Mapping[str, str] = {"full": "", "smoke": " (smoke run: what it scores means nothing)"}
"""What a budget adds to a title."""

logger = logging.getLogger(__name__)


def rows_of(target: Target, added: Mapping[str, str]) -> tuple[Row, ...]:
    """Rows of the user's own.

    Args:
        target: A key of `EXPERIMENTS`.
        added: Model by the name of its row.

    Raises:
        ConfigError: A name is taken.
    """
    experiment = EXPERIMENTS[target]
    taken = {row.name for row in experiment.rows} | {one.name for one in PUBLISHED[target]}
    for name in added:
        if name in taken:
            raise ConfigError(f"--add must give a new name. Received: {name}")
    return tuple(Row(name, experiment.kind, model) for name, model in added.items())


def reproduce(
    workspace: Workspace, target: Target, seeds: int = 1, added: Sequence[Row] = ()
) -> ExperimentResult:
    """Train what is missing of an experiment, and write its table and figure.

    A row that fails is reported in its row; a later call tries it again.

    Args:
        workspace: The experiments on a data set.
        target: A key of `EXPERIMENTS`.
        seeds: Trainings of each row, with the workspace's seed and those that follow it.
        added: Rows of the user's own, of the experiment's kind.

    Raises:
        DataError: The data set breaks a rule, or has too few training cases for a learning curve.
        PermissionError: Another call is at work in the workspace.
    """
    experiment = EXPERIMENTS[target]
    rows = (*experiment.rows, *added)
    first = workspace.settings.config.seed
    bases = {row.base: first for row in rows if row.kind == "classifier"}
    wanted = [*bases.items(), *((row, first + k) for row in rows for k in range(seeds))]
    with sole_writer(workspace.root):
        workspace.prepare()
        if target == "curve":
            with workspace.store() as store:
                check_cases(workspace.split(store))
        for row, seed in wanted:
            if workspace.score(row, seed) is None or workspace.converted(row, seed) is None:
                _train(workspace, row, seed)
        result = _result(workspace, target, rows, range(first, first + seeds))
        write_json(workspace.root / f"{target}.json", result.to_json())
        write_table(result, workspace.root)
        draw_figure(result, workspace.root)
    return result


def failed_rows(result: ExperimentResult) -> str:
    """Which rows have failed, in words; empty where none has."""
    names = ", ".join(row.name for row in result.rows if row.failure)
    return f"these rows failed: {names}" if names else ""


def _train(workspace: Workspace, row: Row, seed: int) -> None:
    logger.info("training %s, %s, seed %d", row.name, row.model, seed)
    failure = workspace.run(row, seed).root / FAILURE_FILE
    failure.unlink(missing_ok=True)
    with subprocess.Popen(
        [sys.executable, "-m", "mitokeras.reproduce.training", str(workspace.root), row.kind,
         row.model, str(seed), str(row.share)],
        stdin=subprocess.PIPE,  # its end tells the process that this one is gone
    ) as process:  # fmt: skip
        code = process.wait()
    if code and not failure.is_file():
        failure.parent.mkdir(parents=True, exist_ok=True)
        ended = f"its process ended with code {code}"
        if code == -9:
            ended = "its process was killed, as the system does when memory ends"
        write_json(failure, {"reason": ended})
    if code:
        logger.warning("%s failed: %s", row.name, _failure(workspace, row, seed))


def _failure(workspace: Workspace, row: Row, seed: int) -> str:
    try:
        return str(read_json(workspace.run(row, seed).root / FAILURE_FILE)["reason"])
    except ModelError:
        return "it was not trained"


def _result(
    workspace: Workspace, target: Target, rows: Sequence[Row], seeds: range
) -> ExperimentResult:
    experiment = EXPERIMENTS[target]
    scores = {row.name: {seed: workspace.score(row, seed) for seed in seeds} for row in rows}
    reference = scores[experiment.reference][seeds[0]]
    trained = [row for row in rows if scores[row.name][seeds[0]] is not None]
    costs = None
    if trained and target != "curve":  # whose networks are all alike
        costs = costs_of(workspace, trained, workspace.root / f"{target}-cost.json")
    measured = {
        row.name: measured_row(
            row,
            scores[row.name],
            None if row.name == experiment.reference else reference,
            "; ".join(
                f"{_seeds(range(seed, seed + 1))}: {_failure(workspace, row, seed)}"
                for seed, score in scores[row.name].items()
                if score is None
            ),
        )
        for row in rows
    }
    if costs is not None:
        for name, cost in costs.seconds_per_mm2.items():
            measured[name] = measured[name].changed(cost=cost)
    shown = [
        _with_published(measured.pop(one.name), one) if one.name in measured else one.as_row()
        for one in PUBLISHED[target]
    ]
    config = workspace.settings.config
    protocol = get_protocol(config.detection.protocol)
    return ExperimentResult(
        target=target,
        title=experiment.title + remark(workspace.settings),
        stage="stage 1" if experiment.kind == "segmenter" else "both stages",
        protocol=f"{protocol.name}: a hit within {protocol.radius:g} {protocol.unit}",
        data=_data(workspace),
        notes=(
            *_notes(workspace, experiment, seeds),
            *([] if costs is None else _cost_notes(workspace, costs, trained)),
        ),
        reference=experiment.reference,
        rows=(*shown, *measured.values()),
    )


def _data(workspace: Workspace) -> str:
    """Name of the data set and what each split holds."""
    with workspace.store() as store:
        data = workspace.split(store)
        parts = []
        for split in SPLITS:
            own = data.of(split)
            cases = len({field.case for field in own})
            figures = sum(len(field.figures) for field in own)
            counts = ((cases, "case"), (len(own), "field"), (figures, "figure"))
            parts.append(f"{split} {', '.join(count_of(*each) for each in counts)}")
    return f"{workspace.data_name}: {'; '.join(parts)}"


def _notes(workspace: Workspace, experiment: Experiment, seeds: range) -> tuple[str, ...]:
    config = workspace.settings.config
    part = config.segmenter if experiment.kind == "segmenter" else config.classifier
    schedule = part.schedule
    mix = ", ".join(f"{name} {share:g}" for name, share in part.mix.model_dump().items())
    augment = ", ".join(f"{name} {value}" for name, value in config.augment.model_dump().items())
    notes = [
        f"Each row: at most {schedule.epochs} epochs of {schedule.steps_per_epoch} steps of "
        f"{schedule.batch}, AdamW at {schedule.learning_rate:g}, weight decay "
        f"{schedule.weight_decay:g}, stopped after {schedule.patience} epochs without a better "
        f"F1 on validation; {_seeds(seeds)}.",
        f"Shares in a batch: {mix}. Augmentation: {augment}. Stain: {config.data.stain}.",
        "Thresholds of every row are chosen on the validation fields: stage 1 the highest with a "
        f"recall of {config.detection.recall:g} or else the best recall, stage 2 "
        f"{rule_text(config.detection.false_per_mm2)}.",
    ]
    if config.segmenter.width is not None:
        notes.append(f"Segmenters of width {config.segmenter.width} instead of their own.")
    with workspace.store() as store:
        data = workspace.split(store)
    tested = {field.case for field in data.of("test")}
    if len(tested) < FEW_CASES:
        notes.append(
            f"With {count_of(len(tested), 'test case')}, intervals and p-values are too sure; "
            "McNemar's test takes fields of one case for independent."
        )
    if experiment is EXPERIMENTS["curve"]:
        notes.append(
            "Whole cases are left out, in one drawn order: each share is a part of the larger "
            "ones. Both stages learn from it."
        )
    notes.extend(data.notes)
    if experiment.kind == "classifier":
        notes.append(
            "Parameters and MACs are the classifier's, seconds those of both stages with one and "
            "the same segmenter."
        )
        notes.append(
            "All classifiers learn from, and are scored on, the candidates of one segmenter, "
            "SCMitosis's. The paper's start from ImageNet."
        )
    return tuple(notes)


def _cost_notes(workspace: Workspace, costs: Costs, rows: Sequence[Row]) -> list[str]:
    seed = workspace.settings.config.seed
    notes = [
        f"Seconds per mm2: TFLite files in LiteRT on {costs.hardware}, median of {ROUNDS} turns in "
        f"which all networks were timed one after the other, on {costs.region_mm2:.3f} mm2 of a "
        "test field in tiles with a halo; reading, stain normalisation and regions are not in it."
    ]
    if any(row.kind == "classifier" for row in rows):
        notes.append(
            f"Those of both stages: of the segmenter, and of the classifier on {CROPS} crops, "
            "taken as often as there are candidates per mm2 of the test fields."
        )
    for row in rows:
        converted = workspace.converted(row, seed)
        failures = {"TFLite": "it was not converted"} if converted is None else converted.failures
        notes += [f"{row.name}, {name}: {reason}" for name, reason in failures.items()]
    return notes


def remark(settings: WorkspaceSettings) -> str:
    """What a title says of the budget."""
    changed = "" if settings.config == BUDGETS[settings.budget] else " (settings changed)"
    return changed + TITLES[settings.budget]


def _seeds(seeds: range) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"


def _with_published(row: RowResult, published: Published) -> RowResult:
    return row.changed(published=published.rates, published_source=published.source)
