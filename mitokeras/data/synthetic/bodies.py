"""Cell bodies that differ from the sheet of tumour cells: rounded up, or shrunken."""

from __future__ import annotations

import numpy as np

from mitokeras.data.synthetic.canvas import Canvas, outline, step


def paint_rounded_body(
    canvas: Canvas, x: float, y: float, half: float, angle: float, rng: np.random.Generator
) -> None:
    """Round up and clear a cell, as at mitosis; from hardly visible to a clear disc.

    Args:
        canvas: Painted in place.
        x: Centre, micrometres.
        y: Centre, micrometres.
        half: Half the cell's longer axis, which lies across `angle`, micrometres.
        angle: Radians.
        rng: Random generator.
    """
    window = canvas.window(x, y, angle, half * 1.4 + 1)
    if window is None:
        return
    bulk, medium = canvas.grain(rng, window, "bulk"), canvas.grain(rng, window, "medium")
    border = outline(window, half * rng.uniform(0.75, 1), half, 0.08 * bulk)
    if rng.uniform() < 0.3:  # drawn back from the neighbours
        moat = np.abs(border - 0.8 + 0.6 * canvas.grain(rng, window, "bulk"))
        emptied = rng.uniform(0.2, 0.9) * np.clip(0.6 + 0.6 * bulk, 0, 1)
        canvas.blend(window, emptied * step(moat - 0.5, 1.4), 0.01, 0.04)
    web = np.exp(-9 * np.square(canvas.grain(rng, window, "web")))
    eosin = rng.uniform(0.06, 0.2) * (0.85 + 0.35 * web + 0.12 * medium + 0.1 * bulk)
    cover = rng.uniform(0.1, 0.9) * step(border, rng.uniform(1.5, 4))
    through = rng.uniform(0.1, 0.5)
    canvas.blend(window, cover, rng.uniform(0.02, 0.07) * (0.8 + 0.6 * web), eosin, through)
    membrane = rng.uniform(0, 0.5) * np.clip(0.6 + 0.5 * bulk, 0, 1)
    membrane *= np.exp(-((border / 0.45) ** 2))
    canvas.blend(window, membrane, 0.08, rng.uniform(0.2, 0.4))


def paint_shrunken_body(
    canvas: Canvas, x: float, y: float, half: float, eosin: float, rng: np.random.Generator
) -> None:
    """Shrink a cell from its neighbours, on one side more than on the other, and dye it pink.

    Args:
        canvas: Painted in place.
        x: Centre, micrometres.
        y: Centre, micrometres.
        half: Half the cell's longer axis, micrometres.
        eosin: Eosin of its cytoplasm.
        rng: Random generator.
    """
    window = canvas.window(x, y, rng.uniform(0, np.pi), half * 1.6 + 2)
    if window is None:
        return
    bulk, medium = canvas.grain(rng, window, "bulk"), canvas.grain(rng, window, "medium")
    coarse = canvas.grain(rng, window, "coarse")
    narrow = half * rng.uniform(0.65, 1)
    distance = outline(window, half, narrow, 0.1 * bulk + 0.05 * coarse)
    shift = rng.normal(0, 0.6)
    space = np.hypot((window.u - shift) / half, (window.v - shift / 2) / narrow)
    space = (space - 1) * half + 0.5 * coarse + 0.5 * bulk
    emptied = rng.choice([0.0, rng.uniform(0.2, 0.9)])
    canvas.blend(window, emptied * step(space - rng.uniform(0, 0.9), 1.6), 0.01, 0.03)
    texture = 1 + 0.12 * medium + 0.1 * coarse
    body = step(distance, rng.uniform(0.8, 2.4)) * rng.uniform(0.5, 1)
    canvas.blend(window, body, rng.uniform(0.05, 0.2) * texture, eosin * texture)
