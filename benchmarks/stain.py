"""Seconds of Macenko normalisation, ours beside those of others, in benchmarks/stain.csv.

Usage: python benchmarks/stain.py [IMAGE]

Without an image, a field of 2084 x 2084 px is drawn: dark nuclei on pink ground. torchstain's NumPy
path is always there; StainTools (with spams-bin) and tiatoolbox, which fit no training environment,
where they are installed. Each normalises one field to a reference that it has already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from torchstain.numpy.normalizers import NumpyMacenkoNormalizer
from turns import median_seconds, write_table

from mitokeras.data.stain import DEFAULT_NORMALIZER, stain_jitter

REPEATS = 7


def draw_field(size_px: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    noise = rng.normal(0.0, 1.0, (size_px, size_px)).astype(np.float32)
    eosin = np.clip(0.7 + 8.0 * cv2.GaussianBlur(noise, (0, 0), 8), 0.0, None)
    nuclei = np.full((size_px, size_px), 0.1, dtype=np.float32)
    for x, y in rng.integers(0, size_px, (size_px * size_px // 2000, 2)).tolist():
        cv2.circle(nuclei, (x, y), int(rng.integers(6, 14)), float(rng.uniform(0.5, 1.5)), -1)
    maps = np.stack([nuclei, eosin], axis=-1)
    light = 240.0 * np.exp(-maps @ np.array([[0.55, 0.75, 0.37], [0.25, 0.83, 0.50]]))
    return np.clip(light + rng.normal(0.0, 1.5, light.shape), 0, 255).astype(np.uint8)


def others(field: np.ndarray) -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {}
    if find_spec("staintools"):
        from staintools import StainNormalizer

        theirs = StainNormalizer("macenko")
        theirs.fit(field)
        found["StainTools transform"] = lambda: theirs.transform(field)
    if find_spec("tiatoolbox"):
        from tiatoolbox.tools.stainnorm import MacenkoNormalizer

        normalizer = MacenkoNormalizer()
        normalizer.fit(field)
        found["tiatoolbox transform"] = lambda: normalizer.transform(field)
    return found


def main() -> None:
    if len(sys.argv) > 1:
        field = cv2.cvtColor(cv2.imread(sys.argv[1]), cv2.COLOR_BGR2RGB)
    else:
        field = draw_field(2084)
    patch = np.ascontiguousarray(field[:256, :256])
    rng = np.random.default_rng(0)
    reference = NumpyMacenkoNormalizer()

    tasks = {
        "theirs": lambda: reference.normalize(field, stains=False),
        "ours": lambda: DEFAULT_NORMALIZER.transform(field),
    }
    seconds = median_seconds(tasks | others(field), REPEATS)
    theirs, ours = seconds.pop("theirs"), seconds.pop("ours")
    expected, _, _ = reference.normalize(field, stains=False)
    difference = np.abs(DEFAULT_NORMALIZER.transform(field).astype(int) - expected).mean()
    cv2.setNumThreads(1)
    jitter = median_seconds({"jitter": lambda: stain_jitter(patch, rng)}, REPEATS)["jitter"]

    size = f"{field.shape[1]} x {field.shape[0]}"
    rows: list[tuple[str, str, float, float | None, float | None]] = [
        ("mitokeras transform", size, ours, None, None),
        ("torchstain numpy normalize", size, theirs, theirs / ours, difference),
        *((name, size, value, value / ours, None) for name, value in seconds.items()),
        ("mitokeras stain_jitter, one thread", "256 x 256", jitter, None, None),
    ]
    write_table(
        Path(__file__).with_suffix(".csv"),
        ("what", "image_px", "median_s", "times_as_long", "mean_grey_levels_apart"),
        [
            (name, pixels, f"{value:.5f}", _short(longer), _short(apart))
            for name, pixels, value, longer, apart in rows
        ],
    )


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    main()
