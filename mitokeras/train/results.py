"""The last step of a run: model files, scores, figures, the report."""

from __future__ import annotations

from dataclasses import replace

import keras

from mitokeras.detect.curve import RESULT_FILE
from mitokeras.detect.detector import FieldDetector
from mitokeras.disk.files import write_json
from mitokeras.report.run.page import write_report
from mitokeras.score.evaluation import score_fields
from mitokeras.score.gain import gain
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Gain, Metrics
from mitokeras.score.subtypes import score_subtypes
from mitokeras.train.driver import Training
from mitokeras.train.mining import Mined
from mitokeras.train.operating_point import OperatingPoint, operating_point
from mitokeras.train.pictures import draw_figures
from mitokeras.train.record import (
    close_run,
    read_history,
    run_report,
    stage_records,
    write_history,
)
from mitokeras.train.subtyping import choose_subtyping, notes_on_subtypes, with_subtyper


def write_results(
    training: Training,
    segmenter: keras.Model,
    mined: Mined,
    classifier: keras.Model,
    subtyper: keras.Model | None,
) -> Metrics:
    """Write everything of a run folder that is not there yet; `run.json` comes last."""
    run = training.run
    point = operating_point(training, segmenter, mined, classifier)
    notes = (*training.data.notes, *point.notes, *notes_on_subtypes(training, subtyper))
    training = Training(run, replace(training.data, notes=notes))
    spec = point.detector.spec
    metrics = _metrics(training, point)
    networks = {"segmenter": segmenter, "classifier": classifier}
    if subtyper is not None:
        networks["subtyper"] = subtyper
        subtyping, judged = choose_subtyping(training, subtyper)
        spec = with_subtyper(spec, run, subtyping)
        if judged.enough and metrics.test is not None:
            scores = score_subtypes(judged, subtyping.threshold)
            metrics = metrics.changed(test=metrics.test.changed(subtyping=scores))
    write_json(run.metrics_file, metrics.to_json())
    if point.crosswise:
        write_json(run.root / RESULT_FILE, point.crosswise.to_json())
    history = read_history(training)
    write_history(run.history_file, history)
    stages = stage_records(training, networks)
    figures = draw_figures(run.figures, history, point.tested, spec)
    write_report(run_report(training, spec, stages, metrics), figures, run.report_file)
    close_run(training, spec, stages)
    return metrics


def _metrics(training: Training, point: OperatingPoint) -> Metrics:
    protocol, detector, data = training.protocol, point.detector, training.data
    scored = [test.scored for test in point.tested if data.splits[test.field.index] == "test"]
    scored += [
        ScoredField.of(field, detector.detect(field.image()))
        for field in data.of("test")
        if not field.complete
    ]
    validation, test = (
        score_fields(fields, protocol, detector.spec.thresholds) if fields else None
        for fields in (point.validation, scored)
    )
    metrics = Metrics(validation=validation, test=test)
    start = training.run.settings.start
    if start is None or not point.tested:
        return metrics
    return metrics.changed(gain=_gain_over(start.name, training, point))


def _gain_over(start: str, training: Training, point: OperatingPoint) -> Gain:
    before = FieldDetector.load(training.run.start_folder)
    return gain(
        start,
        [ScoredField.of(t.field, before.detect(t.field.image())) for t in point.tested],
        [t.scored for t in point.tested],
        training.protocol,
        before.spec.thresholds,
        point.detector.spec.thresholds,
    )
