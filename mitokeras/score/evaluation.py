"""Scores: counts by one-to-one matching, rates of the pooled counts, intervals by the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from mitokeras.counting.atypical import SUBTYPES, Subtype
from mitokeras.counting.matching import match
from mitokeras.data.known import area_px, is_inside, is_near
from mitokeras.data.protocols import Protocol
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.spec import Thresholds
from mitokeras.score.scores import CaseScores, Intervals, Scores, StageScores

if TYPE_CHECKING:
    from mitokeras.data.stored_field import StoredField  # HDF5, which a workstation lacks

BOOTSTRAP_DRAWS = 2000

FEWEST_CASES = 3
"""With fewer cases the bootstrap draws fields."""


@dataclass(frozen=True, eq=False)
class ScoredField:
    """A field with its truth and what the detector said.

    Attributes:
        name: Name of the image.
        case: The patient or slide.
        spacing_um_px: Size of the pixels that the coordinates are in.
        area_mm2: Area in which every mitotic figure is labelled.
        truths: Centroids (x, y) of the mitotic figures, shape (n, 2).
        candidates: After both stages.
        source: The data set of a mixture that it belongs to.
        complete: Whether every mitotic figure in it is among the truths. Where not, a detection
            that hits none may be right, and is not counted.
        repeats: Rectangles (left, top, right, bottom) that are scored in another field, shape
            (k, 4). Truths and detections inside count for nothing here, and `area_mm2` is without
            them.
        labelled: Area in which every mitotic figure is labelled; None for the whole field. Truths
            and detections outside count for nothing where `complete`.
        unsure: Places (x, y) of which nothing is known, shape (l, 2). A detection there that hits
            no truth counts for nothing.
        subtypes: `Subtype` of each of the truths, shape (n,); None where they are not looked at.
        only: Counts the truths of this subtype alone, and no detection that hits none.
    """

    name: str
    case: str
    spacing_um_px: float
    area_mm2: float
    truths: np.ndarray
    candidates: Candidates
    source: str = ""
    complete: bool = True
    repeats: np.ndarray = attribute(default_factory=lambda: np.zeros((0, 4)))
    labelled: BaseGeometry | None = None
    unsure: np.ndarray = attribute(default_factory=lambda: np.zeros((0, 2)))
    subtypes: np.ndarray | None = None
    only: Subtype = ""

    @classmethod
    def of(cls, field: StoredField, candidates: Candidates | None = None) -> ScoredField:
        """A field of a store, with what the detector said of it, if anything yet."""
        return cls(
            name=field.name,
            case=field.case,
            spacing_um_px=field.spacing_um_px,
            area_mm2=area_px(field.width, field.height, field.labelled, field.repeats)
            * field.spacing_um_px**2
            / 1e6,
            truths=field.figures,
            candidates=Candidates.none() if candidates is None else candidates,
            source=field.source,
            complete=field.complete,
            repeats=field.repeats,
            labelled=field.labelled,
            unsure=field.unsure,
            subtypes=field.subtypes,
        )

    @property
    def figures(self) -> int:
        """Number of mitotic figures that are scored in this field."""
        return int(self._counted().sum())

    def _counted(self) -> np.ndarray:
        """Which of the truths are scored in this field, bool, shape (n,)."""
        counted = self._is_scored(self.truths)
        return counted & (self.subtypes == self.only) if self.only else counted

    def _is_scored(self, xy: np.ndarray) -> np.ndarray:
        """Which points (x, y) lie where this field is scored, bool, shape (n,)."""
        scored = ~inside(xy, self.repeats)
        return scored & is_inside(xy, self.labelled) if self.complete else scored

    def radius_px(self, protocol: Protocol) -> float:
        return protocol.radius_px(self.spacing_um_px)

    def detections(self, stage: str) -> np.ndarray:
        """Points (x, y) that a stage of `STAGE_NAMES` calls mitotic figures, shape (m, 2)."""
        xy = self.candidates.xy
        return xy if stage == "segmenter" else xy[self.candidates.accepted]

    def count(self, detections: np.ndarray, protocol: Protocol) -> np.ndarray:
        """True positives, false positives and false negatives, int64, shape (3,)."""
        # Pairs are found before anything is left out, so that the edge of a rectangle of `repeats`
        # parts none: a hit is left out with its truth.
        pairs = match(self.truths, detections, self.radius_px(protocol))
        own, found = self._counted(), self._is_scored(detections)
        hits = int(own[pairs[:, 0]].sum())
        found[pairs[:, 1]] = False
        found &= ~is_near(detections, self.unsure, self.radius_px(protocol))
        false = found.sum() if self.complete and not self.only else 0
        return np.array([hits, false, own.sum() - hits], dtype=np.int64)


def inside(xy: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Which points (x, y) lie in one of some rectangles (left, top, right, bottom), bool."""
    points = np.asarray(xy, np.float64).reshape(-1, 1, 2)
    hit = np.all((points >= boxes[:, :2]) & (points < boxes[:, 2:]), axis=2)
    return np.asarray(np.any(hit, axis=1))


def rates(counts: np.ndarray) -> np.ndarray:
    """Precision, recall and F1.

    Args:
        counts: True positives, false positives, false negatives along the last axis.

    Returns:
        float64 of the same shape; NaN where nothing was found (precision), nothing was there
        (recall), or neither (F1).
    """
    tp, fp, fn = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    with np.errstate(invalid="ignore"):
        return np.stack([tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn)], axis=-1)


def bootstrap_interval(counts: np.ndarray, seed: int = 0) -> np.ndarray:
    """95 % intervals of the rates of pooled counts.

    Args:
        counts: One row of (tp, fp, fn) for each unit that is drawn with replacement, (n, 3).
        seed: Seed of the draws.

    Returns:
        Low and high of precision, recall and F1, shape (3, 2); NaN where no draw defines a rate.
    """
    if not len(counts):
        return np.full((3, 2), np.nan)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(counts), (BOOTSTRAP_DRAWS, len(counts)))
    of_draws = rates(counts[drawn].sum(axis=1))
    intervals = np.full((3, 2), np.nan)
    for interval, values in zip(intervals, of_draws.T, strict=True):
        defined = values[~np.isnan(values)]
        if len(defined):
            interval[:] = np.percentile(defined, [2.5, 97.5])
    return intervals


def score_fields(
    fields: Sequence[ScoredField], protocol: Protocol, thresholds: Thresholds
) -> Scores:
    """Score both stages: the completely labelled fields, and beside them each data set of others.

    Args:
        fields: All of a data set. Where none is completely labelled, there are no rates but the
            recall of the others.
        protocol: Rule of a hit.
        thresholds: Those that gave the candidates.
    """
    partly: dict[str, list[ScoredField]] = {}
    for field in fields:
        if not field.complete:
            partly.setdefault(field.source, []).append(field)
    complete = [field for field in fields if field.complete]
    spacings = sorted({field.spacing_um_px for field in complete or fields})
    fields = complete
    radii = sorted({protocol.radius_um(spacing) for spacing in spacings})
    others = {name: score_partly_labelled(own, protocol) for name, own in partly.items()}
    scores = Scores(
        protocol=protocol.name,
        match_radius_um=radii[0] if len(radii) == 1 else tuple(radii),
        spacing_um_px=spacings[0] if len(spacings) == 1 else tuple(spacings),
        thresholds=thresholds,
        fields=len(fields),
        cases=len({field.case for field in fields}),
        figures=sum(field.figures for field in fields),
        segmenter=score_stage(fields, "segmenter", protocol),
        both=score_stage(fields, "both", protocol),
    )
    subtypes = _by_subtype(fields, protocol)
    more = {"partly_labelled": others, "subtypes": subtypes}
    return scores.changed(**{name: own for name, own in more.items() if own})


def score_partly_labelled(fields: Sequence[ScoredField], protocol: Protocol) -> Scores:
    """Score both stages over fields in which not every mitotic figure is labelled, by recall."""
    scores = _by_recall(fields, protocol)
    subtypes = _by_subtype(fields, protocol)
    return scores.changed(subtypes=subtypes) if subtypes else scores


def _by_subtype(fields: Sequence[ScoredField], protocol: Protocol) -> dict[str, Scores]:
    """Recall of the mitotic figures of each subtype, where the labels say it of some."""
    result: dict[str, Scores] = {}
    for name in SUBTYPES:
        own = [
            replace(field, only=name)
            for field in fields
            if field.subtypes is not None and name in field.subtypes
        ]
        if own:
            result[name] = _by_recall(own, protocol)
    return result


def _by_recall(fields: Sequence[ScoredField], protocol: Protocol) -> Scores:
    return Scores(
        protocol=protocol.name,
        fields=len(fields),
        cases=len({field.case for field in fields}),
        figures=sum(field.figures for field in fields),
        segmenter=_recall(score_stage(fields, "segmenter", protocol)),
        both=_recall(score_stage(fields, "both", protocol)),
    )


def _recall(scores: StageScores) -> StageScores:
    """What does not rest on false positives."""
    return StageScores(
        tp=scores.tp,
        fp=None,
        fn=scores.fn,
        precision=None,
        recall=scores.recall,
        f1=None,
        fp_per_mm2=None,
        ci95=Intervals(recall=scores.ci95.recall),
        ci95_unit=scores.ci95_unit,
    )


def score_stage(fields: Sequence[ScoredField], stage: str, protocol: Protocol) -> StageScores:
    """Score one stage of `STAGE_NAMES`; see `pooled_scores`."""
    return pooled_scores(
        np.array([field.count(field.detections(stage), protocol) for field in fields]),
        [field.case for field in fields],
        np.array([field.area_mm2 for field in fields]),
    )


def pooled_scores(
    counts: np.ndarray, cases: Sequence[str], area_mm2: np.ndarray | None = None
) -> StageScores:
    """Scores of pooled counts.

    The bootstrap draws cases; with fewer than three cases it draws fields, and `ci95_unit` says
    so, because an interval from one or two cases would be a point.

    Args:
        counts: (tp, fp, fn) of each field, shape (fields, 3).
        cases: Case of each field.
        area_mm2: Area of each field, or None where it is not known.
    """
    counts, case = counts.reshape(-1, 3), np.array(cases)
    by_case = counts_by_case(counts, cases)
    unit = "case" if len(by_case) >= FEWEST_CASES else "field"
    intervals = bootstrap_interval(by_unit(counts, cases))
    precision, recall, f1 = ((or_none(low), or_none(high)) for low, high in intervals)
    area = np.zeros(len(counts)) if area_mm2 is None else area_mm2
    return StageScores(
        **dict(_pooled(counts.sum(axis=0), float(area.sum()))),
        ci95=Intervals(precision=precision, recall=recall, f1=f1),
        ci95_unit=unit,
        per_case={
            name: _pooled(row, float(area[case == name].sum())) for name, row in by_case.items()
        },
    )


def by_unit(counts: ArrayLike, cases: Sequence[str]) -> np.ndarray:
    """Counts of each unit that a bootstrap draws: a case, or with `FEWEST_CASES` not met a field.

    Args:
        counts: (tp, fp, fn) of each field, shape (fields, 3).
        cases: Case of each field.
    """
    counts = np.array(counts, dtype=np.int64).reshape(-1, 3)
    by_case = counts_by_case(counts, cases)
    return np.stack([*by_case.values()]) if len(by_case) >= FEWEST_CASES else counts


def counts_by_case(counts: np.ndarray, cases: Sequence[str]) -> dict[str, np.ndarray]:
    """Counts of the fields, shape (fields, 3), added up by case, in the order of their names."""
    case = np.array(cases)
    return {name: counts[case == name].sum(axis=0) for name in sorted(set(cases))}


def _pooled(counts: np.ndarray, area_mm2: float) -> CaseScores:
    tp, fp, fn = map(int, counts)
    precision, recall, f1 = map(or_none, rates(counts))
    return CaseScores(
        tp=tp,
        fp=fp,
        fn=fn,
        precision=precision,
        recall=recall,
        f1=f1,
        fp_per_mm2=fp / area_mm2 if area_mm2 else None,
        area_mm2=area_mm2 or None,
    )


def or_none(value: float) -> float | None:
    """A rate as JSON has it."""
    return None if np.isnan(value) else float(value)
