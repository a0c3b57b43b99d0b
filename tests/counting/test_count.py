"""The counts of a slide, derived by hand."""

import math

import numpy as np
import pytest

from mitokeras.counting.count import HOTSPOT_MM2, Circle, Count, count_figures

NONE = np.zeros((0, 2))

QUIET = 0.0
"""A model without false figures."""


def line(number: int) -> np.ndarray:
    """Figures 1 mm apart from left to right."""
    return np.stack([np.arange(number, dtype=np.float64), np.full(number, 2.0)], axis=1)


def test_a_row_of_figures() -> None:
    # 2 mm2 is 1.596 mm wide and holds two figures 1 mm apart; ten fields of 0.69 mm are
    # 3.739 mm2, 2.182 mm wide, and hold three.
    count = count_figures(line(4), 20.0, 0.69, QUIET)
    assert (count.figures, count.tissue_mm2, count.per_mm2) == (4, 20.0, 0.2)
    assert (count.field_diameter_mm, count.score) == (0.69, 1)
    for circle, area, x, figures in (
        (count.hotspot, HOTSPOT_MM2, 0.5, 2),
        (count.ten_fields, math.pi * 0.69**2 * 2.5, 1.0, 3),
    ):
        assert isinstance(circle, Circle)
        assert (circle.x_mm, circle.y_mm) == pytest.approx((x, 2.0))
        assert circle.area_mm2 == pytest.approx(area)
        assert circle.figures == figures


@pytest.mark.parametrize(("figures", "score"), [(7, 1), (8, 2), (14, 2), (15, 3)])
def test_the_score_is_that_of_the_fullest_ten_fields(figures: int, score: int) -> None:
    cluster = np.random.default_rng(0).uniform(5.0, 5.5, (figures, 2))
    count = count_figures(np.concatenate([cluster, line(4) + 10.0]), 30.0, 0.50, QUIET)
    assert count.figures == figures + 4
    assert count.ten_fields is not None and count.ten_fields.figures == figures
    assert count.score == score


def test_no_figures_in_enough_tissue_is_score_1() -> None:
    count = count_figures(NONE, 12.0, 0.55, QUIET)
    assert (count.figures, count.per_mm2, count.score) == (0, 0.0, 1)
    assert count.hotspot is None and count.ten_fields is None


@pytest.mark.parametrize(("tissue_mm2", "score"), [(1.963, None), (1.964, 1)])
def test_no_score_in_less_tissue_than_ten_fields(tissue_mm2: float, score: int | None) -> None:
    # Ten fields of 0.50 mm are 10 * pi / 16 = 1.9635 mm2.
    count = count_figures(line(3), tissue_mm2, 0.50, QUIET)
    assert count.score == score
    assert count.per_mm2 == pytest.approx(3 / tissue_mm2)


def test_no_score_for_a_field_outside_the_table() -> None:
    assert count_figures(line(3), 50.0, 0.80, QUIET).score is None


def test_no_rate_without_tissue() -> None:
    assert count_figures(NONE, 0.0, 0.55, None) == Count(
        figures=0,
        tissue_mm2=0.0,
        per_mm2=None,
        hotspot=None,
        hotspot_exceeds_tissue=True,
        field_diameter_mm=0.55,
        ten_fields=None,
        ten_fields_exceed_tissue=True,
        false=None,
        score=None,
        no_score="There is no tissue to count on.",
    )


def test_what_may_be_false_goes_with_the_count() -> None:
    cluster = np.random.default_rng(0).uniform(5.0, 5.5, (30, 2))
    count = count_figures(cluster, 30.0, 0.55, 0.5)
    assert count.false is not None and count.ten_fields is not None
    assert (count.false.per_mm2, count.false.expected) == (0.5, 15.0)
    assert count.false.hotspot.expected < count.false.ten_fields.expected
    assert count.false.ten_fields.most <= 8
    assert (count.score, count.no_score) == (3, None)  # 30 less 8 are 18 or more


def test_a_model_whose_false_figures_alone_score_gives_none() -> None:
    count = count_figures(NONE, 30.0, 0.55, 10.9)
    assert count.score is None
    assert count.no_score is not None and count.no_score.endswith("and score 2 begins at 9.")


def test_an_unmeasured_model_gives_none() -> None:
    count = count_figures(line(3), 30.0, 0.55, None)
    assert (count.false, count.score) == (None, None)
    assert count.no_score is not None and "not measured" in count.no_score


def test_circles_that_are_larger_than_the_tissue_are_marked() -> None:
    marks = [
        (one.hotspot_exceeds_tissue, one.ten_fields_exceed_tissue)
        for one in (count_figures(NONE, mm2, 0.55, None) for mm2 in (1.9, 2.1, 2.4))
    ]
    assert marks == [(True, True), (False, True), (False, False)]  # ten fields: 2.38 mm2
