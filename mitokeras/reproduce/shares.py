"""A share of the training cases, for a learning curve."""

from __future__ import annotations

import math
from dataclasses import replace

from mitokeras.errors import DataError
from mitokeras.reproduce.experiments import SHARES
from mitokeras.run.seeds import stream
from mitokeras.train.prepare import RunData

LEAST_CASES = math.ceil(1 / min(SHARES))
"""With fewer, the smallest share is no case."""


def with_share(data: RunData, share: float, seed: int) -> RunData:
    """Leave training cases out; a smaller share is a part of each larger one.

    The first of the drawn order has mitotic figures, as there is no training without.

    Args:
        data: All fields by their use.
        share: Of the training cases, rounded up; validation and test stay whole.
        seed: Seed of the order.
    """
    train = data.of("train")
    cases = sorted({field.case for field in train})
    order = [cases[i] for i in stream(seed, "learning curve").permutation(len(cases))]
    learnable = {field.case for field in train if field.complete and len(field.figures)}
    first = next(case for case in order if case in learnable)
    order = [first, *(case for case in order if case != first)]
    kept = set(order[: math.ceil(share * len(order))])
    return replace(data, left_out=frozenset(f.index for f in train if f.case not in kept))


def check_cases(data: RunData) -> None:
    """Raises DataError where a learning curve has too few training cases."""
    cases = {field.case for field in data.of("train")}
    if len(cases) < LEAST_CASES:
        raise DataError(
            f"a learning curve must have at least {LEAST_CASES} training cases. "
            f"Received: {len(cases)} ({', '.join(sorted(cases))})"
        )
