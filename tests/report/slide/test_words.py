from mitokeras.report.slide.words import Remarks, false_texts, remarks, score_text, threshold_text
from tests.predictions import detection, prediction, slide

FOUND = (detection(),)


def test_a_measured_model() -> None:
    # 0.1 per mm2 on 3 mm2.
    told = prediction(FOUND, slide(), false_per_mm2=0.1)
    assert threshold_text(told) == "classifier threshold 0.5 (0.1 false per mm2)"
    assert false_texts(told.count).figures == "0.3 false expected"
    assert score_text(told.count) == "mitotic score 1"


def test_a_model_that_was_not_measured() -> None:
    told = prediction(FOUND, slide(), false_per_mm2=None)
    assert threshold_text(told) == "classifier threshold 0.5 (false figures not measured)"
    assert false_texts(told.count) == Remarks()
    assert score_text(told.count) == (
        "no mitotic score: The false figures of this model at its thresholds were not measured."
    )


def test_what_a_count_is_worth() -> None:
    told = prediction(FOUND, slide(), tissue_mm2=2.1, false_per_mm2=None)  # ten fields: 2.38 mm2
    assert remarks(told.count) == Remarks(ten_fields="the tissue is smaller")
    told = prediction(FOUND, slide(), tissue_mm2=0.5, false_per_mm2=0.1)
    assert remarks(told.count).figures == "0.05 false expected"
    assert remarks(told.count).hotspot.startswith("the tissue is smaller; 0.")
