"""The last step of a run: model files, scores on the test fields, figures, the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store
from mitokeras.detect.candidates import find_candidates
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DETECTOR_FILE, DetectorSpec, ModelFile
from mitokeras.disk.files import sha256_of, write_json
from mitokeras.models.saving import save_model
from mitokeras.report.run.page import write_report
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner
from mitokeras.score.evaluation import ScoredField, evaluation_report
from mitokeras.score.thresholds import (
    candidates_at_thresholds,
    choose_classifier_threshold,
    classifier_counts,
    segmenter_counts,
)
from mitokeras.train.mining import Mined
from mitokeras.train.pictures import TestField, draw_figures
from mitokeras.train.prepare import RunData, normalizer_for, truth_of
from mitokeras.train.record import environment, run_report, stage_records, write_history


def write_results(
    run: RunFolder,
    store: Store,
    data: RunData,
    segmenter: keras.Model,
    mined: Mined,
    classifier: keras.Model,
) -> dict[str, Any]:
    """Write everything of a run folder that is not there yet; `run.json` comes last.

    Returns:
        The content of `metrics.json`: under "validation" and "test" what `evaluation_report`
        gives.
    """
    save_model(segmenter, run.segmenter_file)
    save_model(classifier, run.classifier_file)
    spec = draft_spec(run, store, mined.threshold, how_chosen(run, mined))
    detector = FieldDetector(spec, KerasRunner(segmenter), KerasRunner(classifier))
    detector.spec, validation = choose_threshold(store, detector, mined)
    tested = [_test_field(store, index, detector) for index in data.complete("test")]
    scored = [test.scored for test in tested]
    for index in set(data.of("test")) - set(data.complete("test")):
        scored.append(truth_of(store, index, detector.detect(store.image(index))))

    spec = detector.spec
    protocol = get_protocol(spec.protocol)
    metrics = {
        "validation": evaluation_report(validation, protocol, spec.thresholds),
        "test": evaluation_report(scored, protocol, spec.thresholds),
    }
    write_json(run.metrics_file, metrics)
    stages, history = stage_records(run, {"segmenter": segmenter, "classifier": classifier})
    write_history(run.history_file, history)
    figures = draw_figures(run, store, history, tested, spec)
    write_report(run_report(run, store, data, spec, stages, metrics), figures, run.report_file)
    close_run(run, store, data, spec, stages)
    return metrics


def close_run(
    run: RunFolder,
    store: Store,
    data: RunData,
    spec: DetectorSpec,
    stages: Mapping[str, Any],
) -> None:
    """Write `detector.json`, then `run.json`, which makes the run a finished one."""
    write_json(run.root / DETECTOR_FILE, spec.model_dump(mode="json"))
    run.close(
        {
            "environment": environment(),
            "data_sha256": store.data_sha256,
            "notes": list(data.notes),
            "stages": stages,
            "fields": [
                {"image": f.name, "sha256": f.image_sha256, "case": f.case, "split": split}
                for f, split in zip(store.fields, data.splits, strict=True)
            ],
        }
    )


def how_chosen(run: RunFolder, mined: Mined) -> str:
    """The thresholds of a run with validation fields, in words."""
    detection = run.settings.config.detection
    return (
        f"on {len(mined.validation)} validation fields by protocol {detection.protocol}: stage 1 "
        f"the highest threshold with a recall of {detection.recall:g} or, if none has it, with the "
        "best recall; stage 2 the best F1 of both stages"
    )


def draft_spec(
    run: RunFolder, store: Store, segmenter_threshold: float, thresholds_chosen: str
) -> DetectorSpec:
    """The finished detector but for the classifier's threshold.

    Args:
        run: Its model files are there.
        store: Of its fields.
        segmenter_threshold: Of stage 1.
        thresholds_chosen: How, in words.
    """
    config: Config = run.settings.config
    detection = config.detection
    normalizer = normalizer_for(config)
    stain = {"policy": config.data.stain, **(normalizer.to_json() if normalizer else {})}
    return DetectorSpec(
        spacing_um_px=store.spacing_um_px,
        tile_px=detection.tile_px,
        halo_px=detection.halo_px,
        stain=stain,
        segmenter_threshold=segmenter_threshold,
        classifier_threshold=0.5,
        thresholds_chosen=thresholds_chosen,
        min_area_px=detection.min_area_px,
        crop_px=config.classifier.crop_px,
        protocol=detection.protocol,
        data_sha256=store.data_sha256,
        models={
            "segmenter": _model_file(run.segmenter_file),
            "classifier": _model_file(run.classifier_file),
        },
    )


def _model_file(path: Path) -> ModelFile:
    return ModelFile(file=path.name, sha256=sha256_of(path))


def choose_threshold(
    store: Store, detector: FieldDetector, mined: Mined
) -> tuple[DetectorSpec, list[ScoredField]]:
    """Choose stage 2's threshold on the validation fields; the fields judged by it."""
    protocol = get_protocol(detector.spec.protocol)
    scored = [
        truth_of(store, index, detector.judge(store.image(index), found))
        for index, found in mined.validation.items()
    ]
    threshold = choose_classifier_threshold(scored, protocol)
    judged = [
        replace(f, candidates=f.candidates.judged(f.candidates.classifier_score, threshold))
        for f in scored
    ]
    return detector.spec.model_copy(update={"classifier_threshold": threshold}), judged


def _test_field(store: Store, index: int, detector: FieldDetector) -> TestField:
    spec = detector.spec
    protocol = get_protocol(spec.protocol)
    image = store.image(index)
    probability = detector.probability(image)
    found = find_candidates(probability, spec.segmenter_threshold, spec.min_area_px)
    scored = truth_of(store, index, detector.judge(image, found))
    swept = candidates_at_thresholds(probability, spec.min_area_px)
    return TestField(
        index=index,
        scored=scored,
        segmenter_counts=segmenter_counts(scored, swept, protocol),
        classifier_counts=classifier_counts(scored, protocol),
    )
