"""What `predict` shows of the candidates of a field: those in tiles with tissue."""

from __future__ import annotations

import numpy as np

from mitokeras.data.resize import resize_factor
from mitokeras.detect.blank import tissue_tiles
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.spec import DetectorSpec
from mitokeras.slides.image_reader import ImageSlide


def shown_candidates(
    image: np.ndarray, spacing_um_px: float, found: Candidates, spec: DetectorSpec, name: str
) -> Candidates:
    """Leave out candidates in blank tiles, which reach no network when slides are predicted.

    Args:
        image: The field, RGB, uint8.
        spacing_um_px: Size of its pixels.
        found: Its candidates, in its pixels.
        spec: Specification of the model.
        name: Name of the field, for messages.
    """
    factor = resize_factor(spacing_um_px, spec.spacing_um_px, name)
    tiles = tissue_tiles(ImageSlide(image, spacing_um_px), factor, spec)
    return found.only(tiles.hold((found.xy + 0.5) * factor - 0.5))
