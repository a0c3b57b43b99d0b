"""Random changes of a training patch.

Each factory gives a pure function of a sample and a random generator. A sample is a dict with
`image`, RGB uint8 (height, width, 3), and `mask`, uint8 (height, width) of 0, 1, `UNLABELLED` and
`OUTSIDE`; for `stain_exchange` also with `stains`, those of the field that it was cut from, or
None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from mitokeras.data.stain import stain_jitter
from mitokeras.run.data_config import AugmentConfig
from mitokeras.train.batches.scanner import add_noise, change_light, recompress
from mitokeras.train.batches.stain_exchange import (
    Stains,
    draw_stains,
    exchange_stains,
    plausible_stains,
)

Sample = dict[str, Any]
Augmentation = Callable[[Sample, np.random.Generator], Sample]

STAIN_OFFSET_SHARE = 0.5
"""Half width of the jitter's offsets, as a share of that of its factors."""


def augmentation(
    config: AugmentConfig, crop_px: int, output_px: int, pool: Sequence[Stains] = ()
) -> Augmentation:
    """All changes of a training patch, in the order in which they arise: tissue, stain, scanner.

    A step that is switched off draws no numbers.

    Args:
        config: Their strengths.
        crop_px: Edge of the square that is cut, before random scaling.
        output_px: Edge of the result.
        pool: The stains of all training fields, for the exchange of stains. Without any, there
            is none.
    """
    steps = [affine(crop_px, output_px, config.rotation, config.scale)]
    if config.stain_exchange and pool:
        steps.append(stain_exchange(config.stain_exchange, pool))
    if config.stain:
        steps.append(stain(config.stain))
    if config.light:
        steps.append(light(config.light))
    if config.blur_px:
        steps.append(blur(config.blur_px))
    if config.noise:
        steps.append(noise(config.noise))
    if config.jpeg:
        steps.append(jpeg(config.jpeg))

    def augment(sample: Sample, rng: np.random.Generator) -> Sample:
        for step in steps:
            # What a step does not know, the stains for one, stays.
            sample = {**sample, **step(sample, rng)}
        return sample

    return augment


def region_px(config: AugmentConfig, crop_px: int) -> int:
    """Edge of the region that `affine` may need, an even number of pixels."""
    diagonal = math.sqrt(2) if config.rotation else 1.0
    return 2 * math.ceil(crop_px * diagonal / config.scale[0] / 2) + 2


def affine(
    crop_px: int, output_px: int, rotation: bool, scale: tuple[float, float]
) -> Augmentation:
    """Cut a square about the centre at a free angle and scale, flipped or not, in one warp.

    Args:
        crop_px: Edge of the square at scale 1.
        output_px: Edge of the result.
        rotation: Free rotation and flips, or neither.
        scale: Range of enlargement, evenly drawn in its logarithm.
    """

    def apply(sample: Sample, rng: np.random.Generator) -> Sample:
        angle = rng.uniform(0, 2 * math.pi) if rotation else 0.0
        flip = -1.0 if rotation and rng.random() < 0.5 else 1.0
        zoom = math.exp(rng.uniform(*np.log(scale))) * output_px / crop_px
        cos, sin = math.cos(angle) / zoom, math.sin(angle) / zoom
        # Maps a pixel of the result to one of the region: both centres meet.
        linear = np.array([[flip * cos, -sin], [flip * sin, cos]])
        height, width = sample["mask"].shape
        source_centre = np.array([width / 2 - 0.5, height / 2 - 0.5])
        shift = source_centre - linear @ np.full(2, output_px / 2 - 0.5)
        matrix = np.column_stack([linear, shift])
        size = (output_px, output_px)
        inverse = cv2.WARP_INVERSE_MAP
        return {
            "image": cv2.warpAffine(
                sample["image"],
                matrix,
                size,
                flags=cv2.INTER_LINEAR | inverse,
                borderMode=cv2.BORDER_REFLECT_101,
            ),
            "mask": cv2.warpAffine(
                sample["mask"],
                matrix,
                size,
                flags=cv2.INTER_NEAREST | inverse,
                borderMode=cv2.BORDER_REFLECT_101,
            ),
        }

    return apply


def stain_exchange(probability: float, pool: Sequence[Stains]) -> Augmentation:
    """The stains of another laboratory in place of one's own, where `stains` tells these.

    Args:
        probability: Share of the patches.
        pool: Stains of which `draw_stains` takes one or a mixture of two.
    """
    pool = [plausible_stains(stains) for stains in pool]

    def apply(sample: Sample, rng: np.random.Generator) -> Sample:
        own = sample.get("stains")
        if rng.random() >= probability or own is None:
            return sample
        image = exchange_stains(sample["image"], plausible_stains(own), draw_stains(pool, rng))
        return {**sample, "image": image}

    return apply


def stain(strength: float) -> Augmentation:
    """Haematoxylin and eosin jitter in optical density."""
    offset = STAIN_OFFSET_SHARE * strength
    return _of_image(lambda image, rng: stain_jitter(image, rng, strength, offset))


def light(strength: float) -> Augmentation:
    """Another gamma, contrast, brightness and white balance."""
    return _of_image(lambda image, rng: change_light(image, rng, strength))


def blur(largest_px: float) -> Augmentation:
    """Gaussian blur of half of the patches, up to a standard deviation."""

    def apply(sample: Sample, rng: np.random.Generator) -> Sample:
        sigma = rng.uniform(-largest_px, largest_px)
        if sigma <= 0.2:  # no visible change
            return sample
        return {**sample, "image": cv2.GaussianBlur(sample["image"], (0, 0), sigma)}

    return apply


def noise(largest_sigma: float) -> Augmentation:
    """Gaussian noise, up to a standard deviation in grey levels."""
    return _of_image(lambda image, rng: add_noise(image, rng, largest_sigma))


def jpeg(lowest_quality: int) -> Augmentation:
    """JPEG compression of half of the patches, down to a quality."""
    return _of_image(lambda image, rng: recompress(image, rng, lowest_quality))


def _of_image(change: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Augmentation:
    def apply(sample: Sample, rng: np.random.Generator) -> Sample:
        return {**sample, "image": change(sample["image"], rng)}

    return apply
