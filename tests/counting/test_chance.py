"""False figures by chance: against values derived by hand, and against slides that are drawn."""

import math

import numpy as np
import pytest

from mitokeras.counting.chance import ByChance, by_chance, chance_of, false_figures
from mitokeras.counting.hotspot import densest_circle

TEN_FIELDS_MM2 = 10 * math.pi * 0.55**2 / 4


def test_tissue_as_large_as_the_circle_is_a_plain_poisson_count() -> None:
    # Mean 2: e^-2 = 0.1353; fewer than 1, 2, 3: 0.1353, 0.4060, 0.6767.
    chance = chance_of(1.0, 2.0, 2.0)
    assert chance[:4] == pytest.approx([1, 0.8647, 0.5940, 0.3233], abs=1e-4)
    # P(6 or more) = 0.0166, P(5 or more) = 0.0527.
    assert by_chance(1.0, 2.0, 2.0) == ByChance(expected=2.0, most=5)


def test_less_tissue_than_the_circle_is_all_in_it() -> None:
    assert by_chance(1.0, 2.0, 7.0) == by_chance(1.0, 2.0, 2.0)


@pytest.mark.parametrize(("per_mm2", "tissue_mm2"), [(0.0, 50.0), (5.0, 0.0)])
def test_no_false_figures_and_no_tissue(per_mm2: float, tissue_mm2: float) -> None:
    assert by_chance(per_mm2, tissue_mm2, 2.0) == ByChance(expected=0.0, most=0)


def test_a_slide_s_false_figures() -> None:
    found = false_figures(0.5, 40.0, 2.0, TEN_FIELDS_MM2)
    assert (found.per_mm2, found.expected) == (0.5, 20.0)
    assert found.hotspot == by_chance(0.5, 40.0, 2.0)
    assert found.ten_fields == by_chance(0.5, 40.0, TEN_FIELDS_MM2)
    # Chosen for being full: more than the 1.19 of ten fields anywhere.
    assert found.ten_fields.expected > 2 * 0.5 * TEN_FIELDS_MM2


def test_no_more_can_be_false_than_nobody_has_judged() -> None:
    found = false_figures(4.8, 10.0, 2.0, 2.38)
    assert found.ten_fields.most > 3
    left = found.of(3)
    assert (left.per_mm2, left.expected, left.hotspot.most, left.ten_fields.most) == (4.8, 3, 3, 3)
    assert found.of(1000) == found


@pytest.mark.parametrize("per_mm2", [0.001, 0.2, 10.9, 440.0])
@pytest.mark.parametrize("tissue_mm2", [2.4, 30.0, 1500.0])
def test_it_is_a_chance_that_falls(per_mm2: float, tissue_mm2: float) -> None:
    chance = chance_of(per_mm2, tissue_mm2, TEN_FIELDS_MM2)
    assert chance[0] == 1.0
    assert ((chance >= 0) & (chance <= 1)).all()
    assert (np.diff(chance) <= 1e-12).all()
    assert chance[-1] < 1e-9


def test_more_tissue_to_choose_from_holds_fuller_fields() -> None:
    steps = [by_chance(2.0, area, TEN_FIELDS_MM2) for area in (3, 10, 30, 100, 300)]
    assert [one.expected for one in steps] == sorted(one.expected for one in steps)
    assert steps[-1].most > steps[0].most + 5


@pytest.mark.parametrize(
    ("per_mm2", "tissue_mm2", "slides"),
    [(0.2, 20, 1000), (0.2, 100, 600), (1, 3, 1000), (1, 20, 800), (1, 100, 500), (4, 20, 500),
     (4, 100, 150), (10.9, 5, 500)],
)  # fmt: skip
def test_drawn_slides_hold_as_many(per_mm2: float, tissue_mm2: float, slides: int) -> None:
    rng = np.random.default_rng(1)
    fullest = []
    for _ in range(slides):
        number = rng.poisson(per_mm2 * tissue_mm2)
        circle = densest_circle(rng.uniform(0, math.sqrt(tissue_mm2), (number, 2)), TEN_FIELDS_MM2)
        fullest.append(circle.figures if circle else 0)
    told = by_chance(per_mm2, tissue_mm2, TEN_FIELDS_MM2)
    assert told.expected == pytest.approx(np.mean(fullest), rel=1 / 6)
    drawn = int(np.quantile(fullest, 0.95, method="inverted_cdf"))
    assert drawn <= told.most <= drawn + 1
