"""Dying cells: as dark and as small as mitotic figures, but smooth or broken into globules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mitokeras.data.synthetic.bodies import paint_rounded_body, paint_shrunken_body
from mitokeras.data.synthetic.canvas import Canvas
from mitokeras.data.synthetic.nuclei import Nucleus, paint_nucleus
from mitokeras.data.synthetic.stain import Look


def _globule(look: Look, density: float, size: float, rng: np.random.Generator) -> Nucleus:
    return Nucleus(
        length=size,
        width=size * rng.uniform(0.6, 1),
        angle=rng.uniform(0, np.pi),
        density=density * rng.uniform(0.7, 1.1),
        chromatin=0.06,
        clump="coarse",
        wobble=rng.uniform(0.05, 0.15),
        eosin=0.1 + look.nuclear_eosin,
        fade=rng.uniform(-0.15, 0.3),
    )


def paint_apoptosis(
    canvas: Canvas, x: float, y: float, look: Look, rng: np.random.Generator
) -> tuple[float, float]:
    """Paint smooth dark globules in a shrunken pink cell: one to six, or a spray of crumbs.

    Returns:
        Width and height of the globules together, micrometres.
    """
    half = rng.uniform(3.4, 6.2)
    paint_shrunken_body(canvas, x, y, half, rng.uniform(0.22, 0.48), rng)
    crumbled = rng.uniform() < 0.25
    count = rng.integers(6, 15) if crumbled else rng.choice([1, 1, 2, 3, 4, 6])
    density = look.chromatin * rng.uniform(0.75, 1.2)
    edge = rng.uniform(0.4, 1.0)
    reach = np.ones(2)
    for i in range(count):
        main = i == 0 and not crumbled
        size = rng.uniform(2.8, 5.4) if main else rng.uniform(0.9, 2.8)
        off = rng.normal(0, 0.15 if main else 0.38, 2).clip(-0.7, 0.7) * half
        globule = replace(_globule(look, density, size, rng), edge=edge)
        paint_nucleus(canvas, x + off[0], y + off[1], globule, rng)
        reach = np.maximum(reach, np.abs(off) + size / 2)
    return float(2 * reach[0]), float(2 * reach[1])


def paint_pyknosis(
    canvas: Canvas, x: float, y: float, look: Look, rng: np.random.Generator
) -> tuple[float, float]:
    """Paint one shrunken, structureless nucleus, smooth or crenated.

    Returns:
        Width and height of the nucleus, micrometres.
    """
    length = rng.uniform(4.5, 10)
    if rng.uniform() < 0.4:
        paint_rounded_body(canvas, x, y, rng.uniform(6, 9), rng.uniform(0, np.pi), rng)
    else:
        half = rng.uniform(0.5, 0.85) * length + 1
        paint_shrunken_body(canvas, x, y, half, rng.uniform(0.2, 0.38), rng)
    nucleus = Nucleus(
        length=length,
        width=rng.uniform(2.4, min(length, 5.5)),
        angle=rng.uniform(0, np.pi),
        density=look.chromatin * rng.uniform(0.8, 1.2),
        edge=rng.uniform(0.4, 1.1),
        chromatin=rng.uniform(0.03, 0.1),
        clump="coarse",
        wobble=rng.uniform(0.08, 0.22),
        bend=rng.normal(0, 0.5),
        crenation=rng.choice([0.0, 0.0, rng.uniform(0.04, 0.12)]),
        eosin=look.nuclear_eosin + rng.uniform(0, 0.15),
        fade=rng.uniform(-0.1, 0.25),
    )
    paint_nucleus(canvas, x, y, nucleus, rng)
    return nucleus.extent
