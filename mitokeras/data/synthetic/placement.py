"""Where the cells of a field lie: random, without overlaps, in the tissue they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mitokeras.data.synthetic.canvas import Canvas, smooth_noise
from mitokeras.data.synthetic.layout import Layout

_TRIES = 60

Where = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Site:
    """A place taken by one cell, micrometres."""

    x: float
    y: float
    radius: float


class Crowd:
    """Sites taken so far; a new one keeps clear of all of them."""

    def __init__(self, canvas: Canvas, layout: Layout) -> None:
        self._size = (canvas.shape[1] * canvas.spacing, canvas.shape[0] * canvas.spacing)
        self._layout = layout
        self._taken = np.zeros((0, 3))

    @property
    def area(self) -> float:
        """Area of the field, square micrometres."""
        return self._size[0] * self._size[1]

    def in_nest(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """True where a tumour cell may lie."""
        return self._layout.at(self._layout.depth, x, y) > 3.5

    def in_stroma(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """True where a cell of the stroma may lie."""
        empty = self._layout.at(self._layout.gap, x, y) < 0.5
        return (self._layout.at(self._layout.depth, x, y) < -1) & ~empty

    def in_tissue(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """True where the slide is not empty."""
        return self._layout.at(self._layout.gap, x, y) > 0.5

    def free(self, x: float, y: float, radius: float) -> bool:
        """True where a cell of that radius overlaps no other."""
        gaps = np.hypot(self._taken[:, 0] - x, self._taken[:, 1] - y) - self._taken[:, 2]
        return not (gaps < radius).any()

    def take(self, x: float, y: float, radius: float) -> Site:
        """Take a site, free or not."""
        self._taken = np.vstack([self._taken, [x, y, radius]])
        return Site(float(x), float(y), float(radius))

    def settle(
        self, count: int, radius: float, margin: float, where: Where, rng: np.random.Generator
    ) -> list[Site]:
        """Take up to `count` sites at random, as many as there is room for.

        Args:
            count: Sites wanted.
            radius: Kept clear about each.
            margin: Kept clear of the border of the field.
            where: Which positions are allowed.
            rng: Random generator.
        """
        if min(self._size) <= 2 * margin:
            return []
        tries = count * _TRIES
        x, y = (rng.uniform(margin, size - margin, tries) for size in self._size)
        sites: list[Site] = []
        for i in np.flatnonzero(where(x, y)):
            if len(sites) == count:
                break
            if self.free(x[i], y[i], radius):
                sites.append(self.take(x[i], y[i], radius))
        return sites

    def fill(
        self, pitch: float, spread: float, where: Where, rng: np.random.Generator
    ) -> list[Site]:
        """Fill the allowed part of the field with cells about `pitch` apart, unevenly."""
        tries = int(self.area / pitch**2 * 8)
        x, y = (rng.uniform(-2, size + 2, tries) for size in self._size)
        crowding = smooth_noise(rng, self._layout.depth.shape, 30)
        radii = 0.5 * pitch * rng.lognormal(0, spread, tries)
        radii *= np.exp(0.16 * self._layout.at(crowding, x, y))
        return [
            self.take(x[i], y[i], radii[i])
            for i in np.flatnonzero(where(x, y))
            if self.free(x[i], y[i], radii[i])
        ]

    def fibre_angle(self, site: Site) -> float:
        """Direction of the stroma's fibres at a site, radians."""
        along = self._layout.at(self._layout.along, np.array([site.x]), np.array([site.y]))[0]
        return float(np.arctan2(along[1], along[0]))
