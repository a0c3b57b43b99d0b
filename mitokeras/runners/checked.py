"""What every network of a file must keep to while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mitokeras.errors import ModelError, reason_of
from mitokeras.slides.samples import check_is_rgb

if TYPE_CHECKING:
    from mitokeras.runners.runner import Role, Runner

ROUNDING = 1e-5


class CheckedRunner:
    """A runner whose failures name its file.

    A damaged network may load and then fail on an image, or give no numbers; a map without a number
    is above no threshold, so that a slide would silently have no figure.

    Args:
        runner: Runner of one format.
        path: File of the network, for messages.
        role: Which of the networks it is.
    """

    def __init__(self, runner: Runner, path: Path, role: Role) -> None:
        self.side_px = runner.side_px
        self._runner = runner
        self._path = path
        self._shape = (self.side_px, self.side_px) if role == "segmenter" else ()

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Run the network.

        Raises:
            DataError: They are no RGB images. Some formats would take floating point of 0 to 1, and
                see black.
            ModelError: It fails, or gives other than probabilities.
        """
        if len(images):
            check_is_rgb(images[0])
        try:
            found = self._runner(images)
        except Exception as error:  # each runtime raises its own
            raise ModelError(
                f"{self._path}: the network fails on an image: {reason_of(error)}"
            ) from error
        shape = (len(images), *self._shape)
        if found.shape != shape:
            raise ModelError(
                f"{self._path}: the network must give an array of {shape}. Received: {found.shape}"
            )
        # Comparisons with NaN are false.
        if found.size and not (found.min() >= -ROUNDING and found.max() <= 1 + ROUNDING):
            raise ModelError(
                f"{self._path}: the network must give probabilities. Received: values from "
                f"{found.min()} to {found.max()}"
            )
        return found
