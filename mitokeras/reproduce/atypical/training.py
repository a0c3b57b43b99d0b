"""Stage 3 trained on one set, and what it says about the others."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import keras

from mitokeras.data.store import Store
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import Classifier
from mitokeras.disk.files import write_json
from mitokeras.errors import TrainingError
from mitokeras.reproduce.atypical.results import Judged, TrainedFigures
from mitokeras.reproduce.atypical.validation import validation_cases
from mitokeras.reproduce.atypical.workspace import FIGURES_FILE, Workspace
from mitokeras.runners.keras import KerasRunner
from mitokeras.score.subtypes import best_threshold
from mitokeras.train.driver import Training
from mitokeras.train.prepare import RunData
from mitokeras.train.subtyping import judge_figures, train_subtyper

logger = logging.getLogger(__name__)

SetFields = Mapping[str, Sequence[StoredField]]
"""The fields of each set."""


def train_on(
    workspace: Workspace, store: Store, sets: SetFields, trained: str, seed: int
) -> TrainedFigures:
    """Train stage 3 on a set, or go on with it, and write `figures.json`, which comes last.

    Raises:
        TrainingError: Its loss is not finite.
    """
    logger.info("training on %s, seed %d", trained, seed)
    run = workspace.run(trained, seed)
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    write_json(run.root / "settings.json", run.settings.to_json())
    data = _split(workspace, store, sets[trained], seed)
    model = train_subtyper(Training(run, data))
    if model is None:  # `check_sets` has looked at the labels before they came into the store
        raise TrainingError(f"set {trained}: the images hold too few of its figures")
    runner, crop_px = KerasRunner(model), run.settings.config.classifier.crop_px
    validation = judge_figures(data.of("validation"), runner, crop_px)
    if validation.enough:
        threshold = best_threshold(validation)
        chosen = f"the best balanced accuracy on {len(validation.score)} figures that it held out"
    else:
        threshold, chosen = 0.5, "as it was trained on; there were too few figures to hold out"
    learned = judge_figures(data.of("train"), runner, crop_px)
    result = TrainedFigures(
        threshold=threshold,
        chosen=chosen,
        parameters=model.count_params(),
        cases=len(set(learned.case)),
        normal=int((~learned.atypical).sum()),
        atypical=int(learned.atypical.sum()),
        tested=judge_others(sets, trained, runner, crop_px),
    )
    write_json(run.root / FIGURES_FILE, result.to_json(), indent=None)
    for checkpoint in run.checkpoints.glob("*.keras"):
        checkpoint.unlink()
    keras.utils.clear_session()
    return result


def judge_others(
    sets: SetFields, trained: str, subtyper: Classifier, crop_px: int
) -> dict[str, Judged]:
    """What a stage 3 says about the sets that it was not trained on."""
    return {
        name: Judged.of(judge_figures(fields, subtyper, crop_px))
        for name, fields in sets.items()
        if name != trained
    }


def _split(workspace: Workspace, store: Store, own: Sequence[StoredField], seed: int) -> RunData:
    """The training set's fields, some of them held out for the threshold."""
    held_out = validation_cases(own, seed)
    used = {field.index for field in own}
    return RunData(
        store=store,
        splits=tuple("validation" if field.case in held_out else "train" for field in store.fields),
        notes=workspace.notes,
        left_out=frozenset(field.index for field in store.fields if field.index not in used),
    )
