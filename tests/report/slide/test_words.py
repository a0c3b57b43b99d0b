from mitokeras.counting.prediction import Suitability
from mitokeras.report.slide.words import (
    Known,
    Remarks,
    doubts,
    false_texts,
    known,
    remarks,
    score_text,
    threshold_text,
    warnings_of,
)
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


def test_what_is_not_known_is_no_warning_and_is_said() -> None:
    told = prediction(FOUND, slide())
    assert told.suitability == Suitability()
    assert warnings_of(told) == []
    assert known(told.suitability) == Known("not known", "not known", "not known")


def test_what_is_well_is_no_warning() -> None:
    well = Suitability(learned_from=False, strange_stain=(), out_of_focus=0.09)
    assert doubts(prediction(FOUND, slide()).image, well) == []
    assert known(well) == Known(
        "no such copy was recognised",
        "within what it has learned from",
        "9% of a sample of the tissue",
    )


def test_doubts_are_warnings() -> None:
    ill = Suitability(
        learned_from=True,
        strange_stain=("the mean colour", "the strength of eosin"),
        out_of_focus=0.34,
    )
    told = prediction(FOUND, slide()).changed(suitability=ill)
    learned, stain, focus = doubts(told.image, ill)
    assert learned.startswith("the model has learned from tissue of this image")
    assert "(the mean colour, the strength of eosin)" in stain
    assert focus == "34% of the tissue is out of focus: figures may be missed there"
    assert warnings_of(told)[:3] == doubts(told.image, ill)


def test_tissue_that_the_file_lacks_is_a_warning() -> None:
    told = prediction(FOUND, slide())
    lacking = told.changed(image=told.image.changed(unwritten_mm2=0.114))
    assert warnings_of(lacking) == [
        "the file lacks 0.11 mm2 of the tissue at full resolution: no figure was looked for there"
    ]
