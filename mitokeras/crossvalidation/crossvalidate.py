"""A detector trained once for each fold of its cases, scored on the cases that it has not seen, and
trained once more on all of them, with the thresholds that the folds have chosen."""

from __future__ import annotations

import logging

import keras

from mitokeras.crossvalidation.results import write_results
from mitokeras.crossvalidation.scoring import CrossValidation, HeldOut, score_folds
from mitokeras.crossvalidation.workspace import Settings, Workspace
from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store
from mitokeras.detect.detector import FieldDetector
from mitokeras.errors import MitokerasError
from mitokeras.models.saving import save_model
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.train.devices import add_up_in_order, distribution
from mitokeras.train.mining import mine
from mitokeras.train.results import draft_spec
from mitokeras.train.stages import check_models, train_classifier, train_segmenter

__all__ = ["CrossValidation", "Settings", "Workspace", "crossvalidate"]

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
        check_models(config)
        workspace.prepare()
    except (MitokerasError, OSError):
        workspace.drop_empty()
        raise
    with workspace.store() as store:
        for run in workspace.runs:
            if not (run.segmenter_file.is_file() and run.classifier_file.is_file()):
                train(workspace, run, store)
        logger.info("scoring each fold on what it has not seen")
        folds = [
            HeldOut(store, _detector(run, store), workspace.data(store, run).of("test"))
            for run in workspace.folds
        ]
        result = score_folds(folds, get_protocol(config.detection.protocol))
        write_results(workspace, store, result)
    return result


def train(workspace: Workspace, run: RunFolder, store: Store) -> None:
    """Train both stages of one run, or go on with it."""
    data = workspace.data(store, run)
    logger.info("%s: %d training fields", run.root.name, len(data.of("train")))
    strategy = distribution()
    segmenter = train_segmenter(run, store, data, strategy)
    save_model(segmenter, run.segmenter_file)
    mined = mine(run, store, data, segmenter)
    classifier = train_classifier(run, store, data, mined, strategy)
    save_model(classifier, run.classifier_file)
    keras.utils.clear_session()


def _detector(run: RunFolder, store: Store) -> FieldDetector:
    """Of a trained run, without thresholds."""
    return FieldDetector(
        draft_spec(run, store, 0.5, ""),
        KerasRunner(load_model(run.segmenter_file)),
        KerasRunner(load_model(run.classifier_file)),
    )
