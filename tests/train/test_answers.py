import numpy as np

from mitokeras.detect.candidates import Candidates
from mitokeras.score.scored_field import ScoredField
from mitokeras.train.answers import marked_points


def scored(classifier_scores: list[float], accepted: list[bool]) -> ScoredField:
    """Two mitotic figures, and a candidate near the first, near the second and far from both."""
    return ScoredField(
        name="field.png",
        case="a",
        spacing_um_px=0.25,
        area_mm2=1.0,
        truths=np.array([[100.0, 100.0], [200.0, 100.0], [300.0, 100.0]]),
        candidates=Candidates(
            xy=np.array([[103.0, 100.0], [200.0, 104.0], [500.0, 100.0]]),
            area_px=np.array([150, 150, 150]),
            segmenter_score=np.array([0.75, 0.5, 0.25], np.float32),
            classifier_score=np.array(classifier_scores, np.float32),
            accepted=np.array(accepted),
            atypical_score=np.full(3, np.nan, np.float32),
        ),
    )


def test_a_missed_figure_has_the_scores_of_the_candidate_that_was_rejected_there() -> None:
    points = marked_points(scored([0.875, 0.125, 0.0625], [True, False, False]), radius_px=30.0)
    said = {(p.x, p.y, p.kind): (p.segmenter_score, p.classifier_score) for p in points}
    assert said == {
        (103.0, 100.0, "true_positive"): (0.75, 0.875),
        (200.0, 104.0, "rejected"): (0.5, 0.125),
        (500.0, 100.0, "rejected"): (0.25, 0.0625),
        (200.0, 100.0, "missed"): (0.5, 0.125),
        (300.0, 100.0, "missed"): (None, None),
    }


def test_candidates_without_stage_2_have_no_score_of_it() -> None:
    points = marked_points(scored([np.nan] * 3, [True] * 3), radius_px=30.0)
    assert [p.kind for p in points] == ["true_positive"] * 2 + ["false_positive", "missed"]
    assert {p.classifier_score for p in points} == {None}
