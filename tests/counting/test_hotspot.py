"""The densest circle against hand-derived places and brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.counting.hotspot import TOLERANCE, Circle, densest_circle

UNIT = math.pi
"""Area of a circle of radius 1."""

steps = st.integers(-160, 160).map(lambda step: step / 64)
"""Places on a grid, so that moving them by whole numbers is exact."""
points = st.lists(st.tuples(steps, steps), min_size=1, max_size=25).map(
    lambda rows: np.array(rows, dtype=np.float64)
)


def found(xy: np.ndarray, area: float = UNIT) -> Circle:
    circle = densest_circle(xy, area)
    assert circle is not None
    return circle


def held(xy: np.ndarray, circle: Circle) -> np.ndarray:
    radius = math.sqrt(circle.area_mm2 / math.pi)
    distance = np.hypot(xy[:, 0] - circle.x_mm, xy[:, 1] - circle.y_mm)
    return distance <= radius * (1 + 2 * TOLERANCE)


def brute_force(xy: np.ndarray, radius: float) -> int:
    """A fullest circle can be moved until two points lie on it, or until it is about one."""
    centres = list(xy)
    for first, second in itertools.combinations(xy, 2):
        half = (second - first) / 2
        length = math.hypot(*half)
        if 0 < length <= radius:
            aside = np.array([-half[1], half[0]]) / length * math.sqrt(radius**2 - length**2)
            centres += [first + half + aside, first + half - aside]
    limit = radius * (1 + TOLERANCE)
    return max(int((np.hypot(*(xy - centre).T) <= limit).sum()) for centre in centres)


def test_no_points_no_circle() -> None:
    assert densest_circle(np.zeros((0, 2)), 2.0) is None


def test_one_point_is_the_centre() -> None:
    assert found(np.array([[3.0, 4.0]]), 2.0) == Circle(x_mm=3, y_mm=4, area_mm2=2, figures=1)


def test_points_at_one_place_all_count() -> None:
    assert found(np.array([[1.0, 2.0]] * 5 + [[9.0, 9.0]])) == Circle(
        x_mm=1, y_mm=2, area_mm2=UNIT, figures=5
    )


@pytest.mark.parametrize(
    ("distance", "figures"), [(1.9999, 2), (2.0, 2), (2.0001, 1)], ids=["less", "diameter", "more"]
)
def test_a_pair_counts_up_to_the_diameter(distance: float, figures: int) -> None:
    for angle in np.linspace(0, math.pi, 13):
        pair = np.array([[0.0, 0.0], [math.cos(angle), math.sin(angle)]]) * distance
        assert found(pair).figures == figures


def test_the_corners_of_a_square_that_just_fits() -> None:
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) * math.sqrt(2)
    circle = found(corners)
    assert circle.figures == 4
    assert (circle.x_mm, circle.y_mm) == pytest.approx((math.sqrt(0.5), math.sqrt(0.5)))
    assert found(corners * 1.001).figures == 2


def test_the_centre_is_that_of_the_smallest_circle_around_its_points() -> None:
    # Three in a small right triangle, whose circle is about the long side; two elsewhere.
    xy = np.array([[5.0, 5.0], [5.6, 5.0], [5.0, 5.8], [0.0, 0.0], [0.5, 0.0]])
    circle = found(xy)
    assert circle.figures == 3
    assert (circle.x_mm, circle.y_mm) == pytest.approx((5.3, 5.4), abs=1e-12)


def test_of_equal_circles_the_one_on_the_left_is_given() -> None:
    xy = np.array([[10.0, 0.0], [10.0, 1.0], [20.0, 0.0], [20.0, 1.0], [0.0, 30.0], [0.0, 31.0]])
    circle = found(xy)
    assert circle.figures == 2
    assert (circle.x_mm, circle.y_mm) == pytest.approx((0.0, 30.5))


def test_a_grid_would_miss_it() -> None:
    """Twelve points on the border of one circle: no other centre holds more than eleven."""
    angles = np.arange(12) * math.pi / 6
    ring = np.stack([np.cos(angles) + 0.123456789, np.sin(angles) + 0.987654321], axis=1)
    circle = found(ring)
    assert circle.figures == 12
    assert (circle.x_mm, circle.y_mm) == pytest.approx((0.123456789, 0.987654321), abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_it_equals_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy = np.concatenate([rng.uniform(0, 6, (50, 2)), rng.normal(3, 0.8, (30, 2))])
    for radius in (0.4, 1.0, 2.5):
        circle = found(xy, math.pi * radius**2)
        assert circle.figures == brute_force(xy, radius)
        assert held(xy, circle).sum() == circle.figures


@settings(deadline=None, max_examples=60)
@given(points)
def test_any_points(xy: np.ndarray) -> None:
    circle = found(xy)
    assert circle.figures == brute_force(xy, 1.0)
    assert held(xy, circle).sum() == circle.figures


@settings(deadline=None, max_examples=40)
@given(points, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(xy: np.ndarray, random: object) -> None:
    order = list(range(len(xy)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert found(xy[order]) == found(xy)


@settings(deadline=None, max_examples=40)
@given(points, st.tuples(st.integers(-50, 50), st.integers(-50, 50)))
def test_it_moves_with_the_points(xy: np.ndarray, shift: tuple[int, int]) -> None:
    here = found(xy)
    there = found(xy + np.array(shift, dtype=np.float64))
    assert there.figures == here.figures
    assert there.x_mm - here.x_mm == pytest.approx(shift[0], abs=1e-9)
    assert there.y_mm - here.y_mm == pytest.approx(shift[1], abs=1e-9)


def test_many_points_in_parts_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    xy = np.random.default_rng(1).uniform(0, 8, (600, 2))
    whole = found(xy)
    monkeypatch.setattr("mitokeras.counting.hotspot._PAIRS", 50)
    monkeypatch.setattr("mitokeras.counting.hotspot._ROWS", 7)
    assert found(xy) == whole
