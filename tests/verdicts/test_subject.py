from pathlib import Path

from mitokeras.counting.prediction import ImageFacts
from mitokeras.verdicts.subject import PredictedSlide
from tests.predictions import prediction, slide


def as_predicted(folder: Path, name: str) -> PredictedSlide:
    image: ImageFacts = prediction((), slide(), name=name).image
    path = folder / "slide.svs"
    return PredictedSlide(
        folder, path, None, (0, 0), image, fingerprint="", candidates=0, figures=0
    )


def test_a_journal_is_of_the_slide_s_file_wherever_that_was_found(tmp_path: Path) -> None:
    """So that one of before names had their folders is read on."""
    journals = [as_predicted(tmp_path, name).journal("anna") for name in ("a.svs", "day 1/a.svs")]
    first, second = (vars(journal)["_head"] for journal in journals)
    assert first == second
    assert first.image == "a.svs"
