"""The last step of a run: model files, scores on the test fields, figures, the report."""

from __future__ import annotations

import keras
import numpy as np

from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import find_candidates
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import Thresholds
from mitokeras.disk.files import write_json
from mitokeras.report.run.page import write_report
from mitokeras.score.evaluation import ScoredField, score_fields
from mitokeras.score.scores import Metrics
from mitokeras.score.thresholds import (
    Sweep,
    candidates_at_thresholds,
    choose_thresholds,
    classifier_counts,
    rule_text,
    segmenter_counts,
)
from mitokeras.train.driver import Training
from mitokeras.train.mining import Mined
from mitokeras.train.pictures import TestField, draw_figures
from mitokeras.train.record import (
    close_run,
    read_history,
    run_report,
    stage_records,
    write_history,
)


def write_results(
    training: Training, segmenter: keras.Model, mined: Mined, classifier: keras.Model
) -> Metrics:
    """Write everything of a run folder that is not there yet; `run.json` comes last."""
    run, data, protocol = training.run, training.data, training.protocol
    detector, validation = at_chosen_thresholds(training, segmenter, mined, classifier)
    spec = detector.spec
    complete = data.complete("test")
    tested = [_test_field(field, detector, training) for field in complete]
    scored = [test.scored for test in tested]
    for field in data.of("test"):
        if not field.complete:
            scored.append(ScoredField.of(field, detector.detect(field.image())))

    test = score_fields(scored, protocol, spec.thresholds)
    metrics = Metrics(validation=score_fields(validation, protocol, spec.thresholds), test=test)
    write_json(run.metrics_file, metrics.to_json())
    history = read_history(training)
    write_history(run.history_file, history)
    stages = stage_records(training, {"segmenter": segmenter, "classifier": classifier})
    figures = draw_figures(run.figures, history, tested, spec)
    write_report(run_report(training, spec, stages, test), figures, run.report_file)
    close_run(training, spec, stages)
    return metrics


def at_chosen_thresholds(
    training: Training, segmenter: keras.Model, mined: Mined, classifier: keras.Model
) -> tuple[FieldDetector, list[ScoredField]]:
    """The detector with stage 2's threshold chosen on the validation fields.

    Returns:
        The detector, and its answers on the validation fields.
    """
    detection = training.config.detection
    detector = training.detector(
        segmenter,
        classifier,
        Thresholds(segmenter=mined.threshold, classifier=0.5),
        f"on {len(mined.validation)} validation fields by protocol {detection.protocol}: stage 1 "
        f"the highest threshold with a recall of {detection.recall:g} or, if none has it, with the "
        f"best recall; stage 2 {rule_text(detection.false_per_mm2)}",
    )
    fields = training.data.store.fields
    sweeps = [Sweep.of(fields[i], [found], detector) for i, found in mined.validation.items()]
    _, thresholds = choose_thresholds(
        np.array([mined.threshold]),
        sweeps,
        training.protocol,
        false_per_mm2=detection.false_per_mm2,
    )
    return detector.at(thresholds), [sweep.at(0, thresholds.classifier) for sweep in sweeps]


def _test_field(field: StoredField, detector: FieldDetector, training: Training) -> TestField:
    spec = detector.spec
    image = field.image()
    probability = detector.probability(image)
    found = find_candidates(probability, spec.segmenter_threshold, spec.min_area_px)
    scored = ScoredField.of(field, detector.judge(image, found))
    swept = candidates_at_thresholds(probability, spec.min_area_px)
    return TestField(
        field=field,
        scored=scored,
        segmenter_counts=segmenter_counts(scored, swept, training.protocol),
        classifier_counts=classifier_counts(scored, training.protocol),
    )
