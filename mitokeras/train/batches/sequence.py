"""In which order places are visited: the n-th patch of a stage as a pure function of n.

Kinds of patches take turns in a fixed cycle that has their stated shares, and within a kind the
places are visited in a random order that is drawn anew for each pass. So every mitotic figure is
seen equally often, a batch has its mix, and a resumed training goes on with the very patch that
an undisturbed one would have taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mitokeras.data.stored_field import StoredField
from mitokeras.run.seeds import stream
from mitokeras.train.batches.places import Kind, Places

CYCLE = 20
"""Length of the cycle of kinds: shares are met to a twentieth."""

MIXTURE_CYCLE = 100
"""The same where kinds are shared out to several data sets."""

FIGURE_NAME = "figure"
"""The kind of patch that is about a mitotic figure."""


def handed_on(
    shares: Mapping[Kind, float], places: Mapping[Kind, Places], heirs: Mapping[Kind, Kind]
) -> dict[Kind, float]:
    """Give the share of each kind without a place to its heir, in the order of `heirs`.

    Negatives hand on to negatives this way, so that a batch keeps its balance.
    """
    result = dict(shares)
    for kind, heir in heirs.items():
        if not len(places[kind]):
            result[heir] += result.pop(kind)
    return result


class SourceWeights(NamedTuple):
    """Shares of one data set beside the others', of any sum."""

    figures: float
    others: float


def by_source(
    shares: Mapping[Kind, float],
    places: Mapping[Kind, Places],
    fields: Sequence[StoredField],
    weights: Mapping[str, SourceWeights],
    heirs: Mapping[Kind, Kind],
) -> tuple[dict[Kind, float], dict[Kind, Places]]:
    """Share each kind out to the data sets of a mixture.

    Patches about figures are shared out by one set of weights, all others by another; where both
    are the same, each data set has the same share of figures, and its look says nothing about the
    class. A kind that a data set has no place of is handed on within that data set.

    Args:
        shares: Shares of the kinds, "figure" among them.
        places: Places of the kinds.
        fields: Fields that the places lie in.
        weights: Weights of each data set, by its name in the store.
        heirs: As for `handed_on`.

    Returns:
        Shares and places of each kind and data set that has places.
    """
    source_of = {field.index: field.source for field in fields}
    figures, others, own_places = {}, {}, {}
    for name, weight in weights.items():
        own = {
            kind: found[[source_of[index] == name for index in found["field"]]]
            for kind, found in places.items()
        }
        there = {k: v for k, v in handed_on(shares, own, heirs).items() if len(own.get(k, ()))}
        negative = sum(v for k, v in there.items() if k.name != FIGURE_NAME)
        for kind, share in there.items():
            kept = Kind(kind.name, name)
            own_places[kept] = own[kind]
            if kind.name == FIGURE_NAME:
                figures[kept] = weight.figures
            elif share > 0:
                others[kept] = weight.others * share / negative
    total = sum(shares.values())
    of_figures = sum(v for k, v in shares.items() if k.name == FIGURE_NAME) / total
    result = _scaled(figures, of_figures if others else 1.0)
    return result | _scaled(others, 1.0 - of_figures if figures else 1.0), own_places


def _scaled(shares: Mapping[Kind, float], total: float) -> dict[Kind, float]:
    return {kind: total * share / sum(shares.values()) for kind, share in shares.items()}


def kind_cycle(shares: Mapping[Kind, float], length: int = CYCLE) -> list[Kind]:
    """Spread kinds over a cycle by their shares (largest remainders), interleaved.

    Args:
        shares: Not negative, of any sum above 0.
        length: Length of the cycle.
    """
    kinds = [kind for kind in shares if shares[kind] > 0]
    total = sum(shares[kind] for kind in kinds)
    exact = [shares[kind] / total * length for kind in kinds]
    counts = [int(x) for x in exact]
    by_remainder = sorted(range(len(kinds)), key=lambda i: counts[i] - exact[i])
    for i in by_remainder[: length - sum(counts)]:
        counts[i] += 1
    slots = [
        ((turn + 0.5) / count, order, kind)
        for order, (kind, count) in enumerate(zip(kinds, counts, strict=True))
        for turn in range(count)
    ]
    return [kind for _, _, kind in sorted(slots)]


class PlaceSequence:
    """The n-th place to cut a patch at.

    Args:
        places: The places of each kind; some for each kind with a share.
        shares: Share of each kind in a batch.
        seed: Seed of the run.
        stage: Stage that visits them; each has orders of its own.
        cycle: Length of the cycle of kinds.
    """

    def __init__(
        self,
        places: Mapping[Kind, Places],
        shares: Mapping[Kind, float],
        seed: int,
        stage: str,
        cycle: int = CYCLE,
    ) -> None:
        self._places = places
        self._cycle = kind_cycle(shares, cycle)
        self._turn = [self._cycle[:slot].count(kind) for slot, kind in enumerate(self._cycle)]
        self._seed = seed
        self._stage = stage
        self._order = lru_cache(maxsize=2 * len(self._places))(self._draw_order)

    def __call__(self, index: int) -> tuple[Kind, np.void]:
        """A kind, and one record of `PLACE`."""
        cycle, slot = divmod(index, len(self._cycle))
        kind = self._cycle[slot]
        turn = cycle * self._cycle.count(kind) + self._turn[slot]
        passes, position = divmod(turn, len(self._places[kind]))
        return kind, self._places[kind][self._order(kind, passes)[position]]

    def _draw_order(self, kind: Kind, passes: int) -> np.ndarray:
        purpose = f"{self._stage}, order of {kind.name} {kind.source}"
        return stream(self._seed, purpose, passes).permutation(len(self._places[kind]))
