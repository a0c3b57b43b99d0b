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
    assert [(each.label, each.atypical) for each in found.judged] == [("mitosis", True)]
