"""What fills a field between the nuclei: cytoplasm, collagen, empty slide."""

from __future__ import annotations

import cv2
import numpy as np

from mitokeras.data.synthetic.canvas import Canvas, smooth_noise, step
from mitokeras.data.synthetic.layout import Layout
from mitokeras.data.synthetic.stain import Look

_FIBRE_STEPS = 5
_CELL_GRID_UM = 0.5


def _enlarge(plane: np.ndarray, canvas: Canvas) -> np.ndarray:
    """A plane of the layout on the canvas's own pixels."""
    matrix = np.array([[canvas.spacing, 0, 0], [0, canvas.spacing, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (canvas.shape[1], canvas.shape[0])
    return cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _pixel_grid(canvas: Canvas) -> tuple[np.ndarray, np.ndarray]:
    """Column and row of every pixel, float32."""
    rows, cols = canvas.shape
    xs, ys = np.meshgrid(np.arange(cols, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return xs, ys


def _fibres(canvas: Canvas, layout: Layout, rng: np.random.Generator) -> np.ndarray:
    """Noise smeared along the fibres, by averaging over steps that double in length."""
    texture = smooth_noise(rng, canvas.shape, 0.5 / canvas.spacing)
    texture += 0.8 * smooth_noise(rng, canvas.shape, 2.2 / canvas.spacing)
    along = cv2.GaussianBlur(_enlarge(layout.along.astype(np.float32), canvas), (0, 0), 3)
    xs, ys = _pixel_grid(canvas)
    for k in range(_FIBRE_STEPS):
        shift = along * np.float32(0.4 * 2**k / canvas.spacing)
        ahead, back = (
            cv2.remap(
                texture,
                xs + sign * shift[..., 0],
                ys + sign * shift[..., 1],
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT,
            )
            for sign in (1, -1)
        )
        texture = (ahead + back) / np.float32(1.5)
    return texture / (texture.std() + np.float32(1e-6))


def _cells(
    canvas: Canvas, centres: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Tint of each tumour cell about 0, and its borders (0 to 1), on the canvas's pixels."""
    size = [int(n * canvas.spacing / _CELL_GRID_UM) + 2 for n in canvas.shape]
    seeds = np.full(size, 255, np.uint8)
    at = np.rint(np.vstack([[[0.0, 0.0]], centres]) / _CELL_GRID_UM).astype(int)
    seeds[np.clip(at[:, 1], 0, size[0] - 1), np.clip(at[:, 0], 0, size[1] - 1)] = 0
    _, labels = cv2.distanceTransformWithLabels(
        seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    tint = rng.standard_normal(labels.max() + 1, dtype=np.float32)[labels]
    border = cv2.morphologyEx(tint, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > 0
    border = cv2.GaussianBlur(border.astype(np.float32), (0, 0), 0.7)
    tint = cv2.GaussianBlur(tint, (0, 0), 1.2)
    scale = np.float32(canvas.spacing / _CELL_GRID_UM)
    xs, ys = (
        axis * scale
        + 3.0 * smooth_noise(rng, canvas.shape, 6 / canvas.spacing)
        + 0.6 * smooth_noise(rng, canvas.shape, 1.2 / canvas.spacing)
        for axis in _pixel_grid(canvas)
    )
    warped_tint, warped_border = (
        cv2.remap(plane, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for plane in (tint, border)
    )
    return warped_tint, np.clip(1.5 * warped_border, 0, 1)


def _cytoplasm(
    canvas: Canvas, look: Look, centres: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Haematoxylin and eosin of the nests."""
    per_px = 1 / canvas.spacing
    tint, border = _cells(canvas, centres, rng)
    web = np.abs(smooth_noise(rng, canvas.shape, 1.3 * per_px))
    threads = np.exp(-9 * web * web) - np.float32(0.33)
    grain = smooth_noise(rng, canvas.shape, 0.55 * per_px)
    mottle = smooth_noise(rng, canvas.shape, 3.5 * per_px)
    drift = smooth_noise(rng, canvas.shape, 25 * per_px)
    vacuoles = np.clip(smooth_noise(rng, canvas.shape, 2.8 * per_px) - 1.55, 0, 0.6) * look.foam
    texture = look.foam * (0.35 * threads + 0.07 * mottle) + 0.11 * grain + 0.05 * mottle
    solid = 1 - vacuoles
    eosin = look.pallor * (1 + 0.13 * tint + texture + 0.08 * drift) * solid
    eosin += border * look.membrane * (1 + 0.4 * drift)
    haematoxylin = look.amphophilia * (1 + 0.25 * tint + 1.6 * texture + 0.15 * drift) * solid
    return haematoxylin, eosin


def _collagen(
    canvas: Canvas, look: Look, fibres: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Haematoxylin and eosin of the stroma, from dense bundles to loose wisps."""
    per_px = 1 / canvas.spacing
    dense = smooth_noise(rng, canvas.shape, 35 * per_px) - np.float32(look.looseness)
    grain = smooth_noise(rng, canvas.shape, 0.6 * per_px)
    eosin = 0.31 + 0.06 * dense + (0.085 + 0.015 * dense) * fibres + 0.02 * grain
    slits = np.clip(-fibres - 0.7 - 0.8 * dense, 0, 1.6) / 1.6
    # Ground substance: pale and slightly blue between the fibres.
    eosin = np.maximum(eosin, 0.05) * (1 - 0.75 * slits)
    haematoxylin = 0.055 + 0.02 * fibres - 0.01 * dense + 0.01 * grain
    return haematoxylin * (1 - 0.6 * slits), eosin


def fill(
    canvas: Canvas, layout: Layout, look: Look, centres: np.ndarray, rng: np.random.Generator
) -> None:
    """Paint cytoplasm, stroma and gaps over the whole canvas.

    Args:
        canvas: Painted in place.
        layout: Layout of the same field.
        look: Look of the case.
        centres: Centres (x, y) of the tumour cells, micrometres, shape (n, 2).
        rng: Random generator.
    """
    fibres = _fibres(canvas, layout, rng)
    stroma = _collagen(canvas, look, fibres, rng)
    tumour = _cytoplasm(canvas, look, centres, rng)
    ragged = 0.35 * smooth_noise(rng, canvas.shape, 2.0 / canvas.spacing)
    nest = step(ragged - _enlarge(layout.depth, canvas), 1.2)
    # Strands and shreds reach into the gaps, so none is cut out clean.
    shreds = np.clip(0.8 * fibres + 2 * ragged - 0.3, 0, 1.5)
    solid = 1 - step(_enlarge(layout.gap, canvas) + ragged + shreds, 1.4)
    planes = (canvas.haematoxylin, canvas.eosin)
    for plane, outside, inside in zip(planes, stroma, tumour, strict=True):
        plane[:] = np.maximum((outside + nest * (inside - outside)) * solid, 0)
