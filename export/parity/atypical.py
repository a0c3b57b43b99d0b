"""Whether an artefact's stage 3 says what that of its run says."""

from __future__ import annotations

import numpy as np

from mitokeras.data.fields import Split
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.detector import FieldDetector
from mitokeras.export.parity.record import SubtypeParity
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.keras import KerasRunner

SPLITS: tuple[Split, ...] = ("validation", "test")


def atypical_differences(wanted: Candidates, found: Candidates, pairs: np.ndarray) -> np.ndarray:
    """By how much the atypical scores of paired candidates differ.

    Two centroids that round to two pixels give two crops, and no word on the networks.

    Args:
        wanted: Of the Keras models.
        found: Of the artefact.
        pairs: Rows (index in `wanted`, index in `found`), shape (n, 2).

    Returns:
        float64, shape (m,): of the pairs with the same crop that both have a score of.
    """
    pixels = [np.floor(c.xy[i] + 0.5) for c, i in zip((wanted, found), pairs.T, strict=True)]
    same = (pixels[0] == pixels[1]).all(axis=1)
    scores = [
        c.atypical_score[i].astype(np.float64)
        for c, i in zip((wanted, found), pairs[same].T, strict=True)
    ]
    difference = np.abs(scores[0] - scores[1])
    return difference[~np.isnan(difference)]


def compare_subtyping(trained: TrainedRun, artefact: FieldDetector) -> SubtypeParity | None:
    """Balanced accuracy on the labelled figures of the run that stage 3 has not learned from.

    Returns:
        Of the validation figures, or of the test figures where those are too few; None where both
        are.
    """
    before, after = trained.spec.subtyping, artefact.spec.subtyping
    if before is None or after is None or artefact.subtyper is None:
        return None
    for split in SPLITS:
        judged = trained.judged(split, artefact.subtyper)
        if judged.enough:
            keras = trained.judged(split, KerasRunner(trained.networks["subtyper"]))
            accuracies = (
                keras.balanced_accuracy(before.threshold),
                judged.balanced_accuracy(after.threshold),
            )
            return SubtypeParity(
                split=split,
                normal=int((~judged.atypical).sum()),
                atypical=int(judged.atypical.sum()),
                keras_balanced_accuracy=accuracies[0],
                artefact_balanced_accuracy=accuracies[1],
                drop=accuracies[0] - accuracies[1],
            )
    return None
