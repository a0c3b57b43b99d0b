"""Sample fields of a data set with their labels, after figure 7 of the SCMitosis paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from mitokeras.data.fields import LoadedField
from mitokeras.report.colours import GREEN, INK, VERMILION, YELLOW, rgb
from mitokeras.report.paper.panels import PanelRow, panels_figure
from mitokeras.report.run.overlays import MARK_UM

FADED = 0.35
"""How much of the tissue is left behind the labels."""


@dataclass(frozen=True, eq=False)
class SampleField:
    """A field as the data set has it.

    Attributes:
        name: Name of the image.
        case: The patient or slide.
        spacing_um_px: Size of a pixel.
        loaded: Image and labels.
    """

    name: str
    case: str
    spacing_um_px: float
    loaded: LoadedField


def labels_figure(samples: Sequence[SampleField], title: str) -> Figure:
    """Draw each field, its mitotic figures circled, beside its labels on faded tissue."""
    rows = []
    for sample in samples:
        loaded = sample.loaded
        counts = f"mitotic figures {len(loaded.figures)}, look-alikes {len(loaded.lookalikes)}"
        rows.append(
            PanelRow(
                name=f"{sample.name} ({sample.case}): {counts}",
                left=loaded.image,
                right=_labelled(loaded),
                spacing_um_px=sample.spacing_um_px,
                mark=lambda left, right, sample=sample: _mark(left, right, sample),  # type: ignore[misc]
            )
        )
    note = (
        "Left, yellow: mitotic figures. Right, green: their pixels as they are learned; orange: "
        "labelled look-alikes."
    )
    return panels_figure(title, note, ("Field", "Labels"), rows)


def _labelled(loaded: LoadedField) -> np.ndarray:
    grey = cv2.cvtColor(loaded.image, cv2.COLOR_RGB2GRAY)
    faded = np.repeat((255 - FADED * (255 - grey.astype(np.float32)))[..., None], 3, axis=2)
    faded[loaded.mask == 1] = rgb(GREEN)
    return faded.astype(np.uint8)


def _mark(left: Axes, right: Axes, sample: SampleField) -> None:
    radius = max(MARK_UM / sample.spacing_um_px, 0.015 * sample.loaded.image.shape[1])
    _circles(left, sample.loaded.figures, radius, YELLOW)
    _circles(right, sample.loaded.figures, radius, GREEN)
    _circles(right, sample.loaded.lookalikes, radius, VERMILION)


def _circles(axes: Axes, centres: np.ndarray, radius: float, colour: str) -> None:
    halo: list[patheffects.AbstractPathEffect] = []
    if colour == YELLOW:  # on tissue
        halo.append(patheffects.withStroke(linewidth=3.0, foreground=INK, alpha=0.6))
    for x, y in centres:
        circle = Circle((x, y), radius, fill=False, edgecolor=colour, linewidth=1.6)
        circle.set_path_effects(halo)
        axes.add_patch(circle)
