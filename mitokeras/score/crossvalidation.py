"""What a cross-validation gave: `crossvalidation.json`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from mitokeras.detect.curve import RESULT_FILE, CurvePoint, CurvePoints
from mitokeras.detect.spec import Thresholds
from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, ModelError
from mitokeras.score.scores import STAGE_NAMES, Scores, SubtypeScores


class CrossValidation(Record):
    """Scores of each fold's detector on the fields that it has not seen.

    Attributes:
        method: What was held out in each fold, and where its thresholds came from, in a sentence.
        sources: Scores by data set.
        thresholds: Chosen on the held-out fields of all folds; None in older bundles.
        thresholds_of_folds: For each fold, chosen on the held-out fields of the others.
        curve: By rising threshold.
        subtyping: Scores of stage 3 by data set, where there is one.
    """

    method: str
    sources: dict[str, Scores]
    thresholds: Thresholds | None = None
    thresholds_of_folds: Annotated[tuple[Thresholds, ...], Field(strict=False)] = ()
    curve: CurvePoints = ()
    subtyping: dict[str, SubtypeScores] = Field(default_factory=dict)

    def to_json(self, names_of_cases: bool = True) -> dict[str, Any]:
        """As it stands in files; a case's name could be that of a patient."""
        of_stages = {stage: {"per_case"} for stage in STAGE_NAMES}
        nameless = {"sources": {"__all__": of_stages}}
        return self.model_dump(
            mode="json", exclude_unset=True, exclude=None if names_of_cases else nameless
        )


def read_crossvalidation(folder: Path) -> CrossValidation | None:
    """Read the file of a run or bundle, where there is one.

    Raises:
        ModelError: It is not as `mitokeras crossvalidate` writes it.
    """
    path = folder / RESULT_FILE
    if not path.is_file():
        return None
    try:
        return parse(CrossValidation, read_json(path))
    except ConfigError as error:
        raise ModelError(f"{path}: {error}") from error


def trade_off(
    curve: Sequence[CurvePoint], limits: Sequence[float] = (60, 30, 15, 10, 5)
) -> list[CurvePoint]:
    """The lowest threshold within each limit of false positives.

    Args:
        curve: By rising threshold, as `CrossValidation` has it.
        limits: False positives per mm2, falling.
    """
    within = [next((p for p in curve if p.fp_per_mm2 <= limit), None) for limit in limits]
    thresholds = {p.classifier_threshold: p for p in within if p is not None}
    return list(thresholds.values())
