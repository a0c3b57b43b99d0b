"""Scores: counts by one-to-one matching, rates of the pooled counts, intervals by the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mitokeras.data.protocols import Protocol
from mitokeras.detect.candidates import Candidates
from mitokeras.score.matching import match

BOOTSTRAP_DRAWS = 2000
STAGES = ("segmenter", "both")
"""Stage 1 alone, and both stages."""


@dataclass(frozen=True, eq=False)
class ScoredField:
    """A field with its truth and what the detector said.

    Attributes:
        name: Of the image.
        case: The patient or slide.
        spacing_um_px: Of the pixels that the coordinates are in.
        area_mm2: Of the whole field.
        truths: Centroids (x, y) of the mitotic figures, shape (n, 2).
        candidates: After both stages.
        source: The data set of a mixture that it belongs to.
        complete: Whether every mitotic figure in it is among the truths. Where not, a detection
            that hits none may be right, and is not counted.
    """

    name: str
    case: str
    spacing_um_px: float
    area_mm2: float
    truths: np.ndarray
    candidates: Candidates
    source: str = ""
    complete: bool = True

    def radius_px(self, protocol: Protocol) -> float:
        return protocol.radius_px(self.spacing_um_px)

    def detections(self, stage: str) -> np.ndarray:
        """Points (x, y) that a stage of `STAGES` calls mitotic figures, shape (m, 2)."""
        xy = self.candidates.xy
        return xy if stage == "segmenter" else xy[self.candidates.accepted]

    def count(self, detections: np.ndarray, protocol: Protocol) -> np.ndarray:
        """True positives, false positives and false negatives, int64, shape (3,)."""
        counts = count(self.truths, detections, self.radius_px(protocol))
        return counts if self.complete else counts * (1, 0, 1)


def count(truths: np.ndarray, detections: np.ndarray, radius: float) -> np.ndarray:
    """True positives, false positives and false negatives of one field, int64, shape (3,)."""
    hits = len(match(truths, detections, radius))
    return np.array([hits, len(detections) - hits, len(truths) - hits], dtype=np.int64)


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
        seed: Of the draws.

    Returns:
        Low and high of precision, recall and F1, shape (3, 2); NaN where no draw defines a rate.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(counts), (BOOTSTRAP_DRAWS, len(counts)))
    of_draws = rates(counts[drawn].sum(axis=1))
    intervals = np.full((3, 2), np.nan)
    for interval, values in zip(intervals, of_draws.T, strict=True):
        defined = values[~np.isnan(values)]
        if len(defined):
            interval[:] = np.percentile(defined, [2.5, 97.5])
    return intervals


def evaluation_report(
    fields: Sequence[ScoredField], protocol: Protocol, thresholds: dict[str, float]
) -> dict[str, Any]:
    """Score both stages over fields, as `mitokeras evaluate --json` writes it.

    Returns:
        protocol, match_radius_um and spacing_um_px (each one number, or a list where the fields
        differ), thresholds, fields, cases, figures, and `summarize` of each of `STAGES`, all of
        the completely labelled fields. Of the others, where there are some, "partly_labelled" has
        `partly_labelled_report` of each data set.
    """
    partly: dict[str, list[ScoredField]] = {}
    for field in fields:
        if not field.complete:
            partly.setdefault(field.source, []).append(field)
    fields = [field for field in fields if field.complete]
    spacings = sorted({field.spacing_um_px for field in fields})
    radii = sorted({protocol.radius_um(spacing) for spacing in spacings})
    return {
        "protocol": protocol.name,
        "match_radius_um": radii[0] if len(radii) == 1 else radii,
        "spacing_um_px": spacings[0] if len(spacings) == 1 else spacings,
        "thresholds": thresholds,
        "fields": len(fields),
        "cases": len({field.case for field in fields}),
        "figures": sum(len(field.truths) for field in fields),
        **{stage: summarize(fields, stage, protocol) for stage in STAGES},
        **({"partly_labelled": _of_sources(partly, protocol)} if partly else {}),
    }


def _of_sources(fields: dict[str, list[ScoredField]], protocol: Protocol) -> dict[str, Any]:
    return {source: partly_labelled_report(own, protocol) for source, own in fields.items()}


def partly_labelled_report(fields: Sequence[ScoredField], protocol: Protocol) -> dict[str, Any]:
    """Score both stages over fields in which not every mitotic figure is labelled.

    Returns:
        As `evaluation_report`, with None for what rests on false positives.
    """
    return {
        "protocol": protocol.name,
        "fields": len(fields),
        "cases": len({field.case for field in fields}),
        "figures": sum(len(field.truths) for field in fields),
        **{stage: _recall(fields, stage, protocol) for stage in STAGES},
    }


def _recall(fields: Sequence[ScoredField], stage: str, protocol: Protocol) -> dict[str, Any]:
    summary = summarize(fields, stage, protocol)
    unknown = dict.fromkeys(("fp", "precision", "f1", "fp_per_mm2"))
    kept = {key: summary[key] for key in ("tp", "fn", "recall", "ci95_unit")}
    return {**unknown, **kept, "ci95": {"recall": summary["ci95"]["recall"]}}


def summarize(fields: Sequence[ScoredField], stage: str, protocol: Protocol) -> dict[str, Any]:
    """Score one stage over fields, as it goes into `metrics.json`.

    The bootstrap draws cases; with fewer than three cases it draws fields, and `ci95_unit` says
    so, because an interval from one or two cases would be a point.

    Returns:
        tp, fp, fn, precision, recall, f1, ci95, ci95_unit, fp_per_mm2 and per_case; a rate that
        is not defined is None.
    """
    counts = np.array([f.count(f.detections(stage), protocol) for f in fields]).reshape(-1, 3)
    area = np.array([field.area_mm2 for field in fields])
    cases = np.array([field.case for field in fields])
    names = sorted(set(cases))
    by_case = np.stack([counts[cases == name].sum(axis=0) for name in names])
    unit = "case" if len(names) >= 3 else "field"
    intervals = bootstrap_interval(by_case if unit == "case" else counts)
    return {
        **_as_json(counts.sum(axis=0), float(area.sum())),
        "ci95": {
            rate: [_or_none(low), _or_none(high)]
            for rate, (low, high) in zip(("precision", "recall", "f1"), intervals, strict=True)
        },
        "ci95_unit": unit,
        "per_case": {
            name: _as_json(row, float(area[cases == name].sum()))
            for name, row in zip(names, by_case, strict=True)
        },
    }


def _as_json(counts: np.ndarray, area_mm2: float) -> dict[str, Any]:
    precision, recall, f1 = rates(counts)
    return {
        "tp": int(counts[0]),
        "fp": int(counts[1]),
        "fn": int(counts[2]),
        "precision": _or_none(precision),
        "recall": _or_none(recall),
        "f1": _or_none(f1),
        "fp_per_mm2": float(counts[1]) / area_mm2,
        "area_mm2": area_mm2,
    }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
