import pytest

from mitokeras.review.kappa import cohens_kappa


def test_a_table_that_was_worked_out_by_hand() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 35/50; by chance (25*30 + 25*20)/2500
    # = 0.5; kappa (0.7 - 0.5) / 0.5.
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohens_kappa(first, second) == pytest.approx(0.4)
    assert cohens_kappa(second, first) == pytest.approx(0.4)


def test_three_labels_by_hand() -> None:
    # Equal in 3 of 5; by chance (2*2 + 2*1 + 1*2)/25 = 8/25; (15/25 - 8/25) / (17/25).
    first = ["a", "a", "b", "b", "c"]
    second = ["a", "c", "b", "a", "c"]
    assert cohens_kappa(first, second) == pytest.approx(7 / 17)


def test_its_ends() -> None:
    assert cohens_kappa(["a", "b"], ["a", "b"]) == 1
    assert cohens_kappa(["a", "b"], ["b", "a"]) == -1
    assert cohens_kappa(["a", "a", "b", "b"], ["a", "b", "a", "b"]) == 0


def test_where_it_is_not_defined() -> None:
    assert cohens_kappa([], []) is None
    assert cohens_kappa(["a", "a"], ["a", "a"]) is None
    assert cohens_kappa(["a", "a"], ["b", "b"]) == 0  # never equal, and by chance never either
