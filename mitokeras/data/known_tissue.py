"""Tissue that is known by its imprints: another field that shows some of it is recognised.

A keypoint of the field and one of an imprint are alike when few of their bits differ. Where several
that are alike agree on one shift and scale, the field shows tissue of the imprint.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mitokeras.data.imprints import CELL_PX, WORDS, Imprint
from mitokeras.data.shifts import Keypoints
from mitokeras.disk.files import atomic_path
from mitokeras.errors import ModelError, reason_of

TISSUE_FILE = "learned_tissue.npz"
"""In a run or bundle: the imprints of the fields that were learned from."""

MAX_HAMMING = 7
"""Of `WORDS` x 16 bits; keypoints of one place mostly differ in fewer."""

MIN_AGREEING = 4
"""Keypoints that agree. Of fields that show different tissue no two do: docs/data.md."""

MAX_SCALE = 1.25
"""The spacing of a field may be unknown, and off by as much."""

MIN_APART_PX = 16
"""Nearer keypoints do not tell the scale."""

TOLERANCE_PX = 3.0

MOST_PAIRS = 100
"""The most alike are enough to find a shift by."""


class KnownTissue:
    """The tissue of several fields.

    Attributes:
        imprints: One a field.
    """

    def __init__(self, imprints: Iterable[Imprint]) -> None:
        self.imprints = tuple(imprints)
        each = [Imprint(np.zeros((0, 2), np.uint16), np.zeros((0, WORDS), np.uint16))]
        each.extend(self.imprints)
        self._sizes = np.array([len(imprint.xy) for imprint in self.imprints], np.uint16)
        self._xy = np.concatenate([imprint.xy for imprint in each])
        self._bits = np.concatenate([imprint.bits for imprint in each])
        self._owner = np.repeat(np.arange(len(self.imprints)), self._sizes)
        self._order = np.argsort(self._bits, axis=0, kind="stable")
        self._codes = np.take_along_axis(self._bits, self._order, axis=0)

    def write(self, path: Path) -> None:
        """Write the file of a run or bundle: `xy` and `bits` of all fields, and their `sizes`."""
        with atomic_path(path) as partial:
            np.savez_compressed(
                partial, allow_pickle=False, xy=self._xy, bits=self._bits, sizes=self._sizes
            )

    @classmethod
    def read(cls, path: Path) -> KnownTissue:
        """Read what `write` wrote.

        Raises:
            ModelError: The file is damaged.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as saved:
                xy, bits, sizes = (saved[name] for name in ("xy", "bits", "sizes"))
            whole = (len(xy), 2) == xy.shape and (len(xy), WORDS) == bits.shape
            if not (whole and sizes.ndim == 1 and sizes.sum() == len(xy)):
                raise ValueError("its arrays do not fit each other")
            if {xy.dtype, bits.dtype, sizes.dtype} != {np.dtype(np.uint16)}:
                raise ValueError("its arrays must be uint16")
        except Exception as error:  # a damaged archive raises what it likes
            raise ModelError(f"{path}: not as `mitokeras fit` writes it: {reason_of(error)}") from (
                error
            )
        ends = np.cumsum(sizes, dtype=np.int64)[:-1]
        return cls(map(Imprint, np.split(xy, ends), np.split(bits, ends)))

    def is_shown_by(self, keypoints: Keypoints) -> bool:
        """Whether a field shows some of this tissue."""
        return self.agreement(keypoints) >= MIN_AGREEING

    def agreement(self, keypoints: Keypoints) -> int:
        """The most keypoints of a field that agree with those of one imprint."""
        known, seen = self._alike(keypoints.bits[:, :WORDS])
        owner = self._owner[known]
        owners, pairs = np.unique(owner, return_counts=True)
        best = 0
        for one in owners[pairs >= MIN_AGREEING]:
            own = np.flatnonzero(owner == one)[:MOST_PAIRS]
            places = self._xy[known[own]].astype(np.float64), keypoints.xy[seen[own]]
            best = max(best, _agreeing(*places))
        return best

    def _alike(self, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of our keypoints and those of a field, the most alike first.

        They share at least one word; of those that differ in few bits nearly all do.
        """
        found = []
        for word in range(WORDS):
            codes = self._codes[:, word]
            start = np.searchsorted(codes, bits[:, word], "left")
            count = np.searchsorted(codes, bits[:, word], "right") - start
            within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            known = self._order[within + np.repeat(start, count), word]
            seen = np.repeat(np.arange(len(bits)), count)
            differing = np.bitwise_count(self._bits[known] ^ bits[seen]).sum(axis=1, dtype=int)
            near = differing <= MAX_HAMMING
            found.append(np.column_stack([differing[near], known[near], seen[near]]))
        _, known, seen = np.unique(np.concatenate(found), axis=0).T
        return known, seen


def _agreeing(known: np.ndarray, seen: np.ndarray) -> int:
    """The most pairs of places that one shift and scale brings together, each place once.

    Args:
        known: Places (x, y), shape (n, 2), the most alike first.
        seen: Those that are like them.
    """
    for side in (0, 1):
        _, first = np.unique((known, seen)[side] // CELL_PX, axis=0, return_index=True)
        known, seen = known[np.sort(first)], seen[np.sort(first)]
    apart = np.linalg.norm(seen[:, None] - seen, axis=2)
    one, two = np.nonzero(np.triu(apart >= MIN_APART_PX))
    scale = np.linalg.norm(known[one] - known[two], axis=1) / apart[one, two]
    likely = (scale > 1 / MAX_SCALE) & (scale < MAX_SCALE)
    one, scale = one[likely], scale[likely, None, None]
    off = known - known[one, None] - scale * (seen - seen[one, None])
    together = (np.abs(off) <= TOLERANCE_PX).all(axis=2).sum(axis=1)
    return int(together.max(initial=0))
