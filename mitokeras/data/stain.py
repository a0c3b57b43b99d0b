"""Stain normalisation and stain augmentation of H&E images, by way of optical density.

In optical density (OD, the negative logarithm of transmitted light) stains add up, so both a
normalisation and an augmentation are one affine map of the three OD channels of a pixel.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from mitokeras.errors import DataError, ModelError

WHITE = 240.0
"""Grey level of light that met no tissue (Io)."""

TISSUE_OD = 0.15
"""A pixel is tissue where all three channels are at least this dense (beta)."""

ANGLE_PERCENTILE = 1.0
"""The stains are the directions at this percentile from both ends (alpha)."""

MAX_PERCENTILE = 99.0
"""The concentration, over all pixels, that is brought to that of the reference."""

MIN_TISSUE = 0.10
"""Least share of tissue. With less, the 99th percentile over all pixels is no longer high within
the tissue, and the tissue would come out too dark."""

MIN_SPREAD = 0.005
"""Least variance of OD along its main direction. Evenly grey or tinted glass with camera noise
stays below 0.003; the least of 800 patches of breast tissue at 40x was 0.023."""

MIN_ANGLE_DEGREES = 8.0
"""Least angle between two stains; unmixing blows the noise up below it. One stain with camera
noise of 3 grey levels spans 8 degrees; the least of the same patches was 11.6."""

SAMPLED_PIXELS = 200_000
"""About as many pixels, on a regular grid, are enough to estimate the stains of a large image."""

HED_FROM_RGB = np.linalg.inv([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])
"""Concentrations of haematoxylin, eosin and residual = OD (as a row) times this matrix.

Source: Ruifrok and Johnston, 2001.
"""

_STRIP_PIXELS = 1 << 16  # a strip of float32 OD stays in the cache
_LEVELS = np.arange(256) + 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class MacenkoNormalizer:
    """Brings the stains of an image to those of a reference.

    Attributes:
        stain_matrix: OD of the reference's haematoxylin and eosin (columns) in red, green and
            blue (rows), shape (3, 2).
        max_concentrations: 99th percentile of both concentrations in the reference, shape (2,).

    Source: Macenko et al., "A method for normalizing histology slides for quantitative
    analysis", ISBI 2009.
    """

    stain_matrix: np.ndarray
    max_concentrations: np.ndarray

    @classmethod
    def fit(cls, image: np.ndarray) -> MacenkoNormalizer:
        """Take an image, RGB uint8, as the reference.

        Raises:
            DataError: Two stains cannot be told apart in it.
        """
        stains = estimate_stains(image)
        if stains is None:
            raise DataError(
                "a stain reference must show tissue in two stains. Received: an image of "
                f"{image.shape[1]} x {image.shape[0]} px that is blank or of one colour"
            )
        return cls(*stains)

    @classmethod
    def from_json(cls, value: Any) -> MacenkoNormalizer:
        """Read what `to_json` gave.

        Raises:
            ModelError: A key is missing or unknown, or a value has another shape.
        """
        keys = {"stain_matrix", "max_concentrations"}
        if not isinstance(value, dict) or set(value) != keys:
            raise ModelError(f"a stain reference must have {sorted(keys)}. Received: {value}")
        try:
            matrix = np.array(value["stain_matrix"], dtype=np.float64)
            maxima = np.array(value["max_concentrations"], dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            matrix = maxima = np.zeros(0)
        right_shapes = matrix.shape == (3, 2) and maxima.shape == (2,)
        finite = np.isfinite(matrix).all() and np.isfinite(maxima).all()
        if not right_shapes or not finite or not (maxima > 0).all():
            raise ModelError(
                "a stain reference must be a 3 x 2 matrix and two positive maxima. "
                f"Received: {value}"
            )
        return cls(matrix, maxima)

    def to_json(self) -> dict[str, object]:
        return {
            "stain_matrix": self.stain_matrix.tolist(),
            "max_concentrations": self.max_concentrations.tolist(),
        }

    def transform(self, image: np.ndarray) -> np.ndarray:
        """Give the image, RGB uint8, with the stains of the reference.

        An image in which `estimate_stains` finds no two stains is left alone: the very same
        array comes back, and a warning is logged.
        """
        return self.transform_from(estimate_stains(image), image)

    def transform_from(
        self, stains: tuple[np.ndarray, np.ndarray] | None, image: np.ndarray
    ) -> np.ndarray:
        """Give an image of known stains, as `estimate_stains` finds them, those of the reference.

        All windows of a slide are brought to the reference by one and the same map in this way.
        """
        if stains is None:
            logger.warning(
                "stain normalisation left an image of %d x %d px alone: no two stains in it",
                image.shape[1],
                image.shape[0],
            )
            return image
        matrix, maxima = stains
        scale = np.diag(self.max_concentrations / maxima)
        mixing = self.stain_matrix @ scale @ np.linalg.pinv(matrix)
        # The public implementations cut the fraction off where OpenCV would round.
        return remix(image, WHITE, -mixing, np.full(3, np.log(WHITE)), shift=-0.5)


DEFAULT_NORMALIZER = MacenkoNormalizer(
    stain_matrix=np.array([[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]]),
    max_concentrations=np.array([1.9705, 1.0308]),
)
"""The reference that the public implementations of the method share, torchstain among them."""


def estimate_stains(image: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Find the two stains of an image.

    Args:
        image: RGB, uint8, shape (height, width, 3).

    Returns:
        The stain matrix, shape (3, 2), haematoxylin first, columns of length one; and the 99th
        percentile of both concentrations, shape (2,). None where there is too little tissue or
        its colours span no two stains.
    """
    step = _grid_step(image.shape[0] * image.shape[1])
    levels = np.ascontiguousarray(image[::step, ::step]).reshape(-1, 3)
    od = _optical_density(WHITE)[levels]
    tissue = od[tissue_mask(levels)]
    if len(tissue) < max(3, MIN_TISSUE * len(od)):
        return None

    spreads, axes = np.linalg.eigh(np.cov(tissue.T))
    if spreads[2] < MIN_SPREAD:
        return None
    plane = axes[:, 1:]
    projected = tissue @ plane.astype(np.float32)
    angles = np.arctan2(projected[:, 1], projected[:, 0])
    ends = np.percentile(angles, [ANGLE_PERCENTILE, 100.0 - ANGLE_PERCENTILE])
    if np.degrees(ends[1] - ends[0]) < MIN_ANGLE_DEGREES:
        return None
    matrix = plane @ np.stack([np.cos(ends), np.sin(ends)])
    # Haematoxylin takes more of the red light.
    matrix = matrix[:, np.argsort(-matrix[0])]

    concentrations = od @ np.linalg.pinv(matrix).T.astype(np.float32)
    maxima = np.percentile(concentrations, MAX_PERCENTILE, axis=0)
    return (matrix, maxima) if (maxima > 0).all() else None


def stain_jitter(
    image: np.ndarray,
    rng: np.random.Generator,
    sigma_alpha: float = 0.05,
    sigma_beta: float = 0.05,
) -> np.ndarray:
    """Vary the staining of an H&E patch at random.

    Each of the three concentrations (haematoxylin, eosin, residual) is multiplied by a factor
    of 1 - sigma_alpha to 1 + sigma_alpha, then an offset of -sigma_beta to sigma_beta is added,
    both uniform. Blank glass moves by the offsets alone: at 0.05 by 11 % of its brightness at
    most, in green.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        rng: Random generator, from which six numbers are drawn.
        sigma_alpha: Half width of the factors, 0 to 1.
        sigma_beta: Half width of the offsets, OD.

    Source: Tellez et al., "Whole-slide mitosis detection in H&E breast histology using PHH3 as
    a reference", IEEE TMI 2018, section on H&E augmentation.
    """
    alpha = rng.uniform(1.0 - sigma_alpha, 1.0 + sigma_alpha, 3)
    beta = rng.uniform(-sigma_beta, sigma_beta, 3)
    rgb_from_hed = np.linalg.inv(HED_FROM_RGB)
    mixing = HED_FROM_RGB @ np.diag(alpha) @ rgb_from_hed
    offset = np.log(256.0) - beta @ rgb_from_hed
    return remix(image, 256.0, -mixing.T, offset, shift=-1.0)


def tissue_mask(image: np.ndarray) -> np.ndarray:
    """Where all three channels, the last axis, are at least `TISSUE_OD` dense."""
    return image.max(axis=-1) < WHITE * np.exp(-TISSUE_OD) - 1.0


def _grid_step(pixels: int) -> int:
    # Odd, so that the samples take turns in all places of a JPEG's 8 x 8 blocks.
    step = max(1, int(np.sqrt(pixels / SAMPLED_PIXELS)))
    return step | 1


def _optical_density(white: float) -> np.ndarray:
    return (-np.log(_LEVELS / white)).astype(np.float32)


def remix(
    image: np.ndarray, white: float, mixing: np.ndarray, offset: np.ndarray, shift: float
) -> np.ndarray:
    """Give exp(mixing @ OD + offset) + shift of every pixel, rounded and clipped to uint8."""
    density = _optical_density(white)
    affine = np.column_stack([mixing, offset]).astype(np.float32)
    result = np.empty(image.shape, dtype=np.uint8)
    rows = max(1, _STRIP_PIXELS // image.shape[1])
    for top in range(0, image.shape[0], rows):
        strip = cv2.LUT(image[top : top + rows], density)
        light = cv2.exp(cv2.transform(strip, affine))
        result[top : top + rows] = cv2.add(light, (shift,) * 3, dtype=cv2.CV_8U)
    return result
