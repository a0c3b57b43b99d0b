from collections.abc import Sequence

import numpy as np
import pytest

from mitokeras.candidates import Candidates
from mitokeras.comparison import compare, mcnemar, paired_bootstrap
from mitokeras.evaluation import BOOTSTRAP_DRAWS, ScoredField
from mitokeras.matching import get_protocol

MIDOG = get_protocol("midog")
SMALLEST = 2 / (BOOTSTRAP_DRAWS + 1)


def field_of(
    case: str, name: str, found: Sequence[Sequence[float]], accepted: bool = True
) -> ScoredField:
    """A field with one mitotic figure, at (0, 0)."""
    n = len(found)
    candidates = Candidates(
        xy=np.array(found, dtype=float).reshape(-1, 2),
        area_px=np.full(n, 200),
        segmenter_score=np.full(n, 0.9, dtype=np.float32),
        classifier_score=np.full(n, 0.5, dtype=np.float32),
        accepted=np.full(n, accepted),
    )
    return ScoredField(name, case, 0.25, 0.5, np.zeros((1, 2)), candidates)


def test_equal_units_leave_no_doubt() -> None:
    a, b = np.array([[8, 2, 2]] * 5), np.array([[6, 4, 4]] * 5)  # F1 0.8 and 0.6
    better, worse = paired_bootstrap(a, b), paired_bootstrap(b, a)
    assert (better.difference, better.low, better.high) == pytest.approx((0.2, 0.2, 0.2))
    assert (worse.difference, worse.low, worse.high) == pytest.approx((-0.2, -0.2, -0.2))
    assert better.p_value == worse.p_value == pytest.approx(SMALLEST)


def test_same_draws_for_both() -> None:
    counts = np.array([[9, 1, 0], [2, 5, 7], [0, 3, 1], [4, 4, 4]])
    same = paired_bootstrap(counts, counts)
    assert (same.difference, same.low, same.high, same.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_three_units_by_hand() -> None:
    a = np.array([[1, 0, 0]] * 3)
    b = np.array([[0, 0, 1], [1, 0, 0], [1, 0, 0]])
    result = paired_bootstrap(a, b)
    assert result.difference == pytest.approx(1 - 4 / 5)
    # of 27 draws 8 lack the unit that B misses, and 1 holds nothing else
    assert (result.low, result.high) == (0.0, 1.0)
    assert result.p_value == pytest.approx(2 * 8 / 27, abs=0.06)
    assert paired_bootstrap(a, b) == result
    assert paired_bootstrap(a, b, seed=1).p_value != result.p_value


def test_p_value_goes_with_the_interval() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        a, b = rng.integers(0, 6, (2, 8, 3))
        result = paired_bootstrap(a, b)
        if not 0.04 < result.p_value < 0.06:
            assert (result.p_value < 0.05) == (result.low > 0 or result.high < 0)


def test_draws_without_f1_are_left_out() -> None:
    nothing = paired_bootstrap(np.zeros((2, 3)), np.zeros((2, 3)))
    assert np.isnan([nothing.difference, nothing.low, nothing.high, nothing.p_value]).all()
    empty_second = paired_bootstrap(
        np.array([[1, 0, 0], [0, 0, 0]]), np.array([[1, 1, 1], [0] * 3])
    )
    assert (empty_second.low, empty_second.high) == (0.5, 0.5)


@pytest.mark.parametrize("units", [0, 2])
def test_units_must_be_the_same(units: int) -> None:
    with pytest.raises(ValueError, match=rf"same units\. Received: \({units}, 3\) and"):
        paired_bootstrap(np.zeros((units, 3)), np.zeros((0 if units == 0 else 3, 3)))
    with pytest.raises(ValueError, match="same"):
        mcnemar(np.ones(2, dtype=bool), np.ones(3, dtype=bool))


@pytest.mark.parametrize(
    ("only_a", "only_b", "p_value"),
    [
        (0, 0, 1.0),
        (5, 0, 2 / 2**5),
        (0, 5, 2 / 2**5),
        (3, 1, 2 * (1 + 4) / 2**4),
        (2, 2, 1.0),
    ],
)
def test_mcnemar_by_hand(only_a: int, only_b: int, p_value: float) -> None:
    both_right, both_wrong = 4, 7
    a = np.repeat([True, True, False, False], [both_right, only_a, only_b, both_wrong])
    b = np.repeat([True, False, True, False], [both_right, only_a, only_b, both_wrong])
    result = mcnemar(a, b)
    assert (result.only_a, result.only_b) == (only_a, only_b)
    assert result.p_value == pytest.approx(p_value)


def test_cases_are_drawn_where_there_are_three() -> None:
    hit = [[0.0, 0.0]]
    a = [field_of(case, f"{case}{i}", hit * i) for case in "xyz" for i in (0, 1)]
    b = [field_of(case, f"{case}{i}", hit * (1 - i)) for case in "xyz" for i in (0, 1)]
    by_case = compare(a, b, "both", MIDOG)
    # each detector finds one of the two figures of each case
    assert by_case == {
        "f1_difference": 0.0,
        "ci95": [0.0, 0.0],
        "unit": "case",
        "p_value": 1.0,
        "mcnemar": {"only_a": 3, "only_b": 3, "p_value": 1.0},
    }
    by_field = compare(a[:4], b[:4], "both", MIDOG)
    assert by_field["unit"] == "field"
    assert by_field["ci95"][0] < 0 < by_field["ci95"][1]


def test_a_field_is_right_without_any_error() -> None:
    found = {"perfect": [[0, 0]], "false": [[0, 0], [200, 0]], "missed": [], "far": [[31, 0]]}
    a = [field_of("x", name, points) for name, points in found.items()]
    b = [field_of("x", name, [[29.0, 0.0]]) for name in found]  # 7.25 um off: hits
    result = compare(a, b, "both", MIDOG)
    assert result["mcnemar"] == {"only_a": 0, "only_b": 3, "p_value": 0.25}
    # (2, 2, 2) against (4, 0, 0)
    assert result["f1_difference"] == pytest.approx(0.5 - 1)


def test_stage_1_alone_ignores_what_stage_2_rejects() -> None:
    a = [field_of("x", "f", [[0.0, 0.0]], accepted=False)]
    b = [field_of("x", "f", [[0.0, 0.0]])]
    assert compare(a, b, "segmenter", MIDOG)["f1_difference"] == 0.0
    assert compare(a, b, "both", MIDOG)["f1_difference"] == -1.0


def test_other_fields_are_refused() -> None:
    fields = [field_of("x", name, []) for name in "ab"]
    with pytest.raises(ValueError, match="same fields in the same order"):
        compare(fields, fields[::-1], "both", MIDOG)
    with pytest.raises(ValueError, match="same units"):
        compare([], [], "both", MIDOG)
