"""Counts of one slide: per square millimetre, in the hotspot, in ten high-power fields."""

from __future__ import annotations

from typing import Literal

import numpy as np

from mitokeras.counting.chance import FalseFigures, false_figures
from mitokeras.counting.hotspot import Circle, densest_circle
from mitokeras.counting.nottingham import FIELDS, check_field, field_area_mm2
from mitokeras.counting.score import judge_score
from mitokeras.disk.records import Record

HOTSPOT_MM2 = 2.0
"""Area of the hotspot: about ten fields of 0.5 mm diameter, which are 1.96 mm2."""


class Count(Record):
    """What is counted on one slide.

    Attributes:
        figures: Accepted mitotic figures.
        tissue_mm2: Area that they were looked for in.
        per_mm2: Figures by tissue area; None without tissue.
        hotspot: The circle of 2 mm2 with the most figures; None without figures.
        hotspot_exceeds_tissue: Whether there is less tissue than its area, so that its figures
            give no density.
        field_diameter_mm: Diameter of one high-power field.
        ten_fields: The circle as large as ten high-power fields with the most figures; None
            without figures.
        ten_fields_exceed_tissue: Whether there is less tissue than their area.
        false: How many figures are expected to be false; None where the model's rate of them at
            its thresholds was not measured.
        score: Mitotic score of the Nottingham grade by the figures in `ten_fields`; None where
            none can be given, see `judge_score`.
        no_score: Why there is none, in a sentence; None where there is one.
    """

    figures: int
    tissue_mm2: float
    per_mm2: float | None
    hotspot: Circle | None
    hotspot_exceeds_tissue: bool
    field_diameter_mm: float
    ten_fields: Circle | None
    ten_fields_exceed_tissue: bool
    false: FalseFigures | None
    score: Literal[1, 2, 3] | None
    no_score: str | None


def count_figures(
    xy_mm: np.ndarray,
    tissue_mm2: float,
    field_diameter_mm: float,
    false_per_mm2: float | None,
    unjudged: int | None = None,
) -> Count:
    """Count the accepted figures of a slide.

    Args:
        xy_mm: Their centres (x, y), millimetres from the upper left corner, shape (n, 2).
        tissue_mm2: Area of tissue.
        field_diameter_mm: Diameter of one high-power field.
        false_per_mm2: The model's false figures per mm2 of tissue; None where not measured.
        unjudged: How many of the figures no reader has judged, as no other can be false; None: all.

    Raises:
        ConfigError: See `check_field`.
    """
    check_field(field_diameter_mm)
    ten_fields_mm2 = FIELDS * field_area_mm2(field_diameter_mm)
    ten_fields = densest_circle(xy_mm, ten_fields_mm2)
    figures_in_ten = ten_fields.figures if ten_fields else 0
    false = None
    if false_per_mm2 is not None:
        false = false_figures(false_per_mm2, tissue_mm2, HOTSPOT_MM2, ten_fields_mm2)
        false = false if unjudged is None else false.of(unjudged)
    verdict = judge_score(
        figures_in_ten, tissue_mm2, field_diameter_mm, false.ten_fields if false else None
    )
    return Count(
        figures=len(xy_mm),
        tissue_mm2=tissue_mm2,
        per_mm2=len(xy_mm) / tissue_mm2 if tissue_mm2 > 0 else None,
        hotspot=densest_circle(xy_mm, HOTSPOT_MM2),
        hotspot_exceeds_tissue=tissue_mm2 < HOTSPOT_MM2,
        field_diameter_mm=field_diameter_mm,
        ten_fields=ten_fields,
        ten_fields_exceed_tissue=tissue_mm2 < ten_fields_mm2,
        false=false,
        score=verdict.score,
        no_score=verdict.no_score,
    )
