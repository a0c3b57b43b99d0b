"""The table of cut-offs, and scores on both sides of them."""

import itertools
import math

import pytest

from mitokeras.counting.nottingham import CUT_OFFS, FIELDS, field_area_mm2, mitotic_score


def test_the_table_has_each_hundredth_from_040_to_069() -> None:
    diameters = [row.field_diameter_mm for row in CUT_OFFS]
    assert diameters == [hundredths / 100 for hundredths in range(40, 70)]


def test_larger_fields_never_have_lower_cut_offs() -> None:
    for smaller, larger in itertools.pairwise(CUT_OFFS):
        assert larger.score_1_max - smaller.score_1_max in (0, 1)
        assert larger.score_2_max - smaller.score_2_max in (0, 1)


def test_the_cut_offs_are_about_the_same_density_at_each_size() -> None:
    """3 to 4 and 7 to 8 mitoses per mm2, but for the rounding to whole mitoses."""
    for row in CUT_OFFS:
        area = FIELDS * field_area_mm2(row.field_diameter_mm)
        assert abs((row.score_1_max + 0.5) - 3.6 * area) <= 1.0
        assert abs((row.score_2_max + 0.5) - 7.4 * area) <= 1.0


@pytest.mark.parametrize(
    ("diameter", "figures", "score"),
    [
        (0.40, 0, 1),
        (0.40, 4, 1),
        (0.40, 5, 2),
        (0.40, 9, 2),
        (0.40, 10, 3),
        (0.50, 7, 1),
        (0.50, 8, 2),
        (0.50, 14, 2),
        (0.50, 15, 3),
        (0.55, 8, 1),
        (0.55, 9, 2),
        (0.55, 17, 2),
        (0.55, 18, 3),
        (0.59, 9, 1),
        (0.59, 10, 2),
        (0.59, 19, 2),
        (0.59, 20, 3),
        (0.65, 12, 1),
        (0.65, 13, 2),
        (0.65, 24, 2),
        (0.65, 25, 3),
        (0.69, 28, 3),
        (0.3951, 5, 2),
        (0.6949, 27, 2),
        (0.394, 5, None),
        (0.70, 5, None),
        (5.5, 5, None),
    ],
)
def test_scores(diameter: float, figures: int, score: int | None) -> None:
    assert mitotic_score(figures, diameter) == score


def test_the_area_is_that_of_a_round_field() -> None:
    assert field_area_mm2(2.0) == pytest.approx(math.pi)
    assert field_area_mm2(0.59) == pytest.approx(0.273, abs=5e-4)
