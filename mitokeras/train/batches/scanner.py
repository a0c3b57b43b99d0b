"""What a scanner does to a patch: its light, its sensor, its compression. RGB uint8 in and out."""

from __future__ import annotations

from statistics import NormalDist

import cv2
import numpy as np

BRIGHTNESS_SHARE = 0.5
"""Half width of the brightness, of full scale, as a share of that of gamma and contrast."""

BALANCE_SHARE = 0.5
"""Half width of the logarithm of each channel's gain, as a share of the same."""

JPEG_BEST = 95
"""Highest quality of a compression; above, nothing shows."""

_LEVELS = np.linspace(0.0, 1.0, 256)[:, None]
_QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 256) for i in range(256)])
_QUANTILES /= _QUANTILES.std()


def change_light(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Vary gamma, contrast, brightness and white balance, by one table a channel.

    Gamma and contrast (about mid-grey) are factors of exp(-strength) to exp(strength), evenly
    drawn in the logarithm; brightness is added, up to half of `strength` of full scale; each
    channel is multiplied by exp(-strength / 2) to exp(strength / 2).

    Args:
        image: Shape (height, width, 3).
        rng: Gives six numbers.
        strength: 0 to 1; about 0.1 is the range of well kept scanners.
    """
    draws = rng.uniform(-strength, strength, 6)
    gamma, contrast = np.exp(draws[:2])
    balance = np.exp(BALANCE_SHARE * draws[3:])
    table = (_LEVELS**gamma - 0.5) * contrast + 0.5 + BRIGHTNESS_SHARE * draws[2]
    levels = np.clip(255.0 * table * balance, 0, 255).round().astype(np.uint8)  # (256, 3)
    return cv2.LUT(image, levels[None])


def add_noise(image: np.ndarray, rng: np.random.Generator, largest_sigma: float) -> np.ndarray:
    """Add Gaussian noise, every value on its own.

    Random bytes are looked up in 256 quantiles of the normal distribution, much faster than
    drawing from it; so no value differs by more than 2.9 standard deviations.

    Args:
        image: Shape (height, width, 3).
        rng: Gives one number and a byte a value.
        largest_sigma: The standard deviation is up to it, in grey levels.
    """
    sigma = rng.uniform(0.0, largest_sigma)
    draws = np.frombuffer(rng.bytes(image.size), np.uint8).reshape(image.shape)
    noise = cv2.LUT(draws, (sigma * _QUANTILES).astype(np.float32))
    return cv2.add(image, noise, dtype=cv2.CV_8U)


def recompress(image: np.ndarray, rng: np.random.Generator, lowest_quality: int) -> np.ndarray:
    """Compress half of the patches by JPEG, at a quality from the lowest to `JPEG_BEST`.

    Args:
        image: Shape (height, width, 3).
        rng: Gives two numbers.
        lowest_quality: 1 to `JPEG_BEST`.
    """
    compressed = rng.random() < 0.5
    quality = int(rng.integers(lowest_quality, JPEG_BEST + 1))
    if not compressed:
        return image
    blue_first = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, code = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.cvtColor(cv2.imdecode(code, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
