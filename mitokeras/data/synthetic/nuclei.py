"""Nuclei that keep their membrane: tumour cells, fibroblasts, lymphocytes, smudged nuclei."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mitokeras.data.synthetic.canvas import Canvas, outline, step
from mitokeras.data.synthetic.stain import Look


@dataclass(frozen=True)
class Nucleus:
    """How to paint one nucleus; lengths in micrometres, densities as concentrations.

    Attributes:
        length: Length of the long axis.
        width: Length of the short axis.
        angle: Angle between the long axis and x, radians.
        density: Mean haematoxylin.
        edge: Width of the transition to the cytoplasm.
        rim: Extra haematoxylin of the membrane.
        chromatin: Relative contrast of the chromatin's clumps.
        clump: Which grain the clumps have, see `Canvas.grain`.
        lacunae: Depth of the clear patches between them.
        wobble: Unevenness of the outline, share of the radius.
        bend: How far the ends bow off the long axis, micrometres.
        crenation: Fine unevenness of the outline, share of the radius.
        nucleoli: Number of nucleoli.
        eosin: Mean eosin inside.
        through: Share of the cytoplasm that shows through.
        fade: Fall of the density from the centre to the border, 0 to 1.
    """

    length: float
    width: float
    angle: float
    density: float
    edge: float = 0.5
    rim: float = 0.0
    chromatin: float = 0.2
    clump: str = "medium"
    lacunae: float = 0.0
    wobble: float = 0.05
    bend: float = 0.0
    crenation: float = 0.0
    nucleoli: int = 0
    eosin: float = 0.1
    through: float = 0.1
    fade: float = 0.0

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height of the box about the turned ellipse, micrometres."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        width = np.hypot(self.length * cos, self.width * sin)
        height = np.hypot(self.length * sin, self.width * cos)
        return float(width), float(height)


def tumour_nucleus(look: Look, room: float, rng: np.random.Generator) -> Nucleus:
    """A pleomorphic nucleus in the manner of the case; a few are dark tangential cuts.

    Args:
        look: Look of the case.
        room: Diameter of the cell, micrometres.
        rng: Random generator.
    """
    length = np.clip(look.nucleus_um * rng.lognormal(0, 0.13), 5.5, 1.15 * room)
    clear = float(np.clip(look.vesicular + rng.normal(0, 0.22), 0, 1))
    density = (0.74 - 0.36 * clear) * rng.lognormal(0, 0.17)
    if rng.uniform() < 0.07:
        length, clear, density = length * 0.8, 0.0, rng.uniform(0.75, 1.1)
    deep = rng.uniform() < 0.22  # below the focal plane
    return Nucleus(
        length=length,
        width=length * rng.uniform(0.6, 0.98),
        angle=rng.uniform(0, np.pi),
        density=density * (0.7 if deep else 1),
        edge=rng.uniform(1.4, 2.6) if deep else rng.uniform(0.4, 0.8),
        rim=0 if deep else (0.1 + 0.3 * clear) * rng.uniform(0.5, 1.2),
        chromatin=(0.12 + 0.5 * clear * rng.uniform(0.5, 1.2)) * (0.5 if deep else 1),
        clump=rng.choice(["fine", "medium"]),
        lacunae=0.35 * clear * rng.uniform(0, 1),
        wobble=rng.uniform(0.04, 0.13),
        nucleoli=0 if deep else rng.choice([0, 1, 1, 2, 3] if clear > 0.3 else [0, 0, 1]),
        eosin=look.nuclear_eosin * rng.uniform(0.8, 1.2),
        through=rng.uniform(0.2, 0.45),
    )


def fibroblast_nucleus(look: Look, angle: float, rng: np.random.Generator) -> Nucleus:
    """A spindle or an oval that lies along the fibres, straight or wavy."""
    length = rng.uniform(5.5, 15)
    pale = rng.uniform()
    return Nucleus(
        length=length,
        width=np.clip(length * rng.uniform(0.16, 0.5), 1.5, 4.5),
        angle=angle + rng.normal(0, 0.2),
        density=0.8 - 0.45 * pale,
        edge=rng.uniform(0.5, 1.4),
        rim=0.2 * pale,
        chromatin=0.15 + 0.3 * pale,
        clump=rng.choice(["fine", "medium"]),
        wobble=rng.uniform(0.08, 0.2),
        bend=rng.normal(0, 0.7),
        eosin=look.nuclear_eosin,
        through=rng.uniform(0.3, 0.6),
    )


def lymphocyte_nucleus(look: Look, rng: np.random.Generator) -> Nucleus:
    """Small, round and dark, with coarse clumps."""
    length = rng.uniform(5, 7.2)
    return Nucleus(
        length=length,
        width=length * rng.uniform(0.78, 1),
        angle=rng.uniform(0, np.pi),
        density=look.chromatin * rng.uniform(0.6, 0.95),
        edge=rng.uniform(0.4, 0.9),
        rim=0.12,
        chromatin=rng.uniform(0.12, 0.35),
        wobble=rng.uniform(0.04, 0.1),
        eosin=look.nuclear_eosin,
        through=0.2,
    )


def smudged_nucleus(look: Look, rng: np.random.Generator) -> Nucleus:
    """Hyperchromatic, without structure, the border washed out or crushed to a point."""
    length = rng.uniform(6.5, 12)
    return Nucleus(
        length=length,
        width=length * rng.uniform(0.3, 0.75),
        angle=rng.uniform(0, np.pi),
        density=look.chromatin * rng.uniform(0.7, 1.05),
        edge=rng.uniform(1.0, 3.0),
        chromatin=rng.uniform(0.05, 0.25),
        clump=rng.choice(["medium", "coarse"]),
        wobble=rng.uniform(0.1, 0.25),
        bend=rng.normal(0, 0.6),
        crenation=rng.choice([0.0, rng.uniform(0.03, 0.1)]),
        eosin=look.nuclear_eosin + rng.uniform(0, 0.2),
        through=rng.uniform(0.2, 0.6),
        fade=rng.uniform(0.1, 0.6),
    )


def paint_nucleus(
    canvas: Canvas, x: float, y: float, nucleus: Nucleus, rng: np.random.Generator
) -> None:
    """Paint a nucleus with its centre at (x, y), micrometres."""
    a, b = nucleus.length / 2, nucleus.width / 2
    window = canvas.window(x, y, nucleus.angle, a * 1.4 + nucleus.edge + abs(nucleus.bend))
    if window is None:
        return
    coarse = canvas.grain(rng, window, "coarse")
    if nucleus.bend:
        bow = np.float32(nucleus.bend) * (np.square(window.u / np.float32(a)) - np.float32(0.4))
        window = replace(window, v=window.v + bow)
    uneven = nucleus.wobble * (0.8 * canvas.grain(rng, window, "bulk") + 0.6 * coarse)
    if nucleus.crenation:
        uneven += nucleus.crenation * canvas.grain(rng, window, "medium")
    distance = outline(window, a, b, uneven)
    clumps = np.tanh(1.6 * canvas.grain(rng, window, nucleus.clump)) + 0.35 * coarse
    density = nucleus.density * (1 + nucleus.chromatin * clumps)
    if nucleus.lacunae:
        patches = canvas.grain(rng, window, "medium") + 0.8 * canvas.grain(rng, window, "coarse")
        density -= nucleus.lacunae * np.clip(patches - 0.2, 0, 1)
    if nucleus.fade:
        density *= 1 - nucleus.fade * np.clip(1 + distance / b, 0, 1)
    density += nucleus.rim * np.exp(-(((distance + 0.4) / 0.36) ** 2)) * (1 + 0.4 * coarse)
    eosin = np.full_like(density, nucleus.eosin)
    for _ in range(nucleus.nucleoli):
        at_u, at_v = rng.normal(0, 0.3, 2) * (a, b)
        near = np.hypot(window.u - at_u, window.v - at_v) + 0.15 * coarse
        spot = step(near - rng.uniform(0.45, 1.1), 0.6)
        density += spot * rng.uniform(0.15, 0.4)
        eosin += spot * 0.2
    cover = step(distance, nucleus.edge)
    canvas.blend(window, cover, np.maximum(density, 0.05), eosin, nucleus.through)


def paint_red_cell(canvas: Canvas, x: float, y: float, rng: np.random.Generator) -> None:
    """Paint a red blood cell, deformed as it lies."""
    half = rng.uniform(2.4, 3.4)
    window = canvas.window(x, y, rng.uniform(0, np.pi), half * 1.4)
    if window is None:
        return
    coarse = canvas.grain(rng, window, "coarse")
    distance = outline(window, half, half * rng.uniform(0.6, 1), 0.1 * coarse)
    dimple = 1 - 0.3 * np.exp(-((distance + half) ** 2))
    canvas.blend(window, step(distance, 0.7), 0.0, rng.uniform(0.42, 0.62) * dimple)
