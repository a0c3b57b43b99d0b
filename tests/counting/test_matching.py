from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.counting.matching import match
from mitokeras.data.protocols import PROTOCOLS, get_protocol
from mitokeras.errors import ConfigError

points = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=0, max_size=5).map(
    lambda rows: np.array(rows, dtype=float).reshape(-1, 2)
)


def most_pairs_by_brute_force(truths: np.ndarray, detections: np.ndarray, radius: float) -> int:
    if len(truths) > len(detections):
        truths, detections = detections, truths
    best = 0
    for chosen in permutations(range(len(detections)), len(truths)):
        distances = np.linalg.norm(truths - detections[list(chosen)], axis=1)
        best = max(best, int((distances <= radius).sum()))
    return best


@given(points, points, st.integers(0, 8), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_most_pairs_one_to_one_whatever_the_order(truths, detections, radius, random) -> None:
    pairs = match(truths, detections, radius)
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)
    assert len(pairs) <= min(len(truths), len(detections))
    distances = np.linalg.norm(truths[pairs[:, 0]] - detections[pairs[:, 1]], axis=1)
    assert np.all(distances <= radius)
    assert len(pairs) == most_pairs_by_brute_force(truths, detections, radius)

    truth_order = list(range(len(truths)))
    detection_order = list(range(len(detections)))
    random.shuffle(truth_order)
    random.shuffle(detection_order)
    again = match(truths[truth_order], detections[detection_order], radius)
    assert len(again) == len(pairs)


def test_one_detection_between_two_figures_hits_one() -> None:
    assert len(match(np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([[2.0, 0.0]]), 3.0)) == 1


def test_greedy_nearest_would_lose_a_hit() -> None:
    # The detection at 2 is nearest to both figures; only the figure at 0 can do without it.
    truths = np.array([[0.0, 0.0], [4.5, 0.0]])
    detections = np.array([[2.0, 0.0], [-2.9, 0.0]])
    assert match(truths, detections, 3.0).tolist() == [[0, 1], [1, 0]]


def test_one_far_point_does_not_erase_a_hit() -> None:
    truths = np.array([[0.0, 0.0], [100.0, 0.0]])
    detections = np.array([[1.0, 0.0], [0.0, 50.0]])
    assert match(truths, detections, 5.0).tolist() == [[0, 0]]


def test_shortest_of_the_largest_pairings() -> None:
    truths = np.array([[0.0, 0.0]])
    assert match(truths, np.array([[2.0, 0.0], [0.0, 0.0]]), 3.0).tolist() == [[0, 1]]


def test_radius_is_inclusive() -> None:
    assert len(match(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]), 5.0)) == 1


def test_many_points_need_no_dense_matrix() -> None:
    rng = np.random.default_rng(1)
    truths = rng.uniform(0, 1e6, (20_000, 2))
    pairs = match(truths, truths[::-1] + 0.5, 5.0)
    assert len(pairs) == 20_000


def test_pixel_protocol_follows_the_spacing() -> None:
    assert get_protocol("scmitosis").radius_um(0.25) == 5.0
    assert get_protocol("midog").radius_um(0.5) == 7.5
    with pytest.raises(ConfigError, match="amida13"):
        get_protocol("icpr")
    assert all(name == protocol.name for name, protocol in PROTOCOLS.items())
