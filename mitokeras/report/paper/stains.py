"""Tissue before and after stain normalisation, after figure 8 of the SCMitosis paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from mitokeras.data.stain import MacenkoNormalizer
from mitokeras.report.paper.labels import SampleField
from mitokeras.report.paper.panels import PanelRow, panels_figure

REGION_UM = 160.0
"""Wide enough for tissue, narrow enough to see nuclei."""


def stains_figure(
    samples: Sequence[SampleField], normalizer: MacenkoNormalizer, title: str
) -> Figure:
    """Draw a region of each field beside what the normalisation of the whole field makes of it."""
    rows = []
    for sample in samples:
        image = sample.loaded.image
        after = normalizer.transform(image)
        # It gives an image back as it is where it finds no two stains.
        alone = "; left alone, no two stains in it" if after is image else ""
        region = _region(sample)
        rows.append(
            PanelRow(
                name=f"{sample.name} ({sample.case}){alone}",
                left=image[region],
                right=after[region],
                spacing_um_px=sample.spacing_um_px,
            )
        )
    note = "Macenko's method, estimated on each whole field; the same region before and after."
    return panels_figure(title, note, ("Before", "After"), rows)


def _region(sample: SampleField) -> tuple[slice, slice]:
    """Half as high as it is wide, about the first mitotic figure or the middle of the field."""
    height, width = sample.loaded.image.shape[:2]
    wide = min(width, round(REGION_UM / sample.spacing_um_px))
    high = min(height, wide // 2)
    figures = sample.loaded.figures
    x, y = figures[0] if len(figures) else np.array([width / 2, height / 2])
    left = int(np.clip(x - wide / 2, 0, width - wide))
    top = int(np.clip(y - high / 2, 0, height - high))
    return np.s_[top : top + high, left : left + wide]
