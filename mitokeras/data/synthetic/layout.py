"""Architecture: where tumour nests, stroma and empty slide lie."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mitokeras.data.synthetic.canvas import Canvas, smooth_noise
from mitokeras.data.synthetic.stain import Look


@dataclass(frozen=True, eq=False)
class Layout:
    """The plan of a field on a grid of 1 um, shape (rows, cols).

    Attributes:
        depth: Signed distance to the border of the nests, micrometres, positive inside a nest.
        gap: Signed distance to empty slide, micrometres, negative where the slide is empty.
        along: Unit vectors (x, y) of the stroma's fibres, shape (rows, cols, 2).
    """

    depth: np.ndarray
    gap: np.ndarray
    along: np.ndarray

    @staticmethod
    def at(plane: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Values of one of the planes at positions in micrometres."""
        rows = np.clip(np.rint(y).astype(int), 0, plane.shape[0] - 1)
        cols = np.clip(np.rint(x).astype(int), 0, plane.shape[1] - 1)
        return plane[rows, cols]


_FAR = 1e3  # um


def _signed_distance(inside: np.ndarray) -> np.ndarray:
    within = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)
    without = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5)
    # Where a small field is all of one kind, OpenCV says that the other is infinitely far.
    distance = np.clip(within - without, -_FAR, _FAR)
    return cv2.GaussianBlur(distance, (0, 0), 1.0)


def _round_gaps(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Fat cells, lumens and vessels: distance to the nearest outline, negative inside."""
    ys, xs = np.ogrid[: shape[0], : shape[1]]
    distance = np.full(shape, _FAR, np.float32)
    area = shape[0] * shape[1] / 256**2
    for _ in range(rng.poisson(1.8 * area)):
        y, x = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        a = rng.choice([rng.uniform(3, 8), rng.uniform(3, 8), rng.uniform(10, 26)])
        b, turn = a * rng.uniform(0.55, 1), rng.uniform(0, np.pi)
        u = np.cos(turn) * (xs - x) + np.sin(turn) * (ys - y)
        v = np.cos(turn) * (ys - y) - np.sin(turn) * (xs - x)
        np.minimum(distance, (np.hypot(u / a, v / b) - 1) * np.sqrt(a * b), out=distance)
    uneven = 1.2 * smooth_noise(rng, shape, 9) + 0.5 * smooth_noise(rng, shape, 3)
    return distance + uneven


def plan(canvas: Canvas, look: Look, rng: np.random.Generator) -> Layout:
    """Lay out nests divided by thin septa and, here and there, broad stroma."""
    shape = (int(canvas.shape[0] * canvas.spacing) + 2, int(canvas.shape[1] * canvas.spacing) + 2)
    folds = smooth_noise(rng, shape, 75) + 0.35 * smooth_noise(rng, shape, 22)
    folds += 0.1 * smooth_noise(rng, shape, 7)
    broad = smooth_noise(rng, shape, 120) + rng.normal(0, 0.3)
    stroma = look.stroma * (0.25 + 1.5 / (1 + np.exp(-2.5 * broad)))
    depth = _signed_distance(np.abs(folds) > stroma)
    round_gap = _round_gaps(rng, shape)
    # Nests shrink away from the stroma when the tissue is fixed.
    width = 1.8 * np.clip(smooth_noise(rng, shape, 22) - 0.6, 0, 1)
    cleft = np.abs(depth + 1.2 + 0.8 * smooth_noise(rng, shape, 6)) - width
    gap = np.minimum(round_gap, cleft)
    depth = np.minimum(depth, round_gap - 1)
    # Fibres run along the nests, so along the level lines of the distance to them.
    course = cv2.GaussianBlur(depth, (0, 0), 5) + 15 * smooth_noise(rng, shape, 60)
    grad_x = cv2.Sobel(course, cv2.CV_32F, 1, 0, ksize=3)
    grad_y = cv2.Sobel(course, cv2.CV_32F, 0, 1, ksize=3)
    norm = np.hypot(grad_x, grad_y) + 1e-6
    return Layout(depth, gap, np.dstack([-grad_y / norm, grad_x / norm]))
