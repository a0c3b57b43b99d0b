"""A finished run without training: random networks that find something, for tests of exports."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from mitokeras.counting.atypical import Subtyping
from mitokeras.data.fields import Field, Mark
from mitokeras.data.known_tissue import KnownTissue
from mitokeras.data.protocols import get_protocol
from mitokeras.data.readers import read_dataset
from mitokeras.data.stain_range import StainRange
from mitokeras.data.store import Store, write_store
from mitokeras.data.stored_field import StoredField
from mitokeras.data.synthetic.writer import write_synthetic
from mitokeras.detect.spec import DetectorSpec, ModelFile
from mitokeras.detector import Detector
from mitokeras.disk.files import write_json
from mitokeras.models.classifiers import build_classifier
from mitokeras.models.saving import save_model
from mitokeras.models.segmenters import build_segmenter
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.run.presets import QUICK
from mitokeras.run.record import FieldRecord, RunRecord, RunSettings, StageRecord
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.score.evaluation import score_fields
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Metrics, Scores, SubtypeScores
from mitokeras.score.subtypes import best_threshold, measured, score_subtypes
from mitokeras.train.subtyping import judge_figures, with_subtyper

TILE_PX, HALO_PX, CROP_PX = 96, 16, 32
SPLITS = ("train",) * 10 + ("validation",) * 5 + ("test",) * 5
FIELDS, FIELD_PX = 20, 128


@dataclass
class Networks:
    segmenter: keras.Model
    classifier: keras.Model


def random_networks() -> Networks:
    keras.utils.set_random_seed(3)
    return Networks(
        build_segmenter("tiny", input_px=TILE_PX),
        build_classifier("edge", input_px=32, crop_px=CROP_PX, width=8),
    )


def write_run(root: Path, *, subtyper: bool = False, **changes: object) -> Path:
    """Write a run folder whose thresholds lie where the random networks find a few candidates.

    Args:
        root: New.
        subtyper: Whether it has a stage 3, and its labels tell subtypes.
        changes: Changes of detector.json.
    """
    config: Config = QUICK
    run = RunFolder.begin(root, RunSettings(preset="quick", config=config))
    write_synthetic(run.synthetic_folder, FIELDS, seed=1, field_px=FIELD_PX, cases=5)
    fields = read_dataset(run.synthetic_folder).fields
    if subtyper:
        fields = [_with_subtypes(field) for field in fields]
    write_store(fields, run.store_file, 0.25, None)
    networks = random_networks()
    save_model(networks.segmenter, run.segmenter_file)
    save_model(networks.classifier, run.classifier_file)
    with Store(run.store_file) as store:
        detector = _detector(run, store, **changes)
        spec = detector.spec
        metrics = Metrics(
            validation=_score(store, detector, "validation"), test=_score(store, detector, "test")
        )
        if subtyper:
            spec, scores = _subtyped(run, store, spec)
            metrics = metrics.changed(test=metrics.test.changed(subtyping=scores))
        write_json(run.root / "detector.json", spec.to_json())
        write_json(run.metrics_file, metrics.to_json())
        fields = tuple(
            FieldRecord(image=f.name, sha256=f.image_sha256, case=f.case, split=split)
            for f, split in zip(store.fields, SPLITS, strict=True)
        )
        learned = [f for f, split in zip(store.fields, SPLITS, strict=True) if split != "test"]
        KnownTissue(field.imprint() for field in learned).write(run.tissue_file)
    stains = StainRange(cases=40, low=(-9.0,) * 10, high=(9.0,) * 10)
    write_json(run.stain_file, stains.to_json())
    stage = StageRecord(model="tiny", parameters=1, epochs=1, best_epoch=1, seconds=1.0)
    run.close(
        RunRecord(
            settings=run.settings,
            environment={"mitokeras": "0.1.0"},
            data_sha256=spec.data_sha256,
            notes=(),
            stages=dict.fromkeys(spec.sides, stage),
            fields=fields,
        )
    )
    return root


def _detector(run: RunFolder, store: Store, **changes: object) -> Detector:
    spec = DetectorSpec(
        spacing_um_px=0.25,
        tile_px=TILE_PX,
        halo_px=HALO_PX,
        stain={"policy": "none"},
        segmenter_threshold=0.5,
        classifier_threshold=0.5,
        thresholds_chosen="on 5 validation fields by protocol midog, by hand",
        min_area_px=20,
        crop_px=CROP_PX,
        protocol="midog",
        data_sha256=store.data_sha256,
        models={
            "segmenter": ModelFile.of(run.segmenter_file),
            "classifier": ModelFile.of(run.classifier_file),
        },
    )
    networks = (KerasRunner(load_model(run.segmenter_file)),
                KerasRunner(load_model(run.classifier_file)))  # fmt: skip
    image = store.fields[10].image()
    low = float(np.quantile(Detector(spec, *networks).probability(image), 0.9))
    detector = Detector(spec.changed(segmenter_threshold=low), *networks)
    scores = np.sort(detector.detect(image).classifier_score)
    middle = len(scores) // 2
    # Between two scores, so that no rounding moves a candidate over it.
    between = float(scores[middle - 1 : middle + 1].mean())
    return Detector(detector.spec.changed(classifier_threshold=between, **changes), *networks)


def _with_subtypes(field: Field) -> Field:
    """With a figure in each quarter, so that each split has as many as a score asks for."""
    low, high = FIELD_PX / 4, 3 * FIELD_PX / 4
    places = {(low, low): "normal", (low, high): "atypical", (high, low): "normal"}
    places[high, high] = "atypical"
    marks = tuple(Mark(x, y, subtype=name) for (x, y), name in places.items())
    return replace(field, figures=marks, mask=None)


def _subtyped(
    run: RunFolder, store: Store, spec: DetectorSpec
) -> tuple[DetectorSpec, SubtypeScores]:
    """With a random stage 3, and its scores on the test figures."""
    keras.utils.set_random_seed(4)
    model = build_classifier("edge", input_px=32, crop_px=CROP_PX, width=8)
    save_model(model, run.subtyper_file)
    validation, test = (
        judge_figures(_of(store, split), KerasRunner(model), CROP_PX)
        for split in ("validation", "test")
    )
    threshold = best_threshold(validation)
    subtyping = measured(Subtyping(threshold=threshold, chosen="by hand"), test)
    return with_subtyper(spec, run, subtyping), score_subtypes(test, threshold)


def _of(store: Store, split: str) -> list[StoredField]:
    return [f for f, own in zip(store.fields, SPLITS, strict=True) if own == split]


def _score(store: Store, detector: Detector, split: str) -> Scores:
    scored = [ScoredField.of(f, detector.detect(f.image())) for f in _of(store, split)]
    return score_fields(scored, get_protocol("midog"), detector.spec.thresholds)


def rewrite(path: Path, **changes: object) -> None:
    """Change values of a JSON file."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
