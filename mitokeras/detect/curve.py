"""False figures by the threshold of stage 2, as a cross-validation has measured them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import ConfigDict, Field

from mitokeras.detect.spec import DetectorSpec, Probability, Thresholds
from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, ModelError

RESULT_FILE = "crossvalidation.json"
"""In the folder of the final run of a cross-validation, and in its bundles."""


class CurvePoint(Record):
    """What one threshold of stage 2 gives on the held-out fields, with stage 1's of all folds.

    Attributes:
        classifier_threshold: That threshold.
        fp_per_mm2: False positives per mm2 of the completely labelled fields, of the data set with
            the most where there are several.
        recall: In all of them; None without such a figure.
        recall_partly_labelled: In the others, likewise.
    """

    classifier_threshold: Probability
    fp_per_mm2: Annotated[float, Field(ge=0)]
    recall: float | None
    recall_partly_labelled: float | None


CurvePoints = Annotated[tuple[CurvePoint, ...], Field(strict=False)]
"""By rising threshold."""


class FalseCurve(Record):
    """The false figures per mm2 that a model has at each threshold of stage 2.

    Attributes:
        segmenter_threshold: Threshold of stage 1 that it was measured with; it says nothing about
            another.
        points: At least one.
    """

    segmenter_threshold: float
    points: Annotated[CurvePoints, Field(min_length=1)]

    @property
    def lowest(self) -> float:
        """The lowest rate that was measured, above 0; 0 where no false figure was ever seen."""
        return min((p.fp_per_mm2 for p in self.points if p.fp_per_mm2 > 0), default=0.0)

    def rate(self, point: CurvePoint) -> float:
        """False figures per mm2 at a point.

        That no false figure was seen does not mean that there are none: where the measurement
        ends, its lowest rate is taken.
        """
        return max(point.fp_per_mm2, self.lowest)

    def false_per_mm2(self, thresholds: Thresholds) -> float | None:
        """False figures per mm2 at any thresholds, between two points in a straight line.

        Returns:
            None where it is not measured: with another threshold of stage 1, with one of stage 2
            outside the curve, or where no false figure was ever seen.
        """
        at = [point.classifier_threshold for point in self.points]
        on_curve = at[0] <= thresholds.classifier <= at[-1]
        if thresholds.segmenter != self.segmenter_threshold or not on_curve or not self.lowest:
            return None
        return float(np.interp(thresholds.classifier, at, [self.rate(p) for p in self.points]))

    def within(self, false_per_mm2: float) -> Thresholds | None:
        """The lowest threshold of stage 2 with at most so many false figures per mm2, if any."""
        for point in self.points:
            if self.lowest and self.rate(point) <= false_per_mm2:
                return Thresholds(
                    segmenter=self.segmenter_threshold, classifier=point.classifier_threshold
                )
        return None


class _Measured(Record):
    """What is needed of `crossvalidation.json`; the rest is for the room of cross-validation."""

    model_config = ConfigDict(extra="ignore")

    thresholds: Thresholds | None = None
    curve: CurvePoints = ()


def read_curve(folder: Path, spec: DetectorSpec) -> FalseCurve | None:
    """Read the curve of a run or bundle, where it has one.

    Args:
        folder: With its `detector.json`.
        spec: Content of that. Files of before do not name the threshold of stage 1: it is this.

    Raises:
        ModelError: The file is not as `mitokeras crossvalidate` writes it.
    """
    path = folder / RESULT_FILE
    if not path.exists():
        return None
    if not path.is_file():
        raise ModelError(f"{path}: must be a file")
    try:
        measured: _Measured = parse(_Measured, read_json(path))
        points = sorted(measured.curve, key=lambda point: point.classifier_threshold)
        if not points:
            return None
        stage_1 = (measured.thresholds or spec.thresholds).segmenter
        return FalseCurve(segmenter_threshold=stage_1, points=tuple(points))
    except ConfigError as error:
        raise ModelError(f"{path}: {error}") from error


def at_false_rate(
    spec: DetectorSpec, curve: FalseCurve | None, false_per_mm2: float, model: str
) -> DetectorSpec:
    """The specification at the lowest threshold of stage 2 with at most so many false figures.

    Args:
        spec: Content of `detector.json`.
        curve: That of the same model.
        false_per_mm2: The most false figures per mm2.
        model: Name of the model, for messages.

    Raises:
        ModelError: The model has no curve, or it does not come down to the rate.
    """
    if curve is None or not curve.lowest:
        raise ModelError(
            f"{model}: must have measured false figures ({RESULT_FILE}, of `mitokeras "
            f"crossvalidate`) for a rate to be chosen. Received: {false_per_mm2:g} per mm2"
        )
    thresholds = curve.within(false_per_mm2)
    if thresholds is None:
        lowest = next(p for p in curve.points if curve.rate(p) == curve.lowest)
        raise ModelError(
            f"{model}: the false figures per mm2 must be at least {curve.lowest:.4g}, the lowest "
            f"measured, at a threshold of {lowest.classifier_threshold:g}. Received: "
            f"{false_per_mm2:g}"
        )
    chosen = f"the lowest of stage 2 with at most {false_per_mm2:g} false figures per mm2"
    return spec.at(thresholds, f"{chosen}, by {RESULT_FILE}")
