"""What holds of earlier marks when a slide is predicted again and again; 16 px are 4 um."""

from __future__ import annotations

from pathlib import Path

import pytest

from mitokeras.review.corrected import correct
from mitokeras.review.review import Review
from mitokeras.verdicts.events import Outline
from mitokeras.verdicts.finding import find_predicted
from mitokeras.verdicts.standing import Standing
from tests.review.slides import predicted, write_prediction

REGION: Outline = ((0, 0), (250, 0), (250, 470), (0, 470))


@pytest.fixture
def first(tmp_path: Path) -> Review:
    """Of a prediction whose first candidate lies at (100, 80)."""
    return Review(predicted(tmp_path), "anna")


def again(review: Review, *places: tuple[float, float], score: float = 0.9) -> Review:
    """The review of another prediction of the slide, with what was said taken over."""
    slide = review.slide
    write_prediction(slide.folder, slide.path, tuple((x, y, score) for x, y in places))
    (found,) = find_predicted(slide.folder.parent, None)
    assert found.slide is not None
    new = Review(found.slide, "anna")
    new.take_over()
    assert new.left_over() == 0
    return new


def labels(standing: Standing) -> dict[int, str]:
    return {number: one.label for number, one in standing.verdicts.items()}


def added(standing: Standing) -> list[tuple[float, float]]:
    return sorted((one.x, one.y) for one in standing.added.values())


def counted(review: Review) -> int:
    slide, standing = review.slide, review.standing()
    said = correct(slide.prediction, standing, "anna", slide.fingerprint, tissue_mm2=3.0)
    return said.reviewed.figures


def test_a_mitosis_that_wanders_is_one_figure(first: Review) -> None:
    """By 3.5 um each time: the third place is 7 um from where it was said first."""
    first.judge(1, "mitosis", True)
    third = again(again(first, (114, 80)), (128, 80), score=0.8)
    standing = third.standing()
    assert (labels(standing), added(standing), counted(third)) == ({1: "mitosis"}, [], 1)
    assert standing.verdicts[1].atypical


@pytest.mark.parametrize("x", [103.0, 100.0])
def test_a_correction_stands(first: Review, x: float) -> None:
    first.judge(1, "mitosis", False)
    second = again(first, (101.5, 80.5))
    second.judge(1, "not mitosis", False)
    assert second.left_over() == 0
    third = again(second, (x, 80), score=0.8)
    standing = third.standing()
    assert (labels(standing), added(standing), counted(third)) == ({1: "not mitosis"}, [], 0)


def test_a_figure_that_was_taken_back_stays_away(first: Review) -> None:
    first.add(400, 100)
    second = again(first, (100, 80))
    (number,) = second.standing().added
    second.change_added(number, atypical=False, removed=True)
    assert second.left_over() == 0
    assert added(second.take_over()) == []
    assert added(again(second, (100, 80), score=0.8).standing()) == []


def test_a_figure_keeps_what_was_said_of_it_last(first: Review) -> None:
    first.add(400, 100)
    second = again(first, (100, 80))
    (number,) = second.standing().added
    second.change_added(number, atypical=True, removed=False)
    (one,) = again(second, (100, 80), score=0.8).standing().added.values()
    assert (one.x, one.y, one.atypical) == (400, 100, True)


def test_a_mitosis_that_is_found_once_more_is_one_figure(first: Review) -> None:
    first.judge(1, "mitosis", True)
    second = again(first, (300, 200))
    assert added(second.standing()) == [(100, 80)]
    standing = again(second, (300, 200), (101, 80), score=0.8).standing()
    assert (labels(standing), added(standing)) == ({2: "mitosis"}, [])
    assert standing.verdicts[2].atypical


def test_neighbours_of_one_prediction_stay_two(first: Review) -> None:
    """They lie 2 um apart. Where one candidate is left, the nearer one is that."""
    first.judge(1, "mitosis", False)
    first.add(108, 80)
    second = again(first, (101, 80))
    assert (labels(second.standing()), added(second.standing())) == ({1: "mitosis"}, [(108, 80)])
    third = again(second, (102, 80), (107, 80), score=0.8)
    assert labels(third.standing()) == {1: "mitosis", 2: "mitosis"}
    fourth = again(third, (300, 200))
    assert added(fourth.standing()) == [(102, 80), (107, 80)]


def test_what_is_said_before_the_rest_is_taken_over_stands(first: Review) -> None:
    first.judge(1, "mitosis", False)
    first.limit([REGION])
    second = again(first)
    second.add(102, 80)
    (number,) = (n for n, one in second.standing().added.items() if one.x == 100)
    second.change_added(number, atypical=False, removed=True)
    second.limit([])
    assert second.left_over() == 0
    standing = again(second, (300, 200)).standing()
    assert (added(standing), standing.outlines) == ([(102, 80)], ())


def test_readers_are_kept_apart(first: Review) -> None:
    first.judge(1, "mitosis", False)
    Review(first.slide, "bert").judge(1, "not mitosis", False)
    second = again(first, (101, 80))
    bert = Review(second.slide, "bert")
    assert labels(bert.take_over()) == {1: "not mitosis"}
    assert labels(second.standing()) == {1: "mitosis"}
