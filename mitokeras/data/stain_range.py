"""The stains that a model has learned from, so that a slide of another is told.

Of each case, the two stains that `estimate_stains` finds in its tissue and the mean colour of that
are ten numbers; the range of a model has the lowest and the highest of each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from mitokeras.data.stain import WHITE, estimate_stains, tissue_mask
from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, ModelError

STAIN_FILE = "learned_stain.json"
"""In a run or bundle: the range of the fields that were learned from."""

PARTS = (
    *("the colour of haematoxylin",) * 3,
    *("the colour of eosin",) * 3,
    "the strength of haematoxylin",
    "the strength of eosin",
    *("the mean colour",) * 2,
)
"""What each number is of."""

MARGIN = 0.1
"""A number may lie beyond the range by this share of its width. docs/real_tissue.md has what other
margins gave."""

LEAST_CASES = 30
"""The range of fewer cases says little: most others lie beyond one of its ends."""

LEAST_MM2 = 0.01
"""Less tissue has the stain of its few cells."""

FIELD_PIXELS = 20_000
"""About as many, on a regular grid, are taken of a field."""

BAR_LEVEL = 20
"""Darker pixels are padding or what lies beyond a slide's edge."""

_Numbers = Annotated[
    tuple[float, ...], Field(strict=False, min_length=len(PARTS), max_length=len(PARTS))
]


def sampled(image: np.ndarray, pixels: int = FIELD_PIXELS) -> np.ndarray:
    """About so many pixels of an image, RGB, uint8, shape (n, 3)."""
    # Odd, so that the samples take turns in all places of a JPEG's 8 x 8 blocks.
    step = max(1, math.isqrt(image.shape[0] * image.shape[1] // pixels)) | 1
    return image[::step, ::step].reshape(-1, 3)


def stain_numbers(pixels: np.ndarray) -> np.ndarray | None:
    """Describe the stain of tissue.

    Args:
        pixels: RGB, uint8, shape (n, 3).

    Returns:
        A number for each of `PARTS`: the directions of haematoxylin and eosin in optical density,
        red, green and blue; the logarithms of their 99th percentiles; the shares of red and blue in
        the mean density of the tissue. None where there are no two stains.
    """
    pixels = pixels[pixels.max(axis=1) >= BAR_LEVEL]
    stains = estimate_stains(pixels[:, None]) if len(pixels) else None
    if stains is None:
        return None
    matrix, maxima = stains
    tissue = pixels[tissue_mask(pixels)].astype(np.float64)
    red, green, blue = -np.log((tissue + 1) / WHITE).mean(axis=0)
    shares = np.array([red, blue]) / (red + green + blue)
    return np.concatenate([*matrix.T, np.log(maxima), shares])


class StainRange(Record):
    """The range of the stains of some cases.

    Attributes:
        cases: How many of them.
        low: The lowest of each of `stain_numbers`.
        high: The highest.
    """

    cases: Annotated[int, Field(ge=1)]
    low: _Numbers
    high: _Numbers

    @model_validator(mode="after")
    def _low_is_low(self) -> Self:
        if any(low > high for low, high in zip(self.low, self.high, strict=True)):
            raise ValueError("low must not be above high")
        return self

    @classmethod
    def of(cls, cases: Iterable[tuple[Sequence[np.ndarray], float]]) -> Self | None:
        """The range of cases, each with pixels of its fields as `sampled` gives them, and its area.

        Cases of less than `LEAST_MM2`, and those without two stains, are left out.

        Returns:
            None where no case is left.
        """
        every = [stain_numbers(np.concatenate(own)) for own, mm2 in cases if mm2 >= LEAST_MM2]
        found = np.array([numbers for numbers in every if numbers is not None])
        if not len(found):
            return None
        low, high = found.min(axis=0).round(4), found.max(axis=0).round(4)
        return cls(cases=len(found), low=tuple(low.tolist()), high=tuple(high.tolist()))

    def joined(self, other: Self) -> Self:
        """The range of the cases of both."""
        return self.changed(
            cases=self.cases + other.cases,
            low=tuple(map(min, self.low, other.low)),
            high=tuple(map(max, self.high, other.high)),
        )

    def beyond(self, numbers: np.ndarray) -> tuple[str, ...] | None:
        """The parts of a stain that lie beyond the range.

        Args:
            numbers: As `stain_numbers` gives them.

        Returns:
            Of `PARTS`, none twice; None where the range is of too few cases.
        """
        if self.cases < LEAST_CASES:
            return None
        low, high = np.array(self.low), np.array(self.high)
        spare = MARGIN * (high - low)
        outside = (numbers < low - spare) | (numbers > high + spare)
        return tuple(dict.fromkeys(part for part, out in zip(PARTS, outside, strict=True) if out))


def read_stain_range(path: Path) -> StainRange:
    """Read the file of a run or bundle.

    Raises:
        ModelError: It is damaged.
    """
    try:
        found: StainRange = parse(StainRange, read_json(path))
    except ConfigError as error:
        raise ModelError(f"{path}: not as `mitokeras fit` writes it: {error}") from error
    return found
