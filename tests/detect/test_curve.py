"""The false figures of a model by its threshold of stage 2, derived by hand."""

from pathlib import Path
from typing import Any

import pytest

from mitokeras.detect.curve import FalseCurve, at_false_rate, read_curve
from mitokeras.detect.folder import SHIPPED
from mitokeras.detect.spec import Thresholds, read_spec
from mitokeras.detector import Detector
from mitokeras.errors import ModelError
from tests.detectors import curve_points, darkness, make_spec, redness, write_curve

CURVE = FalseCurve(
    segmenter_threshold=0.5, points=curve_points((0.2, 40.0), (0.4, 12.0), (0.6, 2.0), (0.8, 0.0))
)


def at(classifier: float, segmenter: float = 0.5) -> Thresholds:
    return Thresholds(segmenter=segmenter, classifier=classifier)


@pytest.mark.parametrize(
    ("threshold", "rate"),
    [
        (0.2, 40.0),
        (0.3, 26.0),  # half way
        (0.55, 4.5),  # a quarter from 2 to 12
        (0.6, 2.0),
        (0.8, 2.0),  # none was seen, so no fewer than the fewest that were
        (0.19, None),
        (0.81, None),
    ],
)
def test_the_rate_lies_on_the_curve_or_is_not_measured(threshold: float, rate: float) -> None:
    assert CURVE.false_per_mm2(at(threshold)) == (rate if rate is None else pytest.approx(rate))


def test_another_threshold_of_stage_1_is_not_measured() -> None:
    assert CURVE.false_per_mm2(at(0.4, segmenter=0.3)) is None


def test_where_no_false_figure_was_ever_seen_nothing_is_measured() -> None:
    none = FalseCurve(segmenter_threshold=0.5, points=curve_points((0.2, 0.0), (0.4, 0.0)))
    assert none.false_per_mm2(at(0.3)) is None
    assert none.within(5.0) is None


@pytest.mark.parametrize(
    ("most", "threshold"), [(100, 0.2), (40, 0.2), (39, 0.4), (12, 0.4), (2, 0.6), (1.9, None)]
)
def test_the_lowest_threshold_within(most: float, threshold: float | None) -> None:
    assert CURVE.within(most) == (None if threshold is None else at(threshold))


def test_the_specification_moves_and_says_how() -> None:
    spec = make_spec()
    moved = at_false_rate(spec, CURVE, 12.0, "edge")
    assert moved.thresholds == at(0.4)
    assert moved.thresholds_chosen == (
        "the lowest of stage 2 with at most 12 false figures per mm2, by crossvalidation.json"
    )
    assert (
        moved.changed(
            classifier_threshold=spec.classifier_threshold, thresholds_chosen=spec.thresholds_chosen
        )
        == spec
    )


def test_a_rate_out_of_reach_names_the_lowest() -> None:
    with pytest.raises(ModelError) as error:
        at_false_rate(make_spec(), CURVE, 1.5, "edge")
    assert str(error.value) == (
        "edge: the false figures per mm2 must be at least 2, the lowest measured, at a threshold "
        "of 0.6. Received: 1.5"
    )


def test_a_model_without_a_curve_is_refused() -> None:
    with pytest.raises(ModelError) as error:
        at_false_rate(make_spec(), None, 5.0, "edge")
    assert str(error.value) == (
        "edge: must have measured false figures (crossvalidation.json, of `mitokeras "
        "crossvalidate`) for a rate to be chosen. Received: 5 per mm2"
    )


def test_a_detector_moves_along_its_curve_and_off_it() -> None:
    detector = Detector(make_spec(), darkness, redness, "fake", CURVE)
    assert detector.false_per_mm2 == 2.0  # at 0.6
    moved = detector.at_false_rate(15.0)
    assert (moved.spec.classifier_threshold, moved.false_per_mm2) == (0.4, 12.0)
    assert moved.at_false_rate(2.0).false_per_mm2 == 2.0
    assert detector.at(at(0.3)).false_per_mm2 == pytest.approx(26.0)
    assert detector.at(at(0.3, segmenter=0.2)).false_per_mm2 is None
    assert Detector(make_spec(), darkness, redness).false_per_mm2 is None


def test_the_file_of_a_model_is_read(tmp_path: Path) -> None:
    spec = make_spec()
    assert read_curve(tmp_path, spec) is None
    write_curve(tmp_path)
    assert read_curve(tmp_path, spec) is None
    write_curve(tmp_path, (0.6, 2.0), (0.2, 40.0))
    assert read_curve(tmp_path, spec) == FalseCurve(
        segmenter_threshold=0.5, points=curve_points((0.2, 40.0), (0.6, 2.0))
    )
    write_curve(tmp_path, (0.2, 9.0), thresholds={"segmenter": 0.7, "classifier": 0.2})
    read = read_curve(tmp_path, spec)
    assert read is not None and read.segmenter_threshold == 0.7


@pytest.mark.parametrize(("threshold", "false"), [(1.5, 3.0), (0.5, -1.0), ("a", 1.0)])
def test_a_wrong_file_is_refused(tmp_path: Path, threshold: Any, false: float) -> None:
    (point,) = curve_points((0.5, 1.0))
    changed = {**point.to_json(), "classifier_threshold": threshold, "fp_per_mm2": false}
    write_curve(tmp_path, curve=[changed])
    with pytest.raises(ModelError, match=r"crossvalidation\.json: 'curve\.0\."):
        read_curve(tmp_path, make_spec())


def test_the_shipped_model_has_a_curve() -> None:
    spec = read_spec(SHIPPED / "edge")
    curve = read_curve(SHIPPED / "edge", spec)
    assert curve is not None
    # The row of 0.9002 in its crossvalidation.json.
    assert curve.false_per_mm2(spec.thresholds) == pytest.approx(3.948950)
