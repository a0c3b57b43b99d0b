"""The cross-validation of the recipe that a run was trained by, if somebody has done one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from mitokeras.crossvalidation.workspace import RESULT_FILE
from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, ModelError

Rate = float | None
"""None where there is nothing to divide by."""


class _Part(Record):
    """What a card shows of a larger record."""

    model_config = ConfigDict(extra="ignore")


Interval = Annotated[tuple[Rate, Rate], Field(strict=False)] | None
"""Low and high of 95 %."""


class Intervals(_Part):
    """Of the rates."""

    precision: Interval = None
    recall: Interval = None
    f1: Interval = None


class StageScores(_Part):
    """Of one stage, as `mitokeras.score.evaluation.summarize` gives them.

    Where not every figure is labelled, `fp`, what follows from it, and their intervals are None.
    """

    tp: int
    fp: int | None
    fn: int
    precision: Rate
    recall: Rate
    f1: Rate
    ci95: Intervals
    fp_per_mm2: Rate


class HeldOutScores(_Part):
    """Of the held-out fields of all folds, as `evaluation_report` gives them.

    Attributes:
        protocol: Rule of a hit.
        fields: How many.
        cases: How many patients or slides.
        figures: Labelled mitotic figures.
        segmenter: Stage 1 alone.
        both: Both stages.
    """

    protocol: str
    fields: int
    cases: int
    figures: int
    segmenter: StageScores
    both: StageScores


class CrossValidationScores(_Part):
    """Of `crossvalidation.json`, as `mitokeras crossvalidate` writes it.

    Attributes:
        method: What was held out in each fold, and where its thresholds came from, in a sentence.
        sources: Data set -> scores.
        curve: What other thresholds of stage 2 would have given.
    """

    method: str
    sources: dict[str, HeldOutScores]
    curve: Annotated[tuple[dict[str, Rate], ...], Field(strict=False)] = ()


def read_crossvalidation(run: Path) -> CrossValidationScores | None:
    """Read the file of a run folder, where there is one.

    Raises:
        ModelError: It is not as described above.
    """
    path = run / RESULT_FILE
    if not path.is_file():
        return None
    try:
        return scores_of(read_json(path))
    except ConfigError as error:
        raise ModelError(f"{path}: {error}") from error


def scores_of(values: Any) -> CrossValidationScores:
    """Raises ConfigError where they are not as described above."""
    scores: CrossValidationScores = parse(CrossValidationScores, values)
    return scores
