"""A field as its tissue is compared with that of others: its look and its keypoints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from mitokeras.data.fields import Field
from mitokeras.data.imprints import Imprint
from mitokeras.data.loading import field_image
from mitokeras.data.shifts import Keypoints, Look, keypoints_of


class View(NamedTuple):
    """What is compared of one field."""

    look: Look
    keypoints: Keypoints

    @classmethod
    def at(cls, image: np.ndarray, spacing_um_px: float) -> View:
        """An RGB image, uint8, and the size of its pixels in micrometres."""
        look = Look.at(image, spacing_um_px)
        return cls(look, keypoints_of(look))

    @property
    def imprint(self) -> Imprint:
        """What to keep of it."""
        return Imprint.of(self.keypoints, self.look.grey.size)


def views_of(fields: Iterable[Field]) -> list[View]:
    """The views of fields on disk.

    Raises:
        DataError: An image cannot be decoded.
    """
    return [View.at(field_image(field), field.spacing_um_px) for field in fields]
