"""Crops that end at a border of the tissue as often about a figure as elsewhere.

A patch that was published for the figure in its middle has its ordinary nuclei near its edges, so
their crops are partly mirrored and the figure's are not: the mirrored share alone would tell the
classes. Here a crop reaches, on each side, no farther than its own field does and than that of a
crop of the other class would, drawn at random from the same data set. The nearer of two independent
draws, one of each class, has one distribution whichever class it is for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from mitokeras.data.stored_field import StoredField
from mitokeras.train.batches.places import Kind, Places


def reach_of(field: StoredField, x: float, y: float) -> np.ndarray:
    """Pixels from a place to the last ones of its field: left, top, right, bottom, shape (4,)."""
    return np.array([x, y, field.width - 1 - x, field.height - 1 - y])


class SharedBorders:
    """How far crops reach.

    Args:
        places: Places of each kind.
        shares: Share of each kind in a batch.
        fields: Fields that the places lie in.
    """

    def __init__(
        self,
        places: Mapping[Kind, Places],
        shares: Mapping[Kind, float],
        fields: Sequence[StoredField],
    ) -> None:
        self._fields = {field.index: field for field in fields}
        pools: dict[tuple[str, bool], list[tuple[float, Places]]] = defaultdict(list)
        for kind, share in shares.items():
            if share > 0:
                is_figure = bool((places[kind]["target"] == 1).all())
                pools[kind.source, is_figure].append((share, places[kind]))
        self._pools = pools

    def reach(self, kind: Kind, place: np.void, rng: np.random.Generator) -> np.ndarray:
        """How far the crop of a place shall reach: left, top, right, bottom, shape (4,)."""
        own = self._reach(place)
        others = self._pools.get((kind.source, place["target"] != 1))
        if not others:
            return own
        shares = np.array([share for share, _ in others])
        _, places = others[rng.choice(len(others), p=shares / shares.sum())]
        return np.minimum(own, self._reach(places[rng.integers(len(places))]))

    def _reach(self, place: np.void) -> np.ndarray:
        return reach_of(self._fields[int(place["field"])], place["x"], place["y"])
