"""What one reader says, and what holds afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mitokeras.counting.count import count_figures
from mitokeras.counting.kept import PREDICTION_FILE, read_kept
from mitokeras.disk.files import write_json
from mitokeras.disk.locks import sole_writer
from mitokeras.errors import DataError
from mitokeras.predict.folder import OutputFolder
from mitokeras.review.agreement import agreement
from mitokeras.review.corrected import Corrected, correct
from mitokeras.review.review import Review
from mitokeras.review.tissue import Tissue
from mitokeras.verdicts.events import Outline
from mitokeras.verdicts.finding import find_predicted
from mitokeras.verdicts.subject import PredictedSlide
from tests.review.slides import predicted, write_predicted, write_prediction

LEFT: Outline = ((0, 0), (250, 0), (250, 470), (0, 470))
"""Holds the first (accepted) and the fourth (rejected) candidate."""


@pytest.fixture
def slide(tmp_path: Path) -> PredictedSlide:
    return predicted(tmp_path)


def counted(review: Review, tissue_mm2: float = 3.0, threshold: float | None = None) -> Corrected:
    slide = review.slide
    standing = review.standing()
    return correct(
        slide.prediction, standing, review.reviewer, slide.fingerprint, tissue_mm2, threshold
    )


def test_the_last_word_holds_and_an_undo_takes_back_one(slide: PredictedSlide) -> None:
    review = Review(slide, "anna")
    review.judge(1, "mitosis", False)
    review.judge(1, "not mitosis", False)
    standing = review.judge(2, "mitosis", True)
    assert {n: (v.label, v.atypical) for n, v in standing.verdicts.items()} == {
        1: ("not mitosis", False),
        2: ("mitosis", True),
    }
    assert standing.last is not None
    standing = review.undo(standing.last[0])
    assert list(standing.verdicts) == [1]
    standing = review.undo(3)
    assert standing.verdicts[1].label == "mitosis"
    assert Review(slide, "anna").standing() == standing
    standing = review.undo(2)
    assert (dict(standing.verdicts), standing.last) == ({}, None)


def test_nobody_undoes_what_they_have_not_seen(slide: PredictedSlide) -> None:
    one, other = Review(slide, "anna"), Review(slide, "anna")
    one.judge(1, "mitosis", False)
    other.judge(2, "unsure", False)
    with pytest.raises(DataError, match="another window"):
        one.undo(2)
    assert len(one.standing().verdicts) == 2


def test_added_figures_are_changed_and_taken_back(slide: PredictedSlide) -> None:
    review = Review(slide, "anna")
    review.add(10.123, 20)
    standing = review.add(30, 40)
    assert {n: (a.x, a.y) for n, a in standing.added.items()} == {1: (10.12, 20), 2: (30, 40)}
    assert review.change_added(1, True, False).added[1].atypical
    assert list(review.change_added(1, False, True).added) == [2]
    with pytest.raises(DataError, match="no added figure 1"):
        review.change_added(1, True, False)
    assert list(review.add(50, 60).added) == [2, 3]  # a number is never given twice


@pytest.mark.parametrize("candidate", [0, 5])
def test_a_candidate_that_is_none(slide: PredictedSlide, candidate: int) -> None:
    with pytest.raises(DataError, match="must be 1 to 4"):
        Review(slide, "anna").judge(candidate, "mitosis", False)


def test_what_is_no_mitosis_is_not_atypical(slide: PredictedSlide) -> None:
    with pytest.raises(DataError, match="only a mitosis"):
        Review(slide, "anna").judge(1, "unsure", True)


@pytest.mark.parametrize(
    ("outline", "reason"),
    [
        (((0, 0), (100, 100), (100, 0), (0, 100)), "cross"),  # a bow tie
        (((0, 0), (1, 1), (2, 2)), "cross"),
        (((0, 0), (700, 0), (0, 100)), "lie on the slide"),
        (((-20, 0), (100, 0), (0, 100)), "lie on the slide"),
    ],
)
def test_a_region_that_is_none(slide: PredictedSlide, outline: Outline, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        Review(slide, "anna").limit([outline])
    assert Review(slide, "anna").standing().lines == 0


def test_counts_by_hand(slide: PredictedSlide) -> None:
    """Of four candidates the model counts 1 and 2."""
    review = Review(slide, "anna")
    assert counted(review).reviewed == counted(review).model_alone == slide.prediction.count
    review.judge(1, "not mitosis", False)
    review.judge(4, "mitosis", False)
    review.judge(3, "unsure", False)
    review.add(400, 100)
    corrected = counted(review)
    assert [one.candidate for one in corrected.figures if one.counted] == [2, 4, None]
    assert corrected.reviewed.figures == 3
    assert corrected.model_alone.figures == 2
    share = corrected.share
    assert (share.seen, share.candidates) == (3, 4)
    assert (share.accepted_seen, share.accepted, share.added) == (1, 2, 1)
    # Half of what the model counts was not looked at, so half of its false ones are left.
    assert corrected.reviewed.false is not None
    assert corrected.reviewed.false.expected == pytest.approx(0.01 * 3.0 / 2)
    review.judge(2, "mitosis", False)
    corrected = counted(review)
    assert corrected.reviewed.false is not None
    assert corrected.reviewed.false.expected == 0
    assert corrected.reviewed.score == 1


def test_counts_in_a_region_by_hand(slide: PredictedSlide) -> None:
    review = Review(slide, "anna")
    review.limit([LEFT])
    review.judge(4, "mitosis", False)
    review.add(240, 20)
    review.add(260, 20)
    corrected = counted(review, tissue_mm2=0.1)
    assert corrected.model_alone.figures == 1
    assert corrected.reviewed.figures == 3
    assert corrected.whole.figures == 2
    assert (corrected.share.candidates, corrected.share.added) == (2, 1)
    assert corrected.reviewed.per_mm2 == pytest.approx(30)
    assert corrected.reviewed.ten_fields_exceed_tissue
    assert corrected.reviewed.score is None


def test_tissue_in_a_region(slide: PredictedSlide) -> None:
    """The slide is all tissue, seen at 8 um in 20 x 15 pixels of 32."""
    opened = slide.open()
    tissue = Tissue(opened)
    assert tissue.area_mm2(()) == pytest.approx(640 * 480 * 0.0625e-6)
    square: Outline = ((-0.5, -0.5), (319.5, -0.5), (319.5, 159.5), (-0.5, 159.5))
    assert tissue.area_mm2((square,)) == pytest.approx(320 * 160 * 0.0625e-6)
    assert tissue.area_mm2((square, square)) == tissue.area_mm2((square,))
    opened.close()


def test_another_threshold_changes_what_was_not_looked_at(slide: PredictedSlide) -> None:
    review = Review(slide, "anna")
    review.judge(1, "not mitosis", False)
    figures = [counted(review, threshold=at).reviewed.figures for at in (0.1, 0.3, 0.6, 0.95)]
    assert figures == [3, 2, 1, 0]


def test_no_score_rests_on_another_threshold(slide: PredictedSlide) -> None:
    review = Review(slide, "anna")
    for at in (0.1, 0.999):  # below all candidates, and above all, so that none is left to look at
        said = counted(review, tissue_mm2=150.0, threshold=at).reviewed
        assert (said.score, said.false) == (None, None)
    assert counted(review, tissue_mm2=150.0).reviewed.score == 1


def test_one_figure_without_a_verdict_is_one_false_figure_at_most(tmp_path: Path) -> None:
    # Of 20 figures 19 are judged: of 4.8 false ones per mm2 of 200 mm2 48 would remain.
    places = tuple((40 + 120 * (i % 5), 40 + 120 * (i // 5), 0.9) for i in range(20))
    out = write_predicted(tmp_path, places=places)
    (found,) = find_predicted(out, None)
    assert found.slide is not None
    kept = read_kept(found.slide.folder)
    count = count_figures(np.zeros((20, 2)), 200.0, 0.55, 4.8)
    said = kept.prediction.changed(count=count)
    write_json(found.slide.folder / PREDICTION_FILE, kept.changed(prediction=said).to_json())
    (found,) = find_predicted(out, None)
    assert found.slide is not None
    review = Review(found.slide, "anna")
    for number in range(1, 20):
        review.judge(number, "mitosis", False)
    reviewed = counted(review, tissue_mm2=200.0).reviewed
    assert reviewed.false is not None
    assert (reviewed.false.expected, reviewed.false.ten_fields.most) == (1, 1)
    assert reviewed.score == 3  # from 18 on, of 20 figures


def test_another_prediction_takes_no_verdict_unasked(slide: PredictedSlide) -> None:
    review = Review(slide, "anna")
    review.judge(1, "mitosis", True)
    review.judge(2, "not mitosis", False)
    review.judge(3, "mitosis", False)
    review.add(400, 100)
    review.limit([LEFT])
    # The second is found elsewhere by 2 um, in another order; the third no more.
    moved = ((308, 200, 0.7), (100, 80, 0.9), (200, 400, 0.49))
    write_prediction(slide.folder, slide.path, moved)
    with pytest.raises(DataError, match="has changed since"):
        review.judge(1, "mitosis", False)

    (found,) = find_predicted(slide.folder.parent, None)
    assert found.slide is not None
    again = Review(found.slide, "anna")
    standing = again.standing()
    assert (dict(standing.verdicts), dict(standing.added), standing.outlines) == ({}, {}, ())
    assert len(standing.earlier) == 5
    assert again.left_over() == 5
    standing = again.take_over()
    assert {n: (v.label, v.atypical) for n, v in standing.verdicts.items()} == {
        1: ("not mitosis", False),
        2: ("mitosis", True),
    }
    assert {(a.x, a.y) for a in standing.added.values()} == {(500, 300), (400, 100)}
    assert standing.outlines == (LEFT,)
    assert again.left_over() == 0
    assert again.take_over().lines == standing.lines


def test_counts_anew_for_another_field_keep_the_verdicts(slide: PredictedSlide) -> None:
    Review(slide, "anna").judge(1, "mitosis", False)
    path = slide.folder / "prediction.json"
    kept = json.loads(path.read_text("utf-8"))
    kept["prediction"]["count"]["field_diameter_mm"] = 0.5
    path.write_text(json.dumps(kept), "utf-8")
    (found,) = find_predicted(slide.folder.parent, None)
    assert found.slide is not None
    assert list(Review(found.slide, "anna").standing().verdicts) == [1]


def test_agreement_by_hand(slide: PredictedSlide) -> None:
    anna, bert = Review(slide, "anna"), Review(slide, "bert")
    for number, (one, other) in enumerate(
        [("mitosis", "mitosis"), ("mitosis", "not mitosis"), ("unsure", "unsure")], start=1
    ):
        anna.judge(number, one, False)  # type: ignore[arg-type]
        bert.judge(number, other, False)  # type: ignore[arg-type]
    bert.judge(4, "mitosis", False)
    for review, x in ((anna, 400), (bert, 420), (anna, 600)):  # 20 px are 5 um
        review.add(x, 100)
    found = agreement(slide.prediction, ("anna", anna.standing()), ("bert", bert.standing()))
    assert (found.first_judged, found.second_judged, found.both_judged, found.same) == (3, 4, 3, 2)
    # Equal in 2 of 3; by chance (2*1 + 0*1 + 1*1)/9 = 3/9.
    assert found.kappa == pytest.approx(0.5)
    assert found.added_by_both == 1
    assert [(d.candidate, d.x, d.first, d.second) for d in found.disagreements] == [
        (2, 300, "mitosis", "not mitosis"),
        (None, 600, "mitosis", "not marked"),
    ]


def test_predict_again_keeps_journal_and_results(slide: PredictedSlide) -> None:
    Review(slide, "anna").judge(1, "mitosis", False)
    results = slide.folder / "review.anna"
    results.mkdir()
    (results / "report.html").write_text("report")
    folder = OutputFolder(slide.folder)
    kept = folder.kept()
    folder.write(kept.request, kept.prediction, {})
    (found,) = find_predicted(slide.folder.parent, None)
    assert found.slide is not None
    assert list(Review(found.slide, "anna").standing().verdicts) == [1]
    assert (results / "report.html").read_text() == "report"
    with sole_writer(slide.folder), pytest.raises(OSError, match="another program"):
        Review(found.slide, "anna").judge(2, "mitosis", False)
