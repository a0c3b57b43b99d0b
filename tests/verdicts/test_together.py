"""What several readers say of a slide together."""

from __future__ import annotations

from pathlib import Path

import pytest

from mitokeras.review.review import Review
from mitokeras.verdicts.events import Label
from mitokeras.verdicts.together import Together, together
from tests.review.slides import predicted

ABOUT_FIRST = ((50.0, 40.0), (150.0, 40.0), (150.0, 120.0), (50.0, 120.0))
"""Holds candidate 1 of `PLACES`, at (100, 80)."""


def joined(*reviews: Review) -> Together:
    standings = {each.reviewer: each.standing() for each in reviews}
    return together(reviews[0].slide.prediction, standings)


@pytest.mark.parametrize(
    ("label", "said"), [("mitosis", "mitosis"), ("not mitosis", "unsure"), ("unsure", "unsure")]
)
def test_an_added_figure_beside_a_candidate_that_the_other_judged(
    tmp_path: Path, label: Label, said: Label
) -> None:
    slide = predicted(tmp_path)
    anna, ben = Review(slide, "anna"), Review(slide, "ben")
    anna.add(110, 80)  # 2.5 um away from candidate 1
    ben.judge(1, label, atypical=False)
    assert [each.label for each in joined(anna, ben).judged] == [label, "mitosis"]
    ben.limit([ABOUT_FIRST])  # where ben has judged all
    found = joined(anna, ben)
    assert [each.label for each in found.judged] == [label, said]
    assert (len(found.finished), found.unfinished) == (1, 0)


def test_an_outline_is_finished_by_one_reader_s_verdicts(tmp_path: Path) -> None:
    slide = predicted(tmp_path)
    anna, ben = Review(slide, "anna"), Review(slide, "ben")
    anna.limit([ABOUT_FIRST, ((0.0, 200.0), (20.0, 200.0), (20.0, 300.0))])
    ben.judge(1, "mitosis", atypical=True)
    assert (len(joined(anna, ben).finished), joined(anna, ben).unfinished) == (1, 1)
    anna.judge(1, "mitosis", atypical=True)
    found = joined(anna, ben)
    assert (len(found.finished), found.unfinished) == (2, 0)
    assert [(each.label, each.subtype) for each in found.judged] == [("mitosis", "atypical")]


def subtypes(*reviews: Review) -> list[str]:
    return [each.subtype for each in joined(*reviews).judged]


def test_mitoses_without_the_mark_are_normal_to_a_reader_who_marks_others(tmp_path: Path) -> None:
    anna = Review(predicted(tmp_path), "anna")
    anna.judge(1, "mitosis", atypical=False)
    anna.judge(2, "not mitosis", atypical=False)
    anna.add(600, 20)
    assert subtypes(anna) == ["", "", ""]
    line = anna.judge(3, "mitosis", atypical=True).last
    assert subtypes(anna) == ["normal", "", "atypical", "normal"]
    assert line is not None
    anna.undo(line[0])
    assert subtypes(anna) == ["", "", ""]
    anna.change_added(1, atypical=True, removed=False)
    assert subtypes(anna) == ["normal", "", "atypical"]


def test_subtypes_by_two_readers(tmp_path: Path) -> None:
    slide = predicted(tmp_path)
    anna, ben = Review(slide, "anna"), Review(slide, "ben")
    anna.judge(1, "mitosis", atypical=True)
    for number in (1, 2):
        ben.judge(number, "mitosis", atypical=False)
    ben.judge(4, "not mitosis", atypical=False)
    anna.judge(3, "mitosis", atypical=False)
    anna.judge(4, "mitosis", atypical=True)
    # They differ in 1; nobody who marks atypical figures has seen 2; 4 is no sure mitosis.
    assert subtypes(anna, ben) == ["", "", "normal", ""]
    anna.judge(2, "mitosis", atypical=False)
    assert subtypes(anna, ben) == ["", "normal", "normal", ""]
