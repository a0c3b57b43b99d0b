"""Stage 1's maps of a run's fields, from networks that have not seen them where there are some."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np

from mitokeras.data.stored_field import StoredField
from mitokeras.detect.tiling import probability_map
from mitokeras.run.config import Config
from mitokeras.runners.keras import KerasRunner
from mitokeras.train.networks import segmenter_network

SMALL_TILE_STEP_PX = 64
"""Edges of small tiles are multiples of it, which every network can halve often enough."""


class Unseen(NamedTuple):
    """A stage 1 that was trained without some of the fields.

    Attributes:
        segmenter: For tiles.
        fields: Indices of the fields that it has not seen.
    """

    segmenter: keras.Model
    fields: frozenset[int]


class FieldMaps:
    """Stage 1 over whole fields.

    Args:
        segmenter: The run's own network, for tiles of `detection.tile_px`.
        unseen: Networks of the same kind.
        fields: All fields of the run.
        config: Configuration of the run.
    """

    def __init__(
        self,
        segmenter: keras.Model,
        unseen: Sequence[Unseen],
        fields: Sequence[StoredField],
        config: Config,
    ) -> None:
        self._own = Tiled(segmenter, fields, config)
        self._others = [(Tiled(one.segmenter, fields, config), one.fields) for one in unseen]

    def probability(self, field: StoredField, image: np.ndarray) -> np.ndarray:
        """The map of a field, by the first network that has not seen it, or by the run's own.

        Args:
            field: A field of the run.
            image: The field in whatever stains, RGB, uint8, shape (height, width, 3).

        Returns:
            Probability of mitotic figure, float32, shape (height, width).
        """
        others = (other for other, left_out in self._others if field.index in left_out)
        return next(others, self._own).probability(image)


class Tiled:
    """One network over images of any size, in tiles no larger than a small field needs.

    Args:
        network: For tiles of `detection.tile_px`.
        fields: Fields that it will be given; the smallest one sets the size of the small tile.
        config: Configuration of the run.
    """

    def __init__(self, network: keras.Model, fields: Sequence[StoredField], config: Config) -> None:
        detection = config.detection
        self.halo_px, self.tiling = detection.halo_px, detection.tiling
        self.runners = {detection.tile_px: KerasRunner(network)}
        smallest = min(max(field.height, field.width) for field in fields) + 2 * self.halo_px
        small_px = math.ceil(smallest / SMALL_TILE_STEP_PX) * SMALL_TILE_STEP_PX
        if small_px < detection.tile_px:
            small = segmenter_network(config, small_px)
            small.set_weights(network.get_weights())
            self.runners[small_px] = KerasRunner(small)

    def probability(self, image: np.ndarray) -> np.ndarray:
        """Probability of mitotic figure, float32, of the image's height and width."""
        needed = max(image.shape[:2]) + 2 * self.halo_px
        tile_px = min((px for px in self.runners if px >= needed), default=max(self.runners))
        return probability_map(image, self.runners[tile_px], tile_px, self.halo_px, self.tiling)
