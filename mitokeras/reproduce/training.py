"""Training, scoring and converting one row, in a process of its own.

    python -m mitokeras.reproduce.training WORKSPACE KIND MODEL SEED SHARE

Memory is given back between rows, and a row that the system kills does not stop the others.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import cast

import keras
import numpy as np

from mitokeras.detect.candidates import Candidates, find_candidates
from mitokeras.detect.spec import DETECTOR_FILE
from mitokeras.detect.tiling import probability_map
from mitokeras.disk.files import sha256_of, write_json
from mitokeras.errors import MitokerasError, TrainingError, one_line
from mitokeras.models.macs import count_macs
from mitokeras.reproduce.conversion import convert_network
from mitokeras.reproduce.experiments import BASE, Kind, Row
from mitokeras.reproduce.workspace import FAILURE_FILE, SCORE_FILE, RowScore, Workspace
from mitokeras.run.config import Config
from mitokeras.run.stage_config import ClassifierConfig, SegmenterConfig
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.score.scored_field import ScoredField
from mitokeras.train.devices import add_up_in_order
from mitokeras.train.driver import Training
from mitokeras.train.networks import check_classifier, check_segmenter, segmenter_network
from mitokeras.train.operating_point import at_chosen_thresholds
from mitokeras.train.prepare import RunData

MACS_PX = 512
"""Edge of the tile that a segmenter's multiply-accumulates are stated for."""


def train_row(workspace: Workspace, row: Row, seed: int) -> None:
    """Train a row, or go on with it, write its `score.json`, then its TFLite files.

    Raises:
        MitokerasError: The training breaks a rule, or its loss is not finite.
    """
    with workspace.store() as store:
        data = workspace.split(store, row.share)
        if workspace.score(row, seed) is None:
            _train_and_score(workspace, row, seed, data)
        convert_network(workspace.run(row, seed), row.kind, data.of("train"))


def _train_and_score(workspace: Workspace, row: Row, seed: int, data: RunData) -> None:
    run = workspace.run(row, seed)
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    write_json(run.root / "settings.json", run.settings.to_json())
    check = check_segmenter if row.kind == "segmenter" else check_classifier
    check(run.settings.config)
    weights = first_weights(getattr(run.settings.config, row.kind))
    training = Training(run, data)
    if row.kind == "segmenter":
        result = _segmenter(training)
    else:
        result = _classifier(workspace, row, training)
    write_json(run.root / SCORE_FILE, result.changed(weights=weights).to_json())
    for checkpoint in run.checkpoints.glob("*.keras"):  # the candidates beside them are kept
        checkpoint.unlink()


def first_weights(part: SegmenterConfig | ClassifierConfig) -> str:
    """What a network starts from, in words."""
    if ":" in part.model:
        return "those of its function"
    if part.weights == "none":
        return "random"
    if part.weights == "imagenet":
        return "ImageNet"
    path = Path(part.weights)
    return f"{path.name}, SHA-256 {sha256_of(path)[:8]}"


def _segmenter(training: Training) -> RowScore:
    """Stage 1 on its own; its run folder keeps the candidates for the classifiers."""
    segmenter = training.segmenter()
    threshold = training.mine(segmenter).threshold
    detection = training.config.detection
    runner = KerasRunner(segmenter)

    def find(image: np.ndarray) -> Candidates:
        probability = probability_map(
            image, runner, detection.tile_px, detection.halo_px, detection.tiling
        )
        return find_candidates(probability, threshold, detection.min_area_px)

    return _score(training, segmenter, _segmenter_macs(training.config), find,
                  {"segmenter": threshold})  # fmt: skip


def _classifier(workspace: Workspace, row: Row, training: Training) -> RowScore:
    """Stage 2 on the candidates of the base row."""
    base = workspace.run(row.base, workspace.settings.config.seed)
    if not (base.root / SCORE_FILE).is_file():
        raise TrainingError(f"{BASE.name}'s segmenter, whose candidates it needs, has failed")
    run = training.run
    shutil.copy(base.segmenter_file, run.segmenter_file)
    segmenter = load_model(run.segmenter_file)
    mined = Training(base, training.data).mine(segmenter)
    classifier = training.classifier(mined)
    detector, _ = at_chosen_thresholds(training, segmenter, mined, classifier)
    spec = detector.spec
    write_json(run.root / DETECTOR_FILE, spec.to_json())
    thresholds = spec.thresholds.model_dump()
    return _score(training, classifier, _macs(classifier), detector.detect, thresholds)


def _score(
    training: Training,
    model: keras.Model,
    macs: int | None,
    detect: Callable[[np.ndarray], Candidates],
    thresholds: dict[str, float],
) -> RowScore:
    tested, train = training.data.of("test"), training.data.of("train")
    scored = [ScoredField.of(field, detect(field.image())) for field in tested]
    stage = "both" if "classifier" in thresholds else "segmenter"
    counts = [field.count(field.detections(stage), training.protocol) for field in scored]
    return RowScore(
        parameters=model.count_params(),
        macs=macs,
        training_cases=len({field.case for field in train}),
        training_figures=sum(len(field.figures) for field in train),
        candidates_per_mm2=sum(len(field.candidates) for field in scored)
        / sum(field.area_mm2 for field in tested),
        thresholds=thresholds,
        cases=tuple(field.case for field in scored),
        counts=tuple((int(tp), int(fp), int(fn)) for tp, fp, fn in counts),
    )


def _segmenter_macs(config: Config) -> int | None:
    try:
        return _macs(segmenter_network(config, MACS_PX))
    except (MitokerasError, ValueError):  # a network of the user's for other sizes
        return None


def _macs(model: keras.Model) -> int | None:
    try:
        return count_macs(model)
    except (KeyError, TypeError, ValueError):  # a layer of the user's that has no rule
        return None


def _end_with_parent() -> None:
    """End this process when its standard input does, which the parent holds open."""
    while os.read(0, 1):  # sys.stdin's own lock would not let the interpreter end
        pass
    os._exit(1)


def main(arguments: list[str]) -> int:
    """Train the row; a failure is written to its folder in one line."""
    root, kind, model, seed, share = arguments
    threading.Thread(target=_end_with_parent, daemon=True).start()
    add_up_in_order()
    workspace = Workspace.open(Path(root))
    row = Row("", cast(Kind, kind), model, float(share))
    folder = workspace.run(row, int(seed)).root
    try:
        train_row(workspace, row, int(seed))
    except MitokerasError as error:
        reason = one_line(error)
    except Exception as error:
        # Frameworks raise what they like when memory ends or a graph cannot run.
        traceback.print_exc()
        reason = f"{type(error).__name__}: {one_line(error)}"[:300]
    else:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / FAILURE_FILE, {"reason": reason})
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
