"""Whether the mitotic score of a slide can be given: the one place that decides."""

from __future__ import annotations

from typing import Literal, NamedTuple

from mitokeras.counting.chance import ByChance
from mitokeras.counting.nottingham import FIELDS, cut_offs, field_area_mm2, mitotic_score


class Verdict(NamedTuple):
    """The score, or why there is none.

    Attributes:
        score: Mitotic score of the Nottingham grade.
        no_score: A sentence in ASCII; None where there is a score.
    """

    score: Literal[1, 2, 3] | None
    no_score: str | None


def judge_score(
    figures: int, tissue_mm2: float, field_diameter_mm: float, false: ByChance | None
) -> Verdict:
    """Score the figures in ten fields, unless false figures alone could have made the score.

    Let q be the number of false figures that the ten fullest fields of so much tissue hold at
    most, on 19 of 20 slides (`ByChance.most`). A score is given where both hold:

    1. q does not reach score 2: the model is quiet enough on so much tissue for its counts to say
       anything. Otherwise none is given, whatever was counted, score 1 included.
    2. The figures less q have the same score as the figures. So, if the true figures were of a
       lower score, false ones would have lifted them to what was counted on at most 1 of 20
       slides: the true count of the ten fields is at least the count less the false figures in
       them, and no ten fields have more false ones than the fullest in false ones.

    Neither speaks of figures that were missed.

    Args:
        figures: Accepted figures in the ten fullest fields.
        tissue_mm2: Area of tissue.
        field_diameter_mm: Diameter of one high-power field.
        false: False figures in the ten fullest fields; None where that was not measured.
    """
    row = cut_offs(field_diameter_mm)
    ten_fields_mm2 = FIELDS * field_area_mm2(field_diameter_mm)
    score = mitotic_score(figures, field_diameter_mm)
    if tissue_mm2 <= 0:
        return _none("There is no tissue to count on.")
    if tissue_mm2 < ten_fields_mm2:
        return _none(
            f"The tissue ({tissue_mm2:.2f} mm2) is smaller than ten fields of "
            f"{field_diameter_mm:.2f} mm ({ten_fields_mm2:.2f} mm2)."
        )
    if row is None or score is None:
        return _none(f"The table of cut-offs has no field of {field_diameter_mm:.2f} mm.")
    if false is None:
        return _none("The false figures of this model at its thresholds were not measured.")
    if false.most > row.score_1_max:
        return _none(
            f"The ten fullest fields of so much tissue can hold {false.most} false figures of this "
            f"model alone, and score 2 begins at {row.score_1_max + 1}."
        )
    if mitotic_score(figures - false.most, field_diameter_mm) != score:
        begins = (row.score_1_max if score == 2 else row.score_2_max) + 1
        return _none(
            f"Of the {figures} figures in ten fields {false.most} can be false, and score {score} "
            f"begins at {begins}."
        )
    return Verdict(score, None)


def _none(reason: str) -> Verdict:
    return Verdict(None, reason)
