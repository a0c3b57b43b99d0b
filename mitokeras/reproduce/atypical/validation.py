"""What is held out of a training set to choose stage 3's threshold on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mitokeras.counting.atypical import SUBTYPES
from mitokeras.data.stored_field import StoredField
from mitokeras.run.seeds import stream
from mitokeras.score.subtypes import LEAST_FIGURES

SHARE = 0.2
"""Of the figures of each subtype, and `LEAST_FIGURES` of each at least."""


def validation_cases(fields: Sequence[StoredField], seed: int) -> frozenset[str]:
    """Draw whole cases until their figures are enough.

    Args:
        fields: Those of the training set.
        seed: Of the training; each holds out cases of its own.

    Returns:
        Names of cases; none where too few figures of a subtype would be left to learn from.
    """
    counts: dict[str, np.ndarray] = {}
    for field in fields:
        own = np.array([(field.subtypes == name).sum() for name in SUBTYPES])
        counts[field.case] = counts.get(field.case, 0) + own
    total = sum(counts.values())
    wanted = np.maximum(LEAST_FIGURES, np.ceil(SHARE * total))
    names, held = sorted(counts), set()
    found = np.zeros(len(SUBTYPES), int)
    for index in stream(seed, "atypical validation").permutation(len(names)):
        if (found >= wanted).all():
            break
        held.add(names[index])
        found += counts[names[index]]
    return frozenset(held) if (total - found >= LEAST_FIGURES).all() else frozenset()
