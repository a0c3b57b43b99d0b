"""A run's detector at thresholds of its own, chosen on fields that its networks have not seen."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import Thresholds, read_spec
from mitokeras.score.crossvalidation import CrossValidation
from mitokeras.score.folds import score_folds, sweep_fields
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.thresholds import Sweep, choose_thresholds, pair_text, rule_text
from mitokeras.train.crosswise import Part, judge_crosswise
from mitokeras.train.driver import Training
from mitokeras.train.mining import Mined
from mitokeras.train.tested import TestField

CURVE_AREA_MM2 = 1.0
"""On less tissue than this a false rate is chance, and a run keeps no curve of it."""


@dataclass(frozen=True, eq=False)
class OperatingPoint:
    """A detector with its thresholds, and what it says of fields that had no part in its training.

    Attributes:
        detector: At the chosen thresholds.
        validation: The fields that the thresholds were chosen on, where these are other than the
            tested ones.
        tested: Fields that neither networks nor thresholds have seen.
        crosswise: Scores of the parts of a fine-tuning that judged each other.
        notes: One line each on what has to be known of the scores.
    """

    detector: FieldDetector
    validation: list[ScoredField]
    tested: list[TestField]
    crosswise: CrossValidation | None = None
    notes: tuple[str, ...] = ()


def operating_point(
    training: Training, segmenter: keras.Model, mined: Mined, classifier: keras.Model
) -> OperatingPoint:
    """Choose the thresholds, and test.

    They are chosen on the validation fields, and the test fields tell how good they are. A
    fine-tuning without validation fields is judged `crosswise`.
    """
    start = training.run.settings.start
    if start is not None and not training.data.complete("validation"):
        return crosswise(training, segmenter, mined, classifier, start.name)
    detector, validation = at_chosen_thresholds(training, segmenter, mined, classifier)
    return OperatingPoint(detector, validation, _test(training, detector))


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


def crosswise(
    training: Training, segmenter: keras.Model, mined: Mined, classifier: keras.Model, start: str
) -> OperatingPoint:
    """The detector at thresholds chosen on its training fields, each judged by networks of others.

    The training fields are in parts, and a detector that was trained without a part judges it. The
    detector of all gets the thresholds that are best on all parts; each part is tested at those
    that were chosen on the others. Where fewer than two parts have a mitotic figure that is scored,
    the start's thresholds are kept and nothing is tested.
    """
    judged = judge_crosswise(training, mined)
    if not judged:
        kept = read_spec(training.run.start_folder).thresholds
        detector = training.detector(
            segmenter, classifier, kept, f"those of {start}, from which the run started"
        )
        note = (
            f"the thresholds are those of {start}: too few completely labelled fields have a "
            "mitotic figure to choose new ones"
        )
        tested = _test(training, detector)
        if not tested:
            note += f", and whether the run is better than {start} is not known"
        return OperatingPoint(detector, [], tested, notes=(note,))
    notes = _notes(judged)
    rule = training.config.detection.false_per_mm2
    number = sum(len(part.fields) for part in judged)
    method = f"{number} training fields, each judged by networks that have not seen it"
    scores = score_folds(
        [sweep_fields(part.fields, part.detector) for part in judged],
        training.protocol,
        rule,
        f"{'; '.join([f'{method}, at thresholds chosen on the others', *notes])}.",
    )
    detector = training.detector(
        segmenter, classifier, scores.thresholds, f"on {method}: {pair_text(rule)}"
    )
    tested = _test(training, detector) or [
        TestField.of(field, part.detector.at(thresholds), training.protocol)
        for part, thresholds in zip(judged, scores.result.thresholds_of_folds, strict=True)
        for field in part.fields
    ]
    area_mm2 = sum(field.area_mm2 for part in judged for field in part.fields)
    result = scores.result if area_mm2 >= CURVE_AREA_MM2 else scores.result.changed(curve=())
    return OperatingPoint(detector, [], tested, result, notes)


def _test(training: Training, detector: FieldDetector) -> list[TestField]:
    fields = training.data.complete("test")
    return [TestField.of(field, detector, training.protocol) for field in fields]


def _notes(parts: list[Part]) -> tuple[str, ...]:
    """Whether a case is on both sides."""
    cases = [{field.case for field in part.fields} for part in parts]
    every = set.union(*cases)
    twice = sum(sum(case in own for own in cases) > 1 for case in every)
    if not twice:
        return ()
    return (
        f"the parts that judge each other share {twice} of {len(every)} cases, because there are "
        "fewer cases than parts: scores are those of other places on the same slides",
    )
