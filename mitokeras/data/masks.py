"""Which pixels a mask marks.

As stored, 0 is background: programs that write "white is zero" (ImageJ, tifffile) store figures as
what is not 0. A palette counts by its colours, the brightest channel of a colour, and what is
see-through lies on black. Then

- several grey values may be classes or numbers of figures, so that all of them are marked;
- but many grey values in pieces of a pixel or two are soft edges or a JPEG's traces: a figure is
  what has at least half of the brightest value, in a JPEG half of white.

A mask that can only be a mistake is refused: one that marks most of the image, or whose drawing
marks nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from mitokeras.errors import DataError
from mitokeras.slides.samples import Samples

MOST = 0.5
"""No mitosis fills half of a patch that was cut about it."""

SOFT_LEVELS = 8
SOFT_RUN_PX = 2
"""Soft edges have more levels than this, and half of all pieces of a row of one level are no longer
than this. Of figures of 4 px radius or more with numbers of their own, the median piece is 6 px and
more; of figures with anti-aliased or blurred edges it is 1 px."""


class Marked(NamedTuple):
    """What a mask marks.

    Attributes:
        pixels: 1 on figures, else 0, uint8, shape (height, width).
        is_soft: Whether only the brighter half of its grey values was taken.
    """

    pixels: np.ndarray
    is_soft: bool


def marked(path: Path, mask: Samples) -> Marked:
    """Apply the rule of this module.

    Args:
        path: The mask, for the message.
        mask: Its samples.

    Raises:
        DataError: It marks most of the image, or nothing though something is drawn, or it has
            numbers below 0.
    """
    levels = _on_black(mask)
    if not np.isfinite(levels).all() or levels.min() < 0:
        raise DataError(f"{path}: a mask must be of numbers from 0 on. Received: others")
    kind = mask.values.dtype
    if mask.lossy and kind.kind == "u":
        is_soft, white = True, float(np.iinfo(kind).max)
    else:
        is_soft, white = _is_soft(levels), float(levels.max())
    pixels = (levels > 0) & (levels >= white / 2) if is_soft else levels > 0
    if not pixels.any() and _is_drawn(mask):
        raise DataError(
            f"{path}: a mask must have its figures in white on black. Received: a drawing that "
            f"marks nothing, its brightest value {float(levels.max()):g}"
        )
    if pixels.mean() > MOST:
        raise DataError(
            f"{path}: a mask must have its figures in white on black. Received: one that marks "
            f"most of the image, {pixels.mean():.0%}. Invert it"
        )
    return Marked(pixels.astype(np.uint8), is_soft and bool((levels[~pixels] > 0).any()))


def notes_on_soft(count: int) -> list[str]:
    """A note on masks of which only the brighter grey values were taken, if there are any."""
    if not count:
        return []
    return [
        f"{count} masks have soft edges or a JPEG's traces: a figure is what has at least half of "
        "the brightest value"
    ]


def _on_black(mask: Samples) -> np.ndarray:
    """The brightest channel, laid on black; shape (height, width)."""
    levels = mask.values.max(axis=-1)
    if mask.alpha is None or mask.premultiplied:
        return levels
    opaque = np.iinfo(mask.alpha.dtype).max if mask.alpha.dtype.kind == "u" else 1
    return levels * (mask.alpha / np.float32(opaque))


def _is_drawn(mask: Samples) -> bool:
    channels = (mask.values,) if mask.alpha is None else (mask.values, mask.alpha[..., None])
    return any(bool((channel != channel[:1, :1]).any()) for channel in channels)


def _is_soft(levels: np.ndarray) -> bool:
    if len(np.unique(levels[levels > 0])) <= SOFT_LEVELS:
        return False
    rows = np.pad(levels, ((0, 0), (1, 1))).ravel()  # so that no piece goes on in the next row
    starts = np.flatnonzero(rows[1:] != rows[:-1]) + 1
    lengths = np.diff(starts)[rows[starts[:-1]] > 0]
    return bool(np.median(lengths) <= SOFT_RUN_PX)
