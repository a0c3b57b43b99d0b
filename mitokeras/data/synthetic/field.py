"""One synthetic field: layout, cells, stain and scanner put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mitokeras.data.synthetic.canvas import Canvas
from mitokeras.data.synthetic.figures import PHASES, Phase, paint_figure
from mitokeras.data.synthetic.layout import plan
from mitokeras.data.synthetic.lookalikes import paint_apoptosis, paint_pyknosis
from mitokeras.data.synthetic.nuclei import (
    Nucleus,
    fibroblast_nucleus,
    lymphocyte_nucleus,
    paint_nucleus,
    paint_red_cell,
    smudged_nucleus,
    tumour_nucleus,
)
from mitokeras.data.synthetic.placement import Crowd, Site
from mitokeras.data.synthetic.stain import Look, develop, look_of_case
from mitokeras.data.synthetic.tissue import fill

Label = Literal["mitosis", "apoptosis", "pyknosis", "lymphocyte", "smudge", "tumor_nucleus"]

_FIELD_STREAM = 7_002
_UM2_PER_FIELD = 256.0**2
_FIGURE_RADIUS, _FIGURE_MARGIN = 10.5, 12.5
_PHASE_SHARES = (0.32, 0.38, 0.17, 0.13)
_LOOKALIKES: tuple[Label, ...] = ("apoptosis", "pyknosis", "smudge", "lymphocyte")
_LOOKALIKE_SHARES = (0.34, 0.28, 0.26, 0.12)


@dataclass(frozen=True)
class SyntheticObject:
    """One labelled cell; pixels, with the centre of the top left pixel at (0, 0).

    Attributes:
        x: Centre.
        y: Centre.
        label: What it is.
        w: Width of the box about it.
        h: Height of the box about it.
        phase: Phase of a mitosis; None for other cells.
    """

    x: float
    y: float
    label: Label
    w: float
    h: float
    phase: Phase | None = None


@dataclass(frozen=True, eq=False)
class SyntheticField:
    """A drawn field and the truth about it.

    Attributes:
        image: RGB, uint8, shape (height, width, 3).
        mask: 1 on mitotic figures, else 0, uint8, shape (height, width); one 8-connected
            component for each figure.
        objects: Every tumour nucleus, lymphocyte, mitosis and look-alike with its centre inside.
    """

    image: np.ndarray
    mask: np.ndarray
    objects: tuple[SyntheticObject, ...]


class _Painter:
    """Paints the cells of one field and keeps the list of them."""

    def __init__(self, canvas: Canvas, look: Look, rng: np.random.Generator) -> None:
        self.canvas = canvas
        self.look = look
        self.rng = rng
        self.mask = np.zeros(canvas.shape, np.uint8)
        self.objects: list[SyntheticObject] = []

    def note(self, site: Site, label: Label, size_um: tuple[float, float]) -> None:
        """List an object, with its box cut to the field; none where its centre lies outside."""
        height, width = self.canvas.shape
        x, y = site.x / self.canvas.spacing, site.y / self.canvas.spacing
        if not (0 <= x <= width - 1 and 0 <= y <= height - 1):
            return
        half = [s / self.canvas.spacing / 2 for s in size_um]
        left, right = max(-0.5, x - half[0]), min(width - 0.5, x + half[0])
        top, bottom = max(-0.5, y - half[1]), min(height - 0.5, y + half[1])
        self.objects.append(
            SyntheticObject(
                round((left + right) / 2, 2),
                round((top + bottom) / 2, 2),
                label,
                round(right - left, 2),
                round(bottom - top, 2),
            )
        )

    def nucleus(self, site: Site, nucleus: Nucleus, label: Label | None) -> None:
        """Paint a nucleus and, with a label, list it."""
        paint_nucleus(self.canvas, site.x, site.y, nucleus, self.rng)
        if label:
            self.note(site, label, nucleus.extent)

    def figure(self, site: Site) -> None:
        """Paint and list a mitotic figure; its box and centre are those of its mask."""
        phase = PHASES[self.rng.choice(len(PHASES), p=_PHASE_SHARES)]
        at, mask = paint_figure(self.canvas, site.x, site.y, phase, self.look, self.rng)
        self.mask[at] |= mask
        ys, xs = np.nonzero(mask)
        self.objects.append(
            SyntheticObject(
                round(float(xs.mean()) + at[1].start, 2),
                round(float(ys.mean()) + at[0].start, 2),
                "mitosis",
                float(np.ptp(xs) + 1),
                float(np.ptp(ys) + 1),
                phase,
            )
        )

    def lookalike(self, site: Site, label: Label) -> None:
        """Paint and list one look-alike."""
        if label == "apoptosis":
            self.note(
                site, label, paint_apoptosis(self.canvas, site.x, site.y, self.look, self.rng)
            )
        elif label == "pyknosis":
            self.note(site, label, paint_pyknosis(self.canvas, site.x, site.y, self.look, self.rng))
        elif label == "smudge":
            self.nucleus(site, smudged_nucleus(self.look, self.rng), label)
        else:
            self.nucleus(site, lymphocyte_nucleus(self.look, self.rng), label)


def draw_field(
    height_px: int, width_px: int, *, seed: int, case: int, spacing_um_px: float = 0.25
) -> SyntheticField:
    """Draw a field of breast carcinoma as an H&E section at 40x shows it.

    A field of 256 x 256 um holds three to eight mitotic figures, ten to a hundred times as many
    as most tumours have, and two to three times as many look-alikes, lymphocytes in the stroma
    apart; a smaller field holds at least one where there is room in a nest. The same arguments
    give the same bytes.

    Args:
        height_px: Any size; figures keep 12.5 um clear of the border.
        width_px: The same.
        seed: Seed of the tissue.
        case: Number of the case, which decides the laboratory and scanner; see `stain.Look`.
        spacing_um_px: Size of a pixel, micrometres.
    """
    rng = np.random.default_rng([_FIELD_STREAM, seed, case])
    look = look_of_case(case)
    canvas = Canvas(height_px, width_px, spacing_um_px, rng)
    layout = plan(canvas, look, rng)
    crowd = Crowd(canvas, layout)
    share = crowd.area / _UM2_PER_FIELD
    count = max(1, int(share * rng.uniform(3, 8.5) + rng.uniform()))
    figures = crowd.settle(count, _FIGURE_RADIUS, _FIGURE_MARGIN, crowd.in_nest, rng)
    mimics = int(count * rng.uniform(2, 3))
    lookalikes = crowd.settle(mimics, 6.5, 7, crowd.in_tissue, rng)
    pitch = look.nucleus_um * rng.uniform(0.92, 1.3)
    tumour = crowd.fill(pitch, 0.2, crowd.in_nest, rng)
    fibroblasts = crowd.settle(int(110 * share * look.stroma), 4.5, 0, crowd.in_stroma, rng)
    inflamed = rng.choice([8, 25, 60])
    lymphocytes = crowd.settle(int(inflamed * share * look.stroma), 3.2, 0, crowd.in_stroma, rng)
    centres = np.array([(s.x, s.y) for s in [*tumour, *figures]]).reshape(-1, 2)
    fill(canvas, layout, look, centres, rng)

    for site in crowd.settle(int(share * rng.choice([0, 4, 20])), 2.2, 0, crowd.in_stroma, rng):
        paint_red_cell(canvas, site.x, site.y, rng)
    painter = _Painter(canvas, look, rng)
    for site in tumour:
        painter.nucleus(site, tumour_nucleus(look, 2 * site.radius, rng), "tumor_nucleus")
    for site in fibroblasts:
        painter.nucleus(site, fibroblast_nucleus(look, crowd.fibre_angle(site), rng), None)
    for site in lymphocytes:
        painter.nucleus(site, lymphocyte_nucleus(look, rng), "lymphocyte")
    for site in lookalikes:
        painter.lookalike(site, _LOOKALIKES[rng.choice(4, p=_LOOKALIKE_SHARES)])
    for site in figures:
        painter.figure(site)
    return SyntheticField(develop(canvas, look, rng), painter.mask, tuple(painter.objects))
