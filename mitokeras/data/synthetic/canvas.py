"""What the painters share: a canvas of stain concentrations, and noise to make shapes uneven.

Lengths are micrometres unless a name ends in `_px`; positions are measured from the centre of
the top left pixel. Concentrations are optical densities along a stain's unit vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

GRAIN_TILE_UM = 128.0
_SCALE_MADE_PX = 10.0
GRAINS_UM = {"fine": 0.45, "medium": 0.9, "web": 1.4, "coarse": 2.6, "bulk": 5.0}


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], scale_px: float) -> np.ndarray:
    """Band-limited noise, float32, mean about 0 and standard deviation about 1.

    Args:
        rng: Random generator.
        shape: Height and width, pixels.
        scale_px: Distance over which the values become independent, pixels.
    """
    # Wide noise is made small, blurred and enlarged. OpenCV's cubic kernel would leave kinks
    # along the lattice, which show as straight borders of nests.
    shrink = max(1, int(scale_px / _SCALE_MADE_PX))
    sigma = scale_px / shrink / 2
    pad = int(2 * sigma) + 1 if shrink > 1 else 0
    rows, cols = (n // shrink + 3 + 2 * pad if shrink > 1 else n for n in shape)
    noise = cv2.GaussianBlur(rng.standard_normal((rows, cols), dtype=np.float32), (0, 0), sigma)
    noise *= np.float32(max(1.0, 2 * np.sqrt(np.pi) * sigma))
    if shrink == 1:
        return noise
    noise = noise[pad : rows - pad, pad : cols - pad]
    noise = cv2.resize(noise, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_LANCZOS4)
    top, left = rng.integers(0, shrink, 2)
    return noise[top : top + shape[0], left : left + shape[1]]


def step(distance: np.ndarray, width: float) -> np.ndarray:
    """1 well below zero, 0 well above, smooth over `width` about zero."""
    t = np.clip(0.5 - distance / np.float32(width), 0, 1)
    return t * t * (3 - 2 * t)


@dataclass(frozen=True, eq=False)
class Window:
    """A rectangle of the canvas around one object.

    Attributes:
        at: Row and column slices.
        u: Offset from the object's centre along its own axis, micrometres, shape (h, w).
        v: The same across its axis.
    """

    at: tuple[slice, slice]
    u: np.ndarray
    v: np.ndarray


class Canvas:
    """Haematoxylin and eosin concentrations over a field, float32, shape (height, width)."""

    def __init__(
        self, height_px: int, width_px: int, spacing_um_px: float, rng: np.random.Generator
    ) -> None:
        self.shape = (height_px, width_px)
        self.spacing = spacing_um_px
        self.haematoxylin = np.zeros(self.shape, np.float32)
        self.eosin = np.zeros(self.shape, np.float32)
        side = round(GRAIN_TILE_UM / spacing_um_px)
        self._grains = {
            name: smooth_noise(rng, (side, side), scale / spacing_um_px)
            for name, scale in GRAINS_UM.items()
        }

    def window(self, x: float, y: float, angle: float, reach: float) -> Window | None:
        """The part of the square of half side `reach` about (x, y) that lies on the canvas."""
        lo_y, lo_x = (max(0, int((c - reach) / self.spacing)) for c in (y, x))
        hi_y = min(self.shape[0], int((y + reach) / self.spacing) + 2)
        hi_x = min(self.shape[1], int((x + reach) / self.spacing) + 2)
        if hi_y <= lo_y or hi_x <= lo_x:
            return None
        dy = (np.arange(lo_y, hi_y, dtype=np.float32) * self.spacing - y)[:, None]
        dx = (np.arange(lo_x, hi_x, dtype=np.float32) * self.spacing - x)[None, :]
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        at = (slice(lo_y, hi_y), slice(lo_x, hi_x))
        return Window(at, cos * dx + sin * dy, cos * dy - sin * dx)

    def grain(self, rng: np.random.Generator, window: Window, name: str) -> np.ndarray:
        """A random piece of noise of the window's shape: see `GRAINS_UM`."""
        tile = self._grains[name]
        shape = window.u.shape
        top, left = rng.integers(0, np.maximum(1, np.subtract(tile.shape, shape)), 2)
        return tile[top : top + shape[0], left : left + shape[1]]

    def blend(
        self,
        window: Window,
        alpha: np.ndarray,
        haematoxylin: np.ndarray | float,
        eosin: np.ndarray | float,
        through: float = 0.0,
    ) -> None:
        """Replace what is there by the given concentrations, with weight `alpha` of 0 to 1.

        `through` is the share of the old concentrations that still shows, as where the section
        is thicker than the object.
        """
        for plane, value in ((self.haematoxylin, haematoxylin), (self.eosin, eosin)):
            part = plane[window.at]
            part += alpha * (value - (1 - through) * part)


def outline(
    window: Window, half_length: float, half_width: float, wobble: np.ndarray
) -> np.ndarray:
    """Approximate signed distance to an uneven ellipse, micrometres, negative inside."""
    rho = np.hypot(window.u / np.float32(half_length), window.v / np.float32(half_width)) + wobble
    return (rho - 1) * np.float32(np.sqrt(half_length * half_width))
