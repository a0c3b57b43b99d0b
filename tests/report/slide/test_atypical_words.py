import pytest

from mitokeras.counting.atypical import Subtyping
from mitokeras.counting.prediction import Prediction
from mitokeras.report.slide.atypical_words import atypical_text, share_text, subtyping_doubts
from mitokeras.report.slide.words import warnings_of
from tests.predictions import MEASURED, detection, prediction, slide

UNMEASURED = Subtyping(threshold=0.5, chosen="by hand")


def told(atypical: int, normal: int, subtyping: Subtyping = MEASURED) -> Prediction:
    scores = [0.9] * atypical + [0.1] * normal
    found = tuple(detection(x=20.0 * i, atypical_score=s) for i, s in enumerate(scores))
    return prediction((*found, detection(score=0.1)), slide(), subtyping=subtyping)


def test_the_share_and_what_is_left_of_it_without_the_measured_errors() -> None:
    # (.2 - .15) / (.75 + .85 - 1) = .083; Wilson of 4 in 20: .081 to .416.
    assert atypical_text(told(4, 16)) == (
        "4 of 20 mitotic figures are called atypical: 20% (95% interval 8 to 42%); with the errors "
        "that were measured (the model calls 75% of atypical and 15% of normal figures so) that is "
        "what a true share of 8% (0 to 44%) gives"
    )
    assert warnings_of(told(4, 16)) == []


def test_errors_that_were_not_measured() -> None:
    found = told(1, 0, UNMEASURED)
    assert atypical_text(found) == (
        "1 of 1 mitotic figure is called atypical: 100% (95% interval 21 to 100%)"
    )
    warning = "how often the model is right about atypical figures was not measured"
    assert warnings_of(found) == [warning]


def test_a_stage_3_that_tells_nothing() -> None:
    blind = MEASURED.changed(sensitivity=0.25, specificity=0.5)
    assert "true share" not in atypical_text(told(4, 16, blind))
    assert subtyping_doubts(blind) == [
        "as measured, the model calls 25% of atypical and 50% of normal figures atypical, which "
        "tells nothing"
    ]


def test_without_a_figure_or_a_stage_3_nothing_is_said() -> None:
    assert atypical_text(told(0, 0)) == ""
    plain = prediction((detection(),), slide())
    assert (atypical_text(plain), warnings_of(plain)) == ("", [])


@pytest.mark.parametrize("word", ["prognos", "worse", "outcome", "grade", "aggressive"])
def test_nothing_of_it_is_clinical(word: str) -> None:
    found = told(4, 16)
    assert word not in atypical_text(found) + " ".join(warnings_of(told(4, 16, UNMEASURED)))
    assert found.atypical is not None and found.atypical.called is not None
    assert word not in share_text(found.atypical.called)
