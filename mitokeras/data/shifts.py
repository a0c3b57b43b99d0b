"""Shifts at which two images may show the same tissue, by keypoints that they share.

SIFT keypoints of all images, at one spacing, lie in one index of hashes; of two images of which
several keypoints agree on a shift, that shift is a candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np

SPACING_UM_PX = 0.25
"""All fields are compared at it."""

KEYPOINTS_PER_PX = 1 / 400
LARGE_PX = 2**18
"""Larger fields give their keypoints at half the resolution, of which they have enough."""
SIFT_CONTRAST = 0.01
TABLES = 10
BITS = 16
MAX_BUCKET = 60
"""Larger buckets hold keypoints that look alike everywhere."""
MAX_HAMMING = 44
"""Of 160 bits."""
BIN_PX = 6
MIN_VOTES = 3
SHIFTS_PER_PAIR = 3
SAME_SHIFT_PX = 2

BAR_GREY = 12
"""Below: no tissue but the black beyond a slide's edge."""
FINE_SIGMA_PX, COARSE_SIGMA_PX = 1.0, 6.0


class Look(NamedTuple):
    """A field as it is compared: greys, uint8, and which pixels show a slide at all."""

    grey: np.ndarray
    valid: np.ndarray | None

    @classmethod
    def at(cls, image: np.ndarray, spacing_um_px: float) -> Look:
        """An RGB image brought to `SPACING_UM_PX`."""
        grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
        factor = spacing_um_px / SPACING_UM_PX
        if factor != 1:
            size = [max(1, round(side * factor)) for side in grey.shape[::-1]]
            kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
            grey = cv2.resize(grey, size, interpolation=kind)
        bars = cv2.erode((grey < BAR_GREY).astype(np.uint8), np.ones((5, 5), np.uint8))
        if not bars.any():
            return cls(grey, None)
        reach = round(2 * COARSE_SIGMA_PX)
        return cls(grey, cv2.dilate(bars, np.ones((2 * reach + 1,) * 2, np.uint8)) == 0)

    def fine(self, rows: slice, columns: slice) -> np.ndarray:
        """Structure about the size of chromatin, float32; neither stain nor light nor noise."""
        grey = self.grey[rows, columns].astype(np.float32)
        return cv2.GaussianBlur(grey, (0, 0), FINE_SIGMA_PX) - cv2.GaussianBlur(
            grey, (0, 0), COARSE_SIGMA_PX
        )


@cache
def _planes() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((128, TABLES * BITS)).astype(np.float32)


class Keypoints(NamedTuple):
    """Keypoints of an image, the strongest first.

    Attributes:
        xy: Places (x, y), pixels of `SPACING_UM_PX`, float32, shape (n, 2).
        bits: What each looks like: near ones differ in few bits; uint16, shape (n, TABLES).
    """

    xy: np.ndarray
    bits: np.ndarray


def keypoints_of(look: Look, field_px: float | None = None) -> Keypoints:
    """Find the keypoints of an image.

    Args:
        look: The image.
        field_px: Pixels, as many as it would have here, of the field that it is a part of; None
            where it is all of it.
    """
    factor = 0.5 if (field_px or look.grey.size) > LARGE_PX else 1.0
    height, width = (max(1, round(side * factor)) for side in look.grey.shape)
    grey = cv2.resize(look.grey, (width, height), interpolation=cv2.INTER_AREA)
    mask = None
    if look.valid is not None:
        valid = look.valid.astype(np.uint8)
        mask = cv2.resize(valid, (width, height), interpolation=cv2.INTER_NEAREST)
    sift = cv2.SIFT.create(
        nfeatures=max(100, round(look.grey.size * KEYPOINTS_PER_PX)),
        contrastThreshold=SIFT_CONTRAST,
    )
    keypoints = sift.detect(grey, mask)
    if not keypoints:
        return Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, TABLES), np.uint16))
    for keypoint in keypoints:
        keypoint.angle = 0.0  # nothing is turned, and what is upright tells more
    keypoints, described = sift.compute(grey, keypoints)
    root = np.sqrt(described / np.maximum(described.sum(axis=1, keepdims=True), 1e-6))
    root -= root.mean(axis=1, keepdims=True)
    signs = (root @ _planes() > 0).reshape(len(root), TABLES, BITS)
    bits = signs @ (1 << np.arange(BITS, dtype=np.int64))
    places = np.array([keypoint.pt for keypoint in keypoints], np.float32)
    xy = (places + 0.5) / factor - 0.5
    _, once = np.unique(np.column_stack([xy.round(), bits[:, 0]]), axis=0, return_index=True)
    strength = np.array([keypoint.response for keypoint in keypoints])
    order = once[np.argsort(-strength[once], kind="stable")]
    return Keypoints(xy[order], bits[order].astype(np.uint16))


def candidate_shifts(
    xy: np.ndarray, bits: np.ndarray, owner: np.ndarray
) -> Iterator[tuple[int, int, int, int]]:
    """Pairs of images and the shifts that several of their keypoints agree on."""
    seen: list[np.ndarray] = []
    for table in range(TABLES):
        left, right = _same_bucket(bits[:, table], owner)
        near = np.zeros(len(left), np.int64)
        for other in range(TABLES):
            near += np.bitwise_count(bits[left, other] ^ bits[right, other])
        keep = near <= MAX_HAMMING
        seen.append(left[keep] * len(xy) + right[keep])
    pairs = np.unique(np.concatenate(seen)) if seen else np.zeros(0, np.int64)
    left, right = np.divmod(pairs, len(xy)) if len(xy) else (pairs, pairs)
    shift = xy[left] - xy[right]
    images = owner[left] * (owner.max(initial=0) + 1) + owner[right]
    wanted: dict[int, list[tuple[int, int, int]]] = {}
    # What one grid of bins cuts in two is in the middle of a bin of another.
    for offset in ((0, 0), (0, 0.5), (0.5, 0), (0.5, 0.5)):
        bins = np.floor(shift / BIN_PX + offset).astype(np.int64) + 2**11
        key = (((images << 12) + bins[:, 0]) << 12) + bins[:, 1]
        _, inverse, votes = np.unique(key, return_inverse=True, return_counts=True)
        order = np.argsort(inverse, kind="stable")
        ends = np.concatenate([[0], np.cumsum(votes)])
        for cell in np.flatnonzero(votes >= MIN_VOTES):
            members = order[ends[cell] : ends[cell + 1]]
            # One keypoint of many likenesses is one vote.
            count = min(len(set(left[members].tolist())), len(set(right[members].tolist())))
            if count >= MIN_VOTES:
                dx, dy = np.median(shift[members], axis=0).round().astype(int)
                wanted.setdefault(int(images[members[0]]), []).append((-count, int(dx), int(dy)))
    size = int(owner.max(initial=0)) + 1
    for both, shifts in sorted(wanted.items()):
        tried: list[tuple[int, int]] = []
        for _, dx, dy in sorted(shifts):
            if all(abs(dx - x) + abs(dy - y) > SAME_SHIFT_PX for x, y in tried):
                tried.append((dx, dy))
                yield both // size, both % size, dx, dy
            if len(tried) == SHIFTS_PER_PAIR:
                break


def _same_bucket(code: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of keypoints with one code, the earlier image's first."""
    order = np.lexsort((owner, code))
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    sizes = np.diff([*starts, len(order)])
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in range(2, MAX_BUCKET + 1):
        start = starts[sizes == size]
        if len(start):
            row, column = np.triu_indices(size, 1)
            lefts.append(order[start[:, None] + row].ravel())
            rights.append(order[start[:, None] + column].ravel())
    left, right = np.concatenate(lefts), np.concatenate(rights)
    other = owner[left] != owner[right]
    return left[other], right[other]
