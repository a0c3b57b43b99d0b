"""Mitotic figures: condensed chromosomes, without a membrane, in a rounded and cleared cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import cv2
import numpy as np

from mitokeras.data.synthetic.bodies import paint_rounded_body
from mitokeras.data.synthetic.canvas import Canvas, smooth_noise
from mitokeras.data.synthetic.stain import Look

Phase = Literal["prometaphase", "metaphase", "anaphase", "ring"]

_RASTER_UM = 0.08
_HALF_UM = 12.0
_SIDE = round(2 * _HALF_UM / _RASTER_UM)


def _arms(
    x: np.ndarray, y: np.ndarray, angle: np.ndarray, length: np.ndarray, width: np.ndarray
) -> np.ndarray:
    """Chromosome arms, one per row: centre x and y, angle, length, width; micrometres."""
    return np.stack(np.broadcast_arrays(x, y, angle, length, width), axis=1)


def _plate(length: float, width: float, rng: np.random.Generator) -> np.ndarray:
    """Arms side by side in a bar along x, a few of them reaching out of it."""
    n = round(length * 6)
    x = np.clip(rng.normal(0, 0.31, n), -0.5, 0.5) * length
    bend = rng.normal(0, 0.012)
    y = bend * (x**2 - length**2 / 8) + rng.normal(0, 0.13 * width, n)
    reach = width * rng.triangular(0.3, 0.6, 1.1, n) * (1 - 0.5 * np.abs(2 * x / length) ** 3)
    arms = _arms(x, y, np.pi / 2 + rng.normal(0, 0.45, n), reach, rng.uniform(0.35, 0.9, n))
    hairs = rng.integers(5, 14)
    x = rng.uniform(-0.5, 0.5, hairs) * length
    y = rng.choice([-1, 1], hairs) * width * rng.uniform(0.35, 0.6, hairs)
    hair = _arms(
        x, y, np.pi / 2 + rng.normal(0, 0.6, hairs), rng.uniform(0.8, 2.0, hairs), np.array(0.4)
    )
    return np.concatenate([arms, hair])


def _metaphase(rng: np.random.Generator) -> np.ndarray:
    return _plate(rng.uniform(7.5, 11.5), rng.uniform(2.2, 3.8), rng)


def _anaphase(rng: np.random.Generator) -> np.ndarray:
    length, width, apart = rng.uniform(5.5, 9), rng.uniform(1.6, 2.5), rng.uniform(4.2, 8)
    plates = []
    for side in (-1, 1):
        arms = _plate(length * rng.uniform(0.88, 1.12), width, rng)
        turn = rng.normal(0, 0.1)
        x, y = arms[:, 0].copy(), arms[:, 1] - side * 0.02 * arms[:, 0] ** 2
        arms[:, 0] = np.cos(turn) * x - np.sin(turn) * y + rng.normal(0, 0.3)
        arms[:, 1] = np.sin(turn) * x + np.cos(turn) * y + side * apart / 2
        arms[:, 2] += turn
        plates.append(arms)
    return np.concatenate(plates)


def _ring(rng: np.random.Generator) -> np.ndarray:
    n = rng.integers(48, 72)
    radius, aspect = rng.uniform(2.5, 3.7), rng.uniform(0.72, 1)
    around = rng.uniform(0, 2 * np.pi - rng.choice([0.0, 0.0, 0.9]), n)  # some rings are open
    reach = radius * (1 + 0.12 * np.sin(around * rng.choice([1, 2, 3]) + rng.uniform(0, 6)))
    reach += rng.normal(0, 0.35, n)
    return _arms(
        reach * np.cos(around),
        reach * aspect * np.sin(around),
        around + rng.normal(0, 0.5, n),
        rng.uniform(1.0, 2.2, n),
        rng.uniform(0.4, 0.75, n),
    )


def _prometaphase(rng: np.random.Generator) -> np.ndarray:
    """Arms without order: heaped on a few knots, or strewn over a disc."""
    spread = rng.uniform(2.2, 3.4)
    if rng.uniform() < 0.5:
        n, knots = int(rng.integers(42, 70)), rng.integers(4, 9)
        centres = rng.normal(0, 1, (knots, 2)) * spread * np.array([0.75, 0.55])
        at = centres[rng.integers(0, knots, n)] + rng.normal(0, 0.33 * spread, (n, 2))
        far = np.hypot(at[:, 0], at[:, 1])
        at *= np.minimum(1, 1.9 * spread / np.maximum(far, 1e-6))[:, None]
    else:
        n = int(8.5 * spread**2)
        around, out = rng.uniform(0, 2 * np.pi, n), 1.4 * spread * np.sqrt(rng.uniform(0, 1, n))
        at = out[:, None] * np.stack([np.cos(around), rng.uniform(0.7, 1) * np.sin(around)], 1)
    angle = rng.uniform(0, np.pi, n)
    return _arms(at[:, 0], at[:, 1], angle, rng.uniform(0.8, 2.5, n), rng.uniform(0.4, 0.85, n))


_ARMS: dict[Phase, Callable[[np.random.Generator], np.ndarray]] = {
    "prometaphase": _prometaphase,
    "metaphase": _metaphase,
    "anaphase": _anaphase,
    "ring": _ring,
}
PHASES: tuple[Phase, ...] = tuple(_ARMS)


def _raster(arms: np.ndarray, turn: float, rng: np.random.Generator) -> np.ndarray:
    """Depth of chromatin on a fine raster, in arms that lie over each other."""
    depth = np.zeros((_SIDE, _SIDE), np.float32)
    cos, sin = np.cos(turn), np.sin(turn)
    for x, y, angle, length, width in arms:
        cx, cy = _HALF_UM + cos * x - sin * y, _HALF_UM + sin * x + cos * y
        half = 0.5 * length * np.array([np.cos(angle + turn), np.sin(angle + turn)])
        ends = [np.rint((np.array([cx, cy]) + s * half) / _RASTER_UM * 16) for s in (-1, 1)]
        layer = np.zeros((_SIDE, _SIDE), np.uint8)
        start, stop = (tuple(int(c) for c in end) for end in ends)
        cv2.line(layer, start, stop, 255, max(1, round(width / _RASTER_UM)), cv2.LINE_AA, 4)
        depth += layer
    depth /= 255
    ys, xs = np.mgrid[:_SIDE, :_SIDE].astype(np.float32)
    for scale, shift in ((0.4, 0.12), (1.4, 0.18)):
        xs += shift / _RASTER_UM * smooth_noise(rng, depth.shape, scale / _RASTER_UM)
        ys += shift / _RASTER_UM * smooth_noise(rng, depth.shape, scale / _RASTER_UM)
    return cv2.GaussianBlur(cv2.remap(depth, xs, ys, cv2.INTER_LINEAR), (0, 0), 2.0)


def _one_piece(solid: np.ndarray, spacing: float, hull: bool) -> np.ndarray:
    """Fill holes and join or drop loose arms, so that a figure is one component."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(0.8 / spacing) + 1,) * 2)
    closed = cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_CLOSE, disc)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    mask = np.zeros(solid.shape, np.uint8)
    if contours:
        largest = max(contours, key=cv2.contourArea)
        chosen = cv2.convexHull(np.concatenate(contours)) if hull else largest
        cv2.drawContours(mask, [chosen], -1, 1, cv2.FILLED)
    return mask


def paint_figure(
    canvas: Canvas, x: float, y: float, phase: Phase, look: Look, rng: np.random.Generator
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Paint a mitotic figure with its cell at (x, y), micrometres.

    Returns:
        The rows and columns of the canvas, and the figure's mask there (0 or 1, uint8).
    """
    turn = rng.uniform(0, 2 * np.pi)
    half = rng.uniform(6.5, 9.8) + (1.5 if phase == "anaphase" else 0)
    paint_rounded_body(canvas, x, y, half, turn, rng)
    depth = _raster(_ARMS[phase](rng), turn, rng)
    window = canvas.window(x, y, 0.0, _HALF_UM - 0.5)
    if window is None:
        raise ValueError(f"a figure must lie on the canvas. Received: x={x}, y={y}")
    if rng.uniform() < 0.25:  # above or below the focal plane
        depth = cv2.GaussianBlur(depth, (0, 0), rng.uniform(0.15, 0.45) / _RASTER_UM)
    if canvas.spacing > _RASTER_UM:
        depth = cv2.blur(depth, (round(canvas.spacing / _RASTER_UM),) * 2)
    depth = cv2.remap(
        depth,
        (window.u + np.float32(_HALF_UM)) / np.float32(_RASTER_UM),
        (window.v + np.float32(_HALF_UM)) / np.float32(_RASTER_UM),
        cv2.INTER_LINEAR,
    )
    cover = 1 - np.exp(-1.8 * depth)
    density = look.chromatin * rng.uniform(0.75, 1.25) * (0.62 + 0.16 * np.minimum(depth, 3))
    density *= 1 + 0.08 * canvas.grain(rng, window, "fine")
    canvas.blend(window, cover, density, 0.6 * look.nuclear_eosin, 0.2)
    mask = _one_piece(cover > 0.5, canvas.spacing, hull=phase == "anaphase")
    return window.at, mask
