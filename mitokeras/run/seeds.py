"""Streams of random numbers, one for each purpose of a run."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """The random numbers of one purpose, independent of those of every other.

    Args:
        seed: Seed of the run.
        purpose: What they are for, in words.
        numbers: Which of many alike, such as the index of a sample.
    """
    name = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "big")
    return np.random.default_rng((seed, name, *numbers))
