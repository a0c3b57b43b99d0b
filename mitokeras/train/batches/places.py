"""Where training patches come from: the n-th patch of a stage as a pure function of n.

Kinds of patches take turns in a fixed cycle that has their stated shares, and within a kind the
places are visited in a random order that is drawn anew for each pass. So every mitotic figure is
seen equally often, a batch has its mix, and a resumed training goes on with the very patch that
an undisturbed one would have taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import cv2
import numpy as np

from mitokeras.data.fields import OUTSIDE
from mitokeras.data.store import Store
from mitokeras.train.batches.nuclei import find_nuclei

CYCLE = 20
"""Length of the cycle of kinds: shares are met to a twentieth."""

MIXTURE_CYCLE = 100
"""Of kinds that are shared out to several data sets."""

Places = np.ndarray
"""Rows (field, x, y, label), float64, shape (n, 4); the label is that of the centre."""


def handed_on(
    shares: Mapping[str, float], places: Mapping[str, Places], heirs: Mapping[str, str]
) -> dict[str, float]:
    """Give the share of each kind without a place to its heir, in the order of `heirs`.

    Negatives hand on to negatives this way, so that a batch keeps its balance.
    """
    result = dict(shares)
    for kind, heir in heirs.items():
        if not len(places[kind]):
            result[heir] += result.pop(kind)
    return result


def by_source(
    shares: Mapping[str, float],
    places: Mapping[str, Places],
    store: Store,
    weights: Mapping[str, float],
) -> tuple[dict[str, float], dict[str, Places]]:
    """Share each kind out to the data sets of a mixture.

    Args:
        shares: Of each kind.
        places: Of each kind.
        store: That they lie in.
        weights: Of each data set, by its name in the store.

    Returns:
        Shares and places of each "kind/data set" that has places.
    """
    own_shares, own_places = {}, {}
    for kind, rows in places.items():
        sources = np.array([store.fields[int(index)].source for index in rows[:, 0]])
        there = {name: weight for name, weight in weights.items() if (sources == name).any()}
        for name, weight in there.items():
            own_shares[f"{kind}/{name}"] = shares.get(kind, 0.0) * weight / sum(there.values())
            own_places[f"{kind}/{name}"] = rows[sources == name]
    return own_shares, own_places


def kind_cycle(shares: Mapping[str, float], length: int = CYCLE) -> list[str]:
    """Spread kinds over a cycle by their shares (largest remainders), interleaved.

    Args:
        shares: Not negative, of any sum above 0.
        length: Of the cycle.
    """
    names = [name for name in shares if shares[name] > 0]
    total = sum(shares[name] for name in names)
    exact = [shares[name] / total * length for name in names]
    counts = [int(x) for x in exact]
    by_remainder = sorted(range(len(names)), key=lambda i: counts[i] - exact[i])
    for i in by_remainder[: length - sum(counts)]:
        counts[i] += 1
    slots = [
        ((turn + 0.5) / count, order, name)
        for order, (name, count) in enumerate(zip(names, counts, strict=True))
        for turn in range(count)
    ]
    return [name for _, _, name in sorted(slots)]


class PlaceSequence:
    """The n-th place to cut a patch at.

    Args:
        places: The places of each kind, in field pixels; some for each kind with a share.
        shares: Of each kind in a batch.
        seed: Of the orders.
        cycle: Length of the cycle of kinds.
    """

    def __init__(
        self,
        places: Mapping[str, Places],
        shares: Mapping[str, float],
        seed: int,
        cycle: int = CYCLE,
    ) -> None:
        self._places = places
        self._cycle = kind_cycle(shares, cycle)
        self._turn = [self._cycle[:slot].count(kind) for slot, kind in enumerate(self._cycle)]
        self._seed = seed
        self._order = lru_cache(maxsize=2 * len(self._places))(self._draw_order)

    def __call__(self, index: int) -> tuple[str, np.ndarray]:
        """Kind and row (field, x, y, label) of a place."""
        cycle, slot = divmod(index, len(self._cycle))
        kind = self._cycle[slot]
        turn = cycle * self._cycle.count(kind) + self._turn[slot]
        passes, position = divmod(turn, len(self._places[kind]))
        return kind, self._places[kind][self._order(kind, passes)[position]]

    def _draw_order(self, kind: str, passes: int) -> np.ndarray:
        rng = np.random.default_rng((self._seed, list(self._places).index(kind), passes))
        return rng.permutation(len(self._places[kind]))


def labelled_places(store: Store, fields: list[int], name: str, label: int) -> Places:
    """Centres of the "figures" or "lookalikes" of some fields."""
    rows = [(index, x, y, label) for index in fields for x, y in getattr(store.fields[index], name)]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def sliding_places(store: Store, fields: list[int], patch_px: int, overlap_px: int) -> Places:
    """Centres of the sliding windows over some fields, the last of a row at the border."""
    rows = []
    for index in fields:
        field = store.fields[index]
        for y in _window_centres(field.height, patch_px, overlap_px):
            rows += [(index, x, y, 0) for x in _window_centres(field.width, patch_px, overlap_px)]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def random_places(
    store: Store, fields: list[int], number: int, seed: int, clear_px: float
) -> Places:
    """Places drawn evenly over the area of some fields, none nearer to a figure than `clear_px`."""
    rng = np.random.default_rng((seed, number))
    area = np.array([store.fields[i].height * store.fields[i].width for i in fields], float)
    rows = []
    for index in rng.choice(fields, size=number, p=area / area.sum()):
        field = store.fields[index]
        x, y = rng.uniform(0, field.width - 1), rng.uniform(0, field.height - 1)
        distance = np.hypot(*(field.figures - (x, y)).T) if len(field.figures) else np.inf
        if np.all(distance >= clear_px):
            rows.append((index, x, y, 0))
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def nucleus_places(store: Store, fields: list[int], clear_px: float) -> Places:
    """Nuclei of some fields, none nearer to a figure than `clear_px`."""
    rows = [np.zeros((0, 4))]
    for index in fields:
        found = find_nuclei(store.image(index), store.spacing_um_px)
        distance = np.linalg.norm(found[:, None] - store.fields[index].figures[None], axis=2)
        found = found[(distance >= clear_px).all(axis=1)]
        rows.append(np.column_stack([np.full(len(found), index), found, np.zeros(len(found))]))
    return np.concatenate(rows)


def read_region(
    store: Store, index: int, x: float, y: float, size_px: int
) -> tuple[np.ndarray, np.ndarray]:
    """Image (size, size, 3) and mask (size, size) about a centre, mirrored outside the field.

    The mask of a field that is not completely labelled is `OUTSIDE` there: most of such a patch
    may be mirrored, and a figure's mirror image is no further figure to learn from. A centre
    outside the field is moved to its border.
    """
    field = store.fields[index]
    x, y = np.clip(x, 0, field.width - 1), np.clip(y, 0, field.height - 1)
    left, top = (int(np.floor(c + 0.5)) - size_px // 2 for c in (x, y))
    rows = slice(max(top, 0), min(top + size_px, field.height))
    columns = slice(max(left, 0), min(left + size_px, field.width))
    image, mask = store.region(index, rows, columns)
    margins = (
        rows.start - top,
        top + size_px - rows.stop,
        columns.start - left,
        left + size_px - columns.stop,
    )
    if any(margins):
        image = cv2.copyMakeBorder(image, *margins, cv2.BORDER_REFLECT_101)
        border = cv2.BORDER_REFLECT_101 if field.complete else cv2.BORDER_CONSTANT
        mask = cv2.copyMakeBorder(mask, *margins, border, value=OUTSIDE)
    return image, mask


def _window_centres(length: int, patch_px: int, overlap_px: int) -> list[float]:
    step = patch_px - overlap_px
    last = max(length - patch_px, 0)
    starts = [*range(0, last, step), last]
    return [start + patch_px / 2 for start in starts]
