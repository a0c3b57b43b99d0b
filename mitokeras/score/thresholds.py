"""Choosing the thresholds of both stages on labelled fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mitokeras.data.protocols import Protocol
from mitokeras.detect.candidates import Candidates, crop_corners, find_candidates
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import Thresholds
from mitokeras.score.rates import rates
from mitokeras.score.scored_field import ScoredField

if TYPE_CHECKING:
    from mitokeras.data.stored_field import StoredField  # HDF5, which a workstation lacks

LEAST_AREA_MM2 = 0.01
"""Area from which a field's false figures stand for those of tissue in general: 400 x 400 px at
40x."""

SEGMENTER_THRESHOLDS = np.arange(1, 20) / 20
CLASSIFIER_THRESHOLDS = np.round(1 / (1 + np.exp(-np.arange(-20, 36) / 5)), 4)
"""Even in the logit, from 0.018 to 0.999: what few false figures per mm2 take lies close to 1."""

WITHIN = 2.0
"""How good a pair within the limit of false figures is, before it is asked how many it finds; an F1
is less."""

EQUALLY_GOOD = 0.995
"""Pairs of thresholds that find that share of what the best pair finds differ by chance, but one of
a stage 1 that lets six times as many candidates through takes its time."""


def candidates_at_thresholds(
    probability: np.ndarray, min_area_px: int, thresholds: np.ndarray = SEGMENTER_THRESHOLDS
) -> list[Candidates]:
    """Stage 1's candidates of one map at each threshold."""
    return [find_candidates(probability, t, min_area_px) for t in thresholds]


class Sweep:
    """A labelled field at each of some thresholds of stage 1.

    Args:
        truth: The field; its own candidates are not looked at.
        found: Stage 1's candidates at each threshold, with stage 2's scores.
    """

    def __init__(self, truth: ScoredField, found: Sequence[Candidates]) -> None:
        self.truth = truth
        self.found = found
        self._counts: dict[tuple[int, Protocol], np.ndarray] = {}

    @classmethod
    def of(cls, field: StoredField, found: Sequence[Candidates], detector: FieldDetector) -> Sweep:
        """A field of a store, whose candidates a detector's stage 2 judges."""
        together = Candidates.joined(found)
        # Most regions have the same crop at several thresholds.
        corners = crop_corners(together.xy, detector.spec.crop_px)
        _, first, number = np.unique(corners, axis=0, return_index=True, return_inverse=True)
        once = detector.judge(field.image(), together.only(first)).classifier_score
        ends = np.cumsum([len(each) for each in found])[:-1]
        scores = np.split(once[number.reshape(-1)], ends)
        threshold = detector.spec.classifier_threshold
        judged = [each.judged(own, threshold) for each, own in zip(found, scores, strict=True)]
        return cls(ScoredField.of(field), judged)

    @classmethod
    def over(cls, field: StoredField, detector: FieldDetector, grid: np.ndarray) -> Sweep:
        """A field of a store under a detector, at each threshold of a grid."""
        least = detector.spec.min_area_px
        found = candidates_at_thresholds(detector.probability(field.image()), least, grid)
        return cls.of(field, found, detector)

    def segmenter_counts(self, protocol: Protocol) -> np.ndarray:
        """(tp, fp, fn) of stage 1 alone at each of its thresholds, shape (thresholds, 3)."""
        return segmenter_counts(self.truth, self.found, protocol)

    def judged(self, number: int) -> ScoredField:
        """With the candidates at the threshold of that number."""
        return replace(self.truth, candidates=self.found[number])

    def classifier_counts(self, number: int, protocol: Protocol) -> np.ndarray:
        """`classifier_counts` at the threshold of that number."""
        if (number, protocol) not in self._counts:
            self._counts[number, protocol] = classifier_counts(self.judged(number), protocol)
        return self._counts[number, protocol]

    def at(self, number: int, classifier_threshold: float) -> ScoredField:
        """The detector's answer at both thresholds."""
        found = self.found[number]
        return replace(
            self.truth, candidates=found.judged(found.classifier_score, classifier_threshold)
        )


def segmenter_counts(
    field: ScoredField, found: Sequence[Candidates], protocol: Protocol
) -> np.ndarray:
    """(tp, fp, fn) of stage 1 alone by the candidates of each threshold, shape (thresholds, 3)."""
    return np.stack([field.count(each.xy, protocol) for each in found])


def classifier_counts(field: ScoredField, protocol: Protocol) -> np.ndarray:
    """(tp, fp, fn) of both stages at each of `CLASSIFIER_THRESHOLDS`, shape (thresholds, 3).

    Args:
        field: With stage 2's scores.
        protocol: Rule of a hit.
    """
    found = field.candidates
    accepted = found.classifier_score >= CLASSIFIER_THRESHOLDS[:, None]
    _, first, number = np.unique(accepted.sum(axis=1), return_index=True, return_inverse=True)
    return np.stack([field.count(found.xy[accepted[i]], protocol) for i in first])[number]


def both_counts(
    sweeps: Sequence[Sweep], number: int, protocol: Protocol
) -> tuple[np.ndarray, np.ndarray]:
    """Pooled `classifier_counts` at one threshold of stage 1.

    Returns:
        Those of the completely labelled fields, and those of the others.
    """
    complete, partly = (np.zeros((len(CLASSIFIER_THRESHOLDS), 3), np.int64) for _ in range(2))
    for sweep in sweeps:
        counts = complete if sweep.truth.complete else partly
        counts += sweep.classifier_counts(number, protocol)
    return complete, partly


def false_by_source(
    sweeps: Sequence[Sweep], number: int, protocol: Protocol
) -> list[tuple[np.ndarray, float]]:
    """False figures of each data set with completely labelled fields, at one threshold of stage 1.

    Patches under `LEAST_AREA_MM2` count only where no field is larger: they were cut about mitotic
    figures, hold more look-alikes than a slide does, and a figure whose centre lies just outside
    is not among their labels.

    Returns:
        For each data set their number at each of `CLASSIFIER_THRESHOLDS`, and the area in mm2.
    """
    result = []
    complete = [sweep for sweep in sweeps if sweep.truth.complete]
    large = [sweep for sweep in complete if sweep.truth.area_mm2 >= LEAST_AREA_MM2]
    complete = large or complete
    for source in dict.fromkeys(sweep.truth.source for sweep in complete):
        own = [sweep for sweep in complete if sweep.truth.source == source]
        counts, _ = both_counts(own, number, protocol)
        result.append((counts[:, 1], sum(sweep.truth.area_mm2 for sweep in own)))
    return result


def choose_thresholds(
    grid: np.ndarray,
    sweeps: Sequence[Sweep],
    protocol: Protocol,
    recall: float | None = None,
    false_per_mm2: float | None = None,
) -> tuple[int, Thresholds]:
    """Choose the thresholds of both stages on labelled fields that the networks have not learned.

    Args:
        grid: Stage 1's thresholds to choose from, rising, those of the sweeps.
        sweeps: The fields, some of them completely labelled.
        protocol: Rule of a hit.
        recall: What stage 1 is to reach: then its threshold is that of `highest_with_recall`.
            None for any of the grid.
        false_per_mm2: The most false figures per mm2 of the completely labelled fields of any one
            data set, or a single one where its fields are too small for that; of the pairs within
            it with the best recall of all figures, or `EQUALLY_GOOD`, one is taken, or, where no
            pair within it finds any figure, that of those which do with the fewest false figures:
            a stage 2 in int8 reaches no more than 255/256. None for the best F1 of both stages.

    Returns:
        The number of stage 1's threshold in the grid, and both thresholds; of equally good pairs
        that with the fewest candidates. For F1, false positives are known of completely labelled
        fields alone, and stand for those of all.
    """
    numbers: Sequence[int] = range(len(grid))
    if recall is not None:
        complete = [sweep for sweep in sweeps if sweep.truth.complete]
        counts = np.sum([sweep.segmenter_counts(protocol) for sweep in complete], axis=0)
        numbers = [highest_with_recall(counts, recall)]
    pairs = []
    for number in numbers:
        if false_per_mm2 is None:
            own, merit = _by_f1(sweeps, number, protocol)
        else:
            own, merit = _by_false_rate(sweeps, number, protocol, false_per_mm2)
        pairs.append((number, own, merit))
    best = max(merit for _, _, merit in pairs)
    if best[0] == WITHIN:
        best = (WITHIN, EQUALLY_GOOD * best[1])
    chosen, classifier = next((n, own) for n, own, merit in reversed(pairs) if merit >= best)
    return chosen, Thresholds(
        segmenter=float(grid[chosen]), classifier=float(CLASSIFIER_THRESHOLDS[classifier])
    )


def rule_text(false_per_mm2: float | None) -> str:
    """What `choose_thresholds` looks for, in words."""
    if false_per_mm2 is None:
        return "the best F1 of both stages"
    return f"the best recall at no more than {false_per_mm2:g} false figures per mm2"


def pair_text(false_per_mm2: float | None) -> str:
    """The same where stage 1's threshold is chosen as well."""
    words = f"the pair with {rule_text(false_per_mm2)}"
    if false_per_mm2 is None:
        return words
    return f"{words}, or {1 - EQUALLY_GOOD:.1%} less of it and fewer candidates"


def _by_f1(
    sweeps: Sequence[Sweep], number: int, protocol: Protocol
) -> tuple[int, tuple[float, ...]]:
    """Stage 2's best threshold at one of stage 1, and how good the pair is."""
    counts = _weighed(*both_counts(sweeps, number, protocol))
    own = best_f1(counts)
    return own, (float(np.nan_to_num(rates(counts)[own, 2])),)


def _by_false_rate(
    sweeps: Sequence[Sweep], number: int, protocol: Protocol, false_per_mm2: float
) -> tuple[int, tuple[float, ...]]:
    """The same; pairs within the limit by their hits, after them the others by their excess, and
    last of all those that find nothing."""
    complete, partly = both_counts(sweeps, number, protocol)
    hits = complete[:, 0] + partly[:, 0]
    excess = np.max(
        [
            (false - max(false_per_mm2 * area, 1.0)) / area
            for false, area in false_by_source(sweeps, number, protocol)
        ],
        axis=0,
    )
    if not hits.any():
        return int(np.argmin(excess)), (-1.0, -float(excess.min()))
    excess[hits == 0] = np.inf
    within = np.flatnonzero(excess <= 0)
    if not len(within):
        least = np.flatnonzero(excess == excess.min())
        return int(least[len(least) // 2]), (0.0, -float(excess.min()))
    most = within[hits[within] == hits[within].max()]
    return int(most[len(most) // 2]), (WITHIN, float(hits[most[0]]))


def _weighed(complete: np.ndarray, partly: np.ndarray) -> np.ndarray:
    """Counts of all figures, the false positives scaled up from the completely labelled ones."""
    figures, more = complete[0, [0, 2]].sum(), partly[0, [0, 2]].sum()
    counts = (complete + partly).astype(np.float64)
    counts[:, 1] *= (figures + more) / max(figures, 1)
    return counts


def highest_with_recall(counts: np.ndarray, recall: float) -> int:
    """Index of the highest threshold that reaches a recall.

    Where none does, it is the highest of those with the best recall.

    Args:
        counts: Pooled (tp, fp, fn) at each threshold, rising, shape (n, 3).
        recall: The recall to reach.
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
