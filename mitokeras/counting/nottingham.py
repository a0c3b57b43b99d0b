"""The mitotic score of the Nottingham grade by the size of the microscope's field.

The grade of a breast carcinoma (Elston and Ellis, 1991) adds up three scores of 1 to 3; this is
the third. Mitoses are counted in ten high-power fields where they are most frequent, and since
microscopes differ in the size of a field, so do the cut-offs.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from mitokeras.errors import ConfigError

FIELDS = 10
"""High-power fields that mitoses are counted in."""

FIELD_DIAMETER_MM = 0.55
"""Diameter of a high-power field, where nothing else is said: a 40x objective under an eyepiece of
field number 22."""

SMALLEST_FIELD_MM, LARGEST_FIELD_MM = 0.1, 2.0
"""Diameters that a high-power field may have."""


class CutOffs(NamedTuple):
    """What separates the scores by the mitoses in ten fields; above both is score 3.

    Attributes:
        field_diameter_mm: Diameter of one field.
        score_1_max: Highest count of score 1.
        score_2_max: Highest count of score 2.
    """

    field_diameter_mm: float
    score_1_max: int
    score_2_max: int


CUT_OFFS = (
    CutOffs(0.40, 4, 9),
    CutOffs(0.41, 4, 9),
    CutOffs(0.42, 5, 10),
    CutOffs(0.43, 5, 10),
    CutOffs(0.44, 5, 11),
    CutOffs(0.45, 5, 11),
    CutOffs(0.46, 6, 12),
    CutOffs(0.47, 6, 12),
    CutOffs(0.48, 6, 13),
    CutOffs(0.49, 6, 13),
    CutOffs(0.50, 7, 14),
    CutOffs(0.51, 7, 14),
    CutOffs(0.52, 7, 15),
    CutOffs(0.53, 8, 16),
    CutOffs(0.54, 8, 16),
    CutOffs(0.55, 8, 17),
    CutOffs(0.56, 8, 17),
    CutOffs(0.57, 9, 18),
    CutOffs(0.58, 9, 19),
    CutOffs(0.59, 9, 19),
    CutOffs(0.60, 10, 20),
    CutOffs(0.61, 10, 21),
    CutOffs(0.62, 11, 22),
    CutOffs(0.63, 11, 22),
    CutOffs(0.64, 11, 23),
    CutOffs(0.65, 12, 24),
    CutOffs(0.66, 12, 24),
    CutOffs(0.67, 12, 25),
    CutOffs(0.68, 13, 26),
    CutOffs(0.69, 13, 27),
)
"""Cut-offs of the mitotic score, a row for each hundredth of a millimetre.

Source: College of American Pathologists, "Protocol for the Examination of Resection Specimens
from Patients with Invasive Carcinoma of the Breast", version 4.10.0.0, Table 1, adapted from
"Pathology Reporting of Breast Disease", NHSBSP publication 58, 2005.

Other cut-offs are in use and differ beside the limits: for a field of 0.59 mm less than 10, 10 to
20 and more than 20 mitoses (earlier protocols of the College; 20 is score 3 here), and for any
field at most 3, 4 to 7 and at least 8 mitoses per mm2 (HL7 FHIR guide "Breast Cancer Data", 2018).
"""

_BY_DIAMETER = {row.field_diameter_mm: row for row in CUT_OFFS}


def cut_offs(field_diameter_mm: float) -> CutOffs | None:
    """The row of a field, by its diameter rounded to two decimals; None where there is none."""
    return _BY_DIAMETER.get(round(field_diameter_mm, 2))


def mitotic_score(figures: int, field_diameter_mm: float) -> Literal[1, 2, 3] | None:
    """Score the mitoses in ten fields.

    Args:
        figures: Mitotic figures in the ten fields together.
        field_diameter_mm: Diameter of one field; rounded to two decimals.

    Returns:
        The score, or None where the table has no field of this diameter.
    """
    row = cut_offs(field_diameter_mm)
    if row is None:
        return None
    if figures <= row.score_1_max:
        return 1
    return 2 if figures <= row.score_2_max else 3


def check_field(field_diameter_mm: float) -> None:
    """Refuse what is no diameter of a high-power field.

    Raises:
        ConfigError: It is not within `SMALLEST_FIELD_MM` and `LARGEST_FIELD_MM`.
    """
    if not SMALLEST_FIELD_MM <= field_diameter_mm <= LARGEST_FIELD_MM:
        raise ConfigError(
            f"the diameter of a high-power field must be {SMALLEST_FIELD_MM:g} to "
            f"{LARGEST_FIELD_MM:g} mm. Received: {field_diameter_mm:g}"
        )


def field_area_mm2(field_diameter_mm: float) -> float:
    """Area of one round field."""
    return math.pi * field_diameter_mm**2 / 4.0
