"""Scores of a detector on labelled fields, as `metrics.json` and `evaluate --json` hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from mitokeras.detect.spec import Thresholds
from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, SparseRecord, parse
from mitokeras.errors import ConfigError, ModelError

STAGE_NAMES = {"segmenter": "stage 1", "both": "both stages"}
"""Stage 1 alone, and both stages: their names in files, and in words."""

Rate = float | None
"""None where there is nothing to divide by."""

Interval = Annotated[tuple[Rate, Rate], Field(strict=False)] | None
"""Low and high of 95 %."""

OneOrMore = float | Annotated[tuple[float, ...], Field(strict=False)] | None


class CaseScores(Record):
    """Pooled counts of one case, and their rates.

    Attributes:
        tp: True positives.
        fp: False positives; None, as all that rests on them, where not every figure is labelled.
        fn: Missed figures.
        precision: Share of the detections that are figures.
        recall: Share of the figures that were found.
        f1: Harmonic mean of both.
        fp_per_mm2: False positives per square millimetre of field.
        area_mm2: Area of the fields.
    """

    tp: int
    fp: int | None
    fn: int
    precision: Rate
    recall: Rate
    f1: Rate
    fp_per_mm2: Rate
    area_mm2: float | None = None


class Intervals(Record):
    """95 % intervals of the rates."""

    precision: Interval = None
    recall: Interval = None
    f1: Interval = None


class StageScores(CaseScores):
    """Pooled counts of all fields by one stage, and their rates.

    Attributes:
        ci95: By bootstrap.
        ci95_unit: What the bootstrap draws: "case", or "field" where there are fewer than three.
        per_case: The same of each case alone.
    """

    ci95: Intervals
    ci95_unit: str | None = None
    per_case: dict[str, CaseScores] = Field(default_factory=dict)

    @property
    def figures(self) -> int:
        return self.tp + self.fn


class SubtypeIntervals(Record):
    """95 % intervals of the rates."""

    balanced_accuracy: Interval = None
    auroc: Interval = None
    sensitivity: Interval = None
    specificity: Interval = None


class SubtypeScores(Record):
    """Stage 3 on mitotic figures whose subtype is labelled, each about its labelled centre.

    Attributes:
        threshold: A figure is called atypical at this probability or more; None where each fold of
            a cross-validation has its own.
        normal: Number of normal figures.
        atypical: Number of atypical figures.
        cases: Number of patients or slides.
        balanced_accuracy: Mean of sensitivity and specificity.
        auroc: Chance that an atypical figure has a higher probability than a normal one.
        sensitivity: Share of the atypical figures that are called so.
        specificity: Share of the normal figures that are not.
        ci95: By bootstrap.
        ci95_unit: What the bootstrap draws: "case", or "figure" where there are fewer than three.
    """

    threshold: Rate
    normal: int
    atypical: int
    cases: int
    balanced_accuracy: Rate
    auroc: Rate
    sensitivity: Rate
    specificity: Rate
    ci95: SubtypeIntervals
    ci95_unit: str


class Scores(SparseRecord):
    """Both stages on labelled fields.

    Attributes:
        protocol: Rule of a hit.
        match_radius_um: Its radius: a number, or several where the fields' spacings differ.
        spacing_um_px: Size of a pixel of the fields, likewise.
        thresholds: Those of the detector.
        fields: Number of fields.
        cases: Number of patients or slides.
        figures: Number of labelled mitotic figures.
        segmenter: Stage 1 alone.
        both: Both stages.
        partly_labelled: Scores of each data set whose fields are not completely labelled; the
            numbers above are of the others.
        subtypes: Scores of the mitotic figures of each subtype, by recall, where the labels say it.
        subtyping: Stage 3 on the labelled figures; None without one, or where too few of them have
            a subtype.
        notes: One line each on what was left out.
    """

    protocol: str
    match_radius_um: OneOrMore = None
    spacing_um_px: OneOrMore = None
    thresholds: Thresholds | None = None
    fields: int
    cases: int
    figures: int
    segmenter: StageScores
    both: StageScores
    partly_labelled: dict[str, Scores] = Field(default_factory=dict)
    subtypes: dict[str, Scores] = Field(default_factory=dict)
    subtyping: SubtypeScores | None = None
    notes: Annotated[tuple[str, ...], Field(strict=False)] = ()

    def by_stage(self) -> dict[str, StageScores]:
        """Scores by the keys of `STAGE_NAMES`."""
        return {"segmenter": self.segmenter, "both": self.both}

    def every_subtype(self) -> dict[str, Scores]:
        """Scores of each subtype, of completely labelled fields and of the others, by a name."""
        named = dict(self.subtypes)
        for source, part in self.partly_labelled.items():
            where = source or "fields not all labelled"
            named |= {f"{where}, {name}": own for name, own in part.subtypes.items()}
        return named


FEWEST_SHOWN = 6
"""Of fewer cases or fields no gain is shown, whatever their interval: that all of them gain has a
chance of 1 in 16 and more, in a sign test of both sides, where there is none."""


class Gain(Record):
    """A fine-tuned detector against its start, on the same fields.

    Attributes:
        start: Name of the start.
        before: The start's scores, at its own thresholds.
        after: Those of the fine-tuned detector, or of one of its recipe without the field.
        difference: F1 of both stages after less before; None where one of them is not defined.
        ci95: Its 95 % interval, by a bootstrap that draws the same for both.
        units: How many cases or fields it draws from; 0 where an earlier version has not said.
    """

    start: str
    before: Scores
    after: Scores
    difference: Rate
    ci95: Interval
    units: int = 0

    @property
    def is_shown(self) -> bool:
        """Whether the gain is beyond chance."""
        above = self.ci95 is not None and self.ci95[0] is not None and self.ci95[0] > 0
        return above and self.units >= FEWEST_SHOWN

    @property
    def verdict(self) -> str:
        """What to do, in a sentence; without a gain that is to stay with the start."""
        if self.difference is None:
            return f"whether it is better than {self.start} cannot be said of these fields"
        if self.is_shown:
            return f"it is better than {self.start} on such fields"
        if self.difference > 0 and self.units < FEWEST_SHOWN:
            unit = self.after.both.ci95_unit
            return (
                f"fewer than {FEWEST_SHOWN} {unit}s are too few to tell: it is not shown to be "
                f"better than {self.start}"
            )
        if self.difference > 0:
            return f"that is within chance: it is not shown to be better than {self.start}"
        return f"it is NOT better than {self.start}: keep using {self.start}, or review more slides"


class Metrics(SparseRecord):
    """Content of a run's `metrics.json`; None for a split that was not scored.

    Attributes:
        validation: What the thresholds were chosen on.
        test: What had no part in the training, nor in the choice of thresholds.
        gain: Of a fine-tuning, over its start on the fields of `test`, or on training fields that
            were judged crosswise; None where there are none.
    """

    validation: Scores | None
    test: Scores | None
    gain: Gain | None = None

    @property
    def unseen(self) -> Scores | None:
        """Scores on fields that the networks had not seen, nor the thresholds; None without any."""
        return self.test if self.test is not None or self.gain is None else self.gain.after

    @property
    def subtyping(self) -> SubtypeScores | None:
        """Stage 3 on the figures of the test fields; None without one, or with too few of them."""
        return None if self.test is None else self.test.subtyping

    def scored(self) -> dict[str, Scores]:
        """The splits that were scored and have a field, validation first."""
        splits = {"validation": self.validation, "test": self.test}
        return {name: own for name, own in splits.items() if own is not None and own.fields}


def read_metrics(path: Path) -> Metrics:
    """Read a `metrics.json`.

    Raises:
        ModelError: It is missing, or not as `mitokeras fit` writes it.
    """
    try:
        metrics: Metrics = parse(Metrics, read_json(path))
    except ConfigError as error:
        raise ModelError(f"{path}: not as `mitokeras fit` writes it: {error}") from error
    return metrics
