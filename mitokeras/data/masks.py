"""Which pixels a mask marks.

As stored, 0 is background: programs that write "white is zero" (ImageJ, tifffile) store figures as
what is not 0. A palette counts by its colours, the brightest channel of a colour, and what is
see-through lies on black. Then

- several grey values may be classes or numbers of figures, so that all of them are marked;
- but many grey values in pieces of a pixel or two, side by side, are soft edges or a JPEG's traces:
  a figure is what has at least half of the brightest value, in a JPEG half of white.

A mask that can only be a mistake is refused: one that marks most of the image, whose drawing marks
nothing, or of which a figure would be lost with the soft edges.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mitokeras.errors import DataError
from mitokeras.slides.samples import Samples

MOST = 0.5
"""No mitosis fills half of a patch that was cut about it."""

SOFT_LEVELS = 8
SOFT_RUN_PX = 2
"""Soft edges have more levels than this, and half of all pieces of a row of one level are no longer
than this and lie beside a piece of another level. Figures with numbers of their own lie alone, and
where they touch, their pieces are longer, 6 px and more of figures of 4 px radius or more."""

TRACE, FAR_TRACE = 1 / 3, 1 / 16
FAR_PX = 16
MARKED = 0.25
"""Shares of white that are no more than a trace, beside what is marked and further away, and share
of a figure that is marked at least. Of JPEG of the quality 60 and more, whose blocks are 8 or 16 px
wide, and of WebP nothing else is brighter, and of a round blot, however soft, two thirds of what is
brighter are marked (ln 2 / ln 3 if it is a Gaussian)."""


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
        DataError: It marks most of the image, or nothing though something is drawn, a figure is
            too faint to be marked, or it has numbers below 0.
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
    if is_soft:
        _check_faint(path, levels, pixels, white)
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


def _check_faint(path: Path, levels: np.ndarray, pixels: np.ndarray, white: float) -> None:
    """Refuse a mask of which whole figures would be taken for soft edges."""
    side = 2 * FAR_PX + 1
    is_near = cv2.dilate(pixels.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    for share, least, is_looked_at in ((TRACE, MARKED, True), (FAR_TRACE, 0, ~is_near)):
        drawn = levels > share * white
        count, pieces = cv2.connectedComponents(drawn.astype(np.uint8), connectivity=8)
        size, shown = (np.bincount(pieces[which], minlength=count) for which in (drawn, pixels))
        faint = np.flatnonzero(shown <= least * size)
        faint = np.intersect1d(faint, pieces[drawn & is_looked_at])
        if faint.size:
            brightest = float(levels[pieces == faint[0]].max())
            raise DataError(
                f"{path}: a mask with soft edges must have figures of at least half of "
                f"{white:g}. Received: {faint.size} fainter ones, the first of at most "
                f"{brightest:g}. Save it without soft edges, as PNG"
            )


def _is_soft(levels: np.ndarray) -> bool:
    if len(np.unique(levels[levels > 0])) <= SOFT_LEVELS:
        return False
    rows = np.pad(levels, ((0, 0), (1, 1))).ravel()  # so that no piece goes on in the next row
    starts = np.flatnonzero(rows[1:] != rows[:-1]) + 1
    values = np.pad(rows[starts[:-1]], 1)
    is_piece, before, after = values[1:-1] > 0, values[:-2] > 0, values[2:] > 0
    is_edge = is_piece & (before | after) & (np.diff(starts) <= SOFT_RUN_PX)
    return bool(2 * is_edge.sum() >= is_piece.sum())
