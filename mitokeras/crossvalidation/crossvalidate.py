"""A detector trained once for each fold of its cases, scored on the cases that it has not seen, and
trained once more on all of them, with the thresholds that the folds have chosen."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import keras

from mitokeras.crossvalidation.results import write_results
from mitokeras.crossvalidation.workspace import Workspace
from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import Thresholds
from mitokeras.errors import MitokerasError
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.score.crossvalidation import CrossValidation
from mitokeras.score.folds import score_folds, sweep_fields
from mitokeras.score.subtypes import score_subtype_folds
from mitokeras.train.devices import add_up_in_order
from mitokeras.train.driver import Training
from mitokeras.train.field_maps import Unseen
from mitokeras.train.networks import check_networks
from mitokeras.train.prepare import RunData
from mitokeras.train.subtyping import can_learn, judge_by_source, train_subtyper

logger = logging.getLogger(__name__)


def crossvalidate(workspace: Workspace) -> CrossValidation:
    """Train and score all folds and the final run; what an earlier, killed call did is kept.

    Each run folder becomes a finished run, the final one with `crossvalidation.json`, and the
    workspace gets a table, `crossvalidation.md`.

    Raises:
        MitokerasError: The data, the settings or a training break a rule. Where that comes before
            the store is written, nothing is left behind.
    """
    add_up_in_order()
    config = workspace.settings.run.config
    try:
        check_networks(config)
        workspace.prepare()
    except (MitokerasError, OSError):
        workspace.drop_empty()
        raise
    with workspace.store() as store:
        for run in workspace.runs:
            data = workspace.data(store, run)
            if not _is_trained(run, data):
                unseen = () if run in workspace.folds else _of_folds(workspace, store)
                _train(Training(run, data), unseen)
        logger.info("scoring each fold on what it has not seen")
        folds, figures = [], []
        for run in workspace.folds:
            data = workspace.data(store, run)
            folds.append(sweep_fields(data.of("test"), _detector(Training(run, data))))
            if run.subtyper_file.is_file():
                subtyper = KerasRunner(load_model(run.subtyper_file))
                judged = judge_by_source(data.of("test"), subtyper, config.classifier.crop_px)
                figures.append(judged)
        protocol, limit = get_protocol(config.detection.protocol), config.detection.false_per_mm2
        scores = score_folds(folds, protocol, limit, workspace.settings.method)
        if len(figures) == len(workspace.folds):
            scores = scores.with_subtyping(score_subtype_folds(figures))
        write_results(workspace, store, scores)
    return scores.result


def _is_trained(run: RunFolder, data: RunData) -> bool:
    files = [run.segmenter_file, run.classifier_file]
    if can_learn(data.of("train")):
        files.append(run.subtyper_file)
    return all(file.is_file() for file in files)


def _of_folds(workspace: Workspace, store: Store) -> list[Unseen]:
    """Stage 1 of each fold, with the fields that it has not seen."""
    return [
        Unseen(
            load_model(run.segmenter_file),
            frozenset(field.index for field in workspace.data(store, run).of("test")),
        )
        for run in workspace.folds
    ]


def _train(training: Training, unseen: Sequence[Unseen]) -> None:
    """Train all stages of one run, or go on with it."""
    fields = len(training.data.of("train"))
    logger.info("%s: %d training fields", training.run.root.name, fields)
    segmenter = training.segmenter()
    training.classifier(training.mine(segmenter, unseen))
    train_subtyper(training)
    keras.utils.clear_session()


def _detector(training: Training) -> FieldDetector:
    """The detector of a trained run, which has no thresholds yet."""
    run = training.run
    networks = load_model(run.segmenter_file), load_model(run.classifier_file)
    return training.detector(*networks, Thresholds(segmenter=0.5, classifier=0.5))
