"""Training and scoring one row, in a process of its own.

    python -m mitokeras.reproduce.training WORKSPACE KIND MODEL SEED

Memory is given back between rows, and a row that the system kills does not stop the others.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import cast

import keras

from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store
from mitokeras.detect.candidates import find_candidates
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DETECTOR_FILE
from mitokeras.detect.tiling import probability_map
from mitokeras.disk.files import write_json
from mitokeras.errors import MitokerasError, TrainingError, one_line
from mitokeras.models import build_segmenter, count_macs
from mitokeras.models.saving import save_model
from mitokeras.reproduce.experiments import BASE, Kind, Row
from mitokeras.reproduce.workspace import FAILURE_FILE, SCORE_FILE, RowScore, Workspace
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner
from mitokeras.score.evaluation import ScoredField, count
from mitokeras.train.devices import add_up_in_order, distribution, hardware
from mitokeras.train.mining import mine
from mitokeras.train.prepare import RunData, truth_of
from mitokeras.train.results import choose_threshold, draft_spec, how_chosen
from mitokeras.train.stages import (
    check_classifier,
    check_segmenter,
    train_classifier,
    train_segmenter,
)

MACS_PX = 512
"""Edge of the tile that a segmenter's multiply-accumulates are stated for."""


def train_row(workspace: Workspace, row: Row, seed: int) -> None:
    """Train a row, or go on with it, and write its `score.json`.

    Raises:
        MitokerasError: The training breaks a rule, or its loss is not finite.
    """
    run = workspace.run(row, seed)
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    write_json(run.root / "settings.json", run.settings.model_dump(mode="json"))
    check = check_segmenter if row.kind == "segmenter" else check_classifier
    check(run.settings.config)
    with workspace.store() as store:
        data = workspace.split(store)
        score = _segmenter if row.kind == "segmenter" else _classifier
        result = score(workspace, run, store, data)
    write_json(run.root / SCORE_FILE, result.model_dump(mode="json"))
    for checkpoint in run.checkpoints.glob("*.keras"):  # the candidates beside them are kept
        checkpoint.unlink()


def _segmenter(workspace: Workspace, run: RunFolder, store: Store, data: RunData) -> RowScore:
    """Stage 1 on its own; its run folder keeps the candidates for the classifiers."""
    segmenter = train_segmenter(run, store, data, distribution())
    save_model(segmenter, run.segmenter_file)
    mined = mine(run, store, data, segmenter)
    detection = run.settings.config.detection
    runner = KerasRunner(segmenter)
    scored, seconds = [], []
    for index in data.of("test"):
        image = store.image(index)
        start = time.perf_counter()
        probability = probability_map(image, runner, detection.tile_px, detection.halo_px)
        found = find_candidates(probability, mined.threshold, detection.min_area_px)
        seconds.append(time.perf_counter() - start)
        scored.append(truth_of(store, index, found))
    return _score(
        segmenter, _segmenter_macs(run), scored, seconds, run, {"segmenter": mined.threshold}
    )


def _classifier(workspace: Workspace, run: RunFolder, store: Store, data: RunData) -> RowScore:
    """Stage 2 on the candidates of the base row."""
    base = workspace.run(BASE, workspace.settings.config.seed)
    if not (base.root / SCORE_FILE).is_file():
        raise TrainingError(f"{BASE.name}'s segmenter, whose candidates it needs, has failed")
    shutil.copy(base.segmenter_file, run.segmenter_file)
    segmenter = keras.saving.load_model(base.segmenter_file, compile=False, safe_mode=True)
    mined = mine(base, store, data, segmenter)
    classifier = train_classifier(run, store, data, mined, distribution())
    save_model(classifier, run.classifier_file)
    spec = draft_spec(run, store, mined.threshold, how_chosen(run, mined))
    detector = FieldDetector(spec, KerasRunner(segmenter), KerasRunner(classifier))
    detector.spec, _ = choose_threshold(store, detector, mined)
    write_json(run.root / DETECTOR_FILE, detector.spec.model_dump(mode="json"))
    scored, seconds = [], []
    for index in data.of("test"):
        image = store.image(index)
        start = time.perf_counter()
        found = detector.detect(image)
        seconds.append(time.perf_counter() - start)
        scored.append(truth_of(store, index, found))
    return _score(classifier, _macs(classifier), scored, seconds, run, detector.spec.thresholds)


def _score(
    model: keras.Model,
    macs: int | None,
    scored: list[ScoredField],
    seconds: list[float],
    run: RunFolder,
    thresholds: dict[str, float],
) -> RowScore:
    protocol = get_protocol(run.settings.config.detection.protocol)
    stage = "both" if "classifier" in thresholds else "segmenter"
    counts = [count(f.truths, f.detections(stage), f.radius_px(protocol)) for f in scored]
    # The first field waits for the network's graph to be traced.
    timed = sorted(seconds[1:] or seconds)
    return RowScore(
        parameters=model.count_params(),
        macs=macs,
        seconds_per_field=timed[len(timed) // 2],
        hardware=hardware(),
        thresholds=thresholds,
        cases=tuple(field.case for field in scored),
        counts=tuple((int(tp), int(fp), int(fn)) for tp, fp, fn in counts),
    )


def _segmenter_macs(run: RunFolder) -> int | None:
    part = run.settings.config.segmenter
    width = {} if part.width is None else {"width": part.width}
    try:
        return _macs(build_segmenter(part.model, input_px=MACS_PX, **width))
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
    root, kind, model, seed = arguments
    threading.Thread(target=_end_with_parent, daemon=True).start()
    add_up_in_order()
    workspace = Workspace.open(Path(root))
    row = Row("", cast(Kind, kind), model)
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
