"""Give a model that ships its stage 3, trained beside its other stages.

    python recipes/add_subtyper.py BUNDLE WORK OUT DATA...

`mitokeras crossvalidate` with recipes/edge.json trains all three stages at once. Stage 3 learns
from labelled figures alone and needs neither of the others, so this trains it on the same folds,
and puts it beside networks that are there. BUNDLE, which has its Keras weights, is exported anew
from them to OUT, with the tile of the recipe; WORK keeps the trainings, and a call that was stopped
goes on.
"""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path

import keras

from mitokeras.crossvalidation.workspace import Settings, Workspace
from mitokeras.data.store import Store
from mitokeras.detect.curve import RESULT_FILE
from mitokeras.detect.spec import ModelFile, read_spec
from mitokeras.disk.files import write_json
from mitokeras.export.bundle import CARD_FILE, export_run
from mitokeras.export.tflite.calibration import figure_crops
from mitokeras.export.tflite.convert import convert
from mitokeras.export.trained.frozen import frozen
from mitokeras.models.saving import save_model
from mitokeras.run.config import read_config
from mitokeras.run.folder import RunFolder
from mitokeras.run.presets import EDGE
from mitokeras.run.record import RunSettings, StageRecord, read_record
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.runners.litert import LitertRunner, open_network
from mitokeras.score.crossvalidation import read_crossvalidation
from mitokeras.score.scores import Metrics
from mitokeras.score.subtypes import SubtypeFolds, score_subtype_folds
from mitokeras.train.devices import add_up_in_order
from mitokeras.train.driver import Training
from mitokeras.train.networks import segmenter_network
from mitokeras.train.record import close_run, stage_records
from mitokeras.train.subtyping import judge_by_source, train_subtyper

RECIPE = Path(__file__).parent / "edge.json"
HOLD_OUT = (
    ("midogpp_patches/midog_*", "atnorm_br/*", "brecahad/Case_10"),
    ("midogpp_patches/midogpp_*", "brecahad/Case_12"),
)
"""As in docs/real_tissue.md."""

_STAGE_ROW = re.compile(
    r"^\| (segmenter|classifier) \| \w+ \| [\d,]+ \| (\d+) \| (\d+) \| (\d+) min \|$", re.M
)


def main(bundle: Path, work: Path, out: Path, data: list[Path]) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    add_up_in_order()
    run = RunSettings(
        data=tuple(str(folder.resolve()) for folder in data),
        preset="edge",
        config=read_config(RECIPE, EDGE),
    )
    workspace = Workspace.begin(work, Settings(folds=2, hold_out=HOLD_OUT, run=run))
    workspace.prepare()
    with workspace.store() as store:
        for each in workspace.runs:
            train_subtyper(Training(each, workspace.data(store, each)))
            keras.utils.clear_session()
        as_trained, as_int8 = (score(workspace, store, int8) for int8 in (False, True))
        finish(workspace, store, bundle, as_trained, as_int8)
    notes = RECIPE.parent / "edge_card.md"
    export_run(workspace.final.root, out, "tflite", "int8", notes, with_weights=True)


def score(workspace: Workspace, store: Store, int8: bool) -> SubtypeFolds:
    """The folds on what they hold out, as they were trained or as int8."""
    folds = []
    for run in workspace.folds:
        data, config = workspace.data(store, run), run.settings.config
        crop_px = config.classifier.crop_px
        model = load_model(run.subtyper_file)
        runner: KerasRunner | LitertRunner = KerasRunner(model)
        if int8:
            crops = figure_crops(data.of("train"), config.seed, crop_px)
            content = convert(frozen(model), "int8", list(crops))
            runner = LitertRunner(open_network(content, "subtyper", run.root.name))
        folds.append(judge_by_source(data.of("test"), runner, crop_px))
    return score_subtype_folds(folds)


def finish(
    workspace: Workspace,
    store: Store,
    bundle: Path,
    as_trained: SubtypeFolds,
    as_int8: SubtypeFolds,
) -> None:
    """Make the final run a finished one, with the networks, thresholds and scores of a bundle."""
    run = workspace.final
    training = Training(run, workspace.data(store, run))
    detection = training.config.detection
    segmenter = segmenter_network(training.config, detection.tile_px)
    segmenter.set_weights(load_model(bundle / "segmenter.keras").get_weights())
    save_model(segmenter, run.segmenter_file)
    save_model(load_model(bundle / "classifier.keras"), run.classifier_file)
    before, scores = read_spec(bundle), read_crossvalidation(bundle)
    if scores is None or before.data_sha256 != store.data_sha256:
        sys.exit(f"{bundle}: must be of a cross-validation of the same data")
    sources = {**as_trained.sources, **{f"{k}, int8": v for k, v in as_int8.sources.items()}}
    write_json(run.root / RESULT_FILE, scores.changed(subtyping=sources).to_json())
    write_json(run.metrics_file, Metrics(validation=None, test=None).to_json())
    files = (run.segmenter_file, run.classifier_file, run.subtyper_file)
    spec = before.changed(
        tile_px=detection.tile_px,
        halo_px=detection.halo_px,
        subtyping=as_int8.subtyping,
        models={path.stem: ModelFile.of(path) for path in files},
    )
    if run.finished:
        stages = read_record(run.root).stages
    else:
        trained = {"subtyper": load_model(run.subtyper_file)}
        stages = {**stages_of(bundle, run), **stage_records(training, trained)}
    run.checkpoints.mkdir(exist_ok=True)
    close_run(training, spec, stages)


def stages_of(bundle: Path, run: RunFolder) -> dict[str, StageRecord]:
    """How the other two were trained, by the bundle's card."""
    card = (bundle / CARD_FILE).read_text("utf-8")
    return {
        role: StageRecord(
            model=getattr(run.settings.config, role).model,
            parameters=load_model(run.root / f"{role}.keras").count_params(),
            epochs=int(epochs),
            best_epoch=int(best),
            seconds=60.0 * int(minutes),
        )
        for role, epochs, best, minutes in _STAGE_ROW.findall(card)
    }


if __name__ == "__main__":
    bundle, work, out, *data = map(Path, sys.argv[1:])
    main(bundle, work, out, data)
