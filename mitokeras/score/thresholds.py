"""Choosing the thresholds of both stages on validation fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from mitokeras.data.protocols import Protocol
from mitokeras.detect.candidates import Candidates, find_candidates
from mitokeras.score.evaluation import ScoredField, rates

SEGMENTER_THRESHOLDS = np.arange(1, 20) / 20
CLASSIFIER_THRESHOLDS = np.arange(1, 50) / 50


def candidates_at_thresholds(
    probability: np.ndarray, min_area_px: int, thresholds: np.ndarray = SEGMENTER_THRESHOLDS
) -> list[Candidates]:
    """Stage 1's candidates of one map at each threshold."""
    return [find_candidates(probability, t, min_area_px) for t in thresholds]


def segmenter_counts(
    field: ScoredField, swept: Sequence[Candidates], protocol: Protocol
) -> np.ndarray:
    """Counts of stage 1 alone at each threshold.

    Args:
        field: Its truths; its own candidates are not looked at.
        swept: From `candidates_at_thresholds`.
        protocol: Of the matching.

    Returns:
        (tp, fp, fn) at each threshold, shape (thresholds, 3).
    """
    return np.stack([field.count(found.xy, protocol) for found in swept])


def classifier_counts(field: ScoredField, protocol: Protocol) -> np.ndarray:
    """Counts of both stages at each of `CLASSIFIER_THRESHOLDS`, shape (thresholds, 3)."""
    rows = []
    for threshold in CLASSIFIER_THRESHOLDS:
        judged = field.candidates.judged(field.candidates.classifier_score, threshold)
        at_threshold = replace(field, candidates=judged)
        rows.append(field.count(at_threshold.detections("both"), protocol))
    return np.stack(rows)


def choose_segmenter_threshold(
    fields: Iterable[tuple[ScoredField, Sequence[Candidates]]], protocol: Protocol, recall: float
) -> tuple[int, np.ndarray]:
    """Choose stage 1's threshold on validation fields, by `highest_with_recall`.

    Args:
        fields: Each with its candidates from `candidates_at_thresholds`.
        protocol: Of the matching.
        recall: To reach.

    Returns:
        Index into `SEGMENTER_THRESHOLDS`, and the pooled (tp, fp, fn) at each.
    """
    counts = np.sum([segmenter_counts(*field, protocol) for field in fields], axis=0)
    return highest_with_recall(SEGMENTER_THRESHOLDS, counts, recall), counts


def choose_classifier_threshold(fields: Iterable[ScoredField], protocol: Protocol) -> float:
    """Choose stage 2's threshold on validation fields with judged candidates, by `best_f1`."""
    counts = np.sum([classifier_counts(field, protocol) for field in fields], axis=0)
    return float(CLASSIFIER_THRESHOLDS[best_f1(counts)])


def highest_with_recall(thresholds: np.ndarray, counts: np.ndarray, recall: float) -> int:
    """Index of the highest threshold that reaches a recall.

    Where none does, it is the highest of those with the best recall.

    Args:
        thresholds: Rising, shape (n,).
        counts: Pooled (tp, fp, fn) at each, shape (n, 3).
        recall: To reach.
    """
    reached = np.nan_to_num(rates(counts)[:, 1])
    wanted = min(recall, reached.max())
    return int(np.flatnonzero(reached >= wanted)[-1])


def best_f1(counts: np.ndarray) -> int:
    """Index of the best F1; the middle of the widest run of equally good thresholds.

    Args:
        counts: Pooled (tp, fp, fn) at each threshold, shape (n, 3).
    """
    f1 = np.nan_to_num(rates(counts)[:, 2])
    best = np.flatnonzero(f1 == f1.max())
    runs = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
    widest = max(runs, key=len)
    return int(widest[len(widest) // 2])
