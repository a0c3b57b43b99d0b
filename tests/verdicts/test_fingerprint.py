from mitokeras.verdicts.fingerprint import fingerprint
from tests.predictions import MEASURED, detection, prediction, slide


def test_without_a_stage_3_it_is_what_it_was_before_there_was_one() -> None:
    """So that verdicts of before still count."""
    told = prediction((detection(), detection(300, 200, 0.2)), slide())
    assert fingerprint(told) == "962785eced77940f377da20986104c29d4b7ce24740fe66b7a5e89a30a752156"
    assert "typ" not in told.model_dump_json()


def test_the_folder_that_a_slide_was_found_in_is_not_in_it() -> None:
    found = (detection(), detection(300, 200, 0.2))
    nested = prediction(found, slide(), name="case 1/slide.svs")
    assert fingerprint(nested) == fingerprint(prediction(found, slide()))
    assert fingerprint(nested) != fingerprint(prediction(found, slide(), name="case 1/b.svs"))


def test_the_counts_are_not_in_it_and_stage_3_is() -> None:
    found = (detection(atypical_score=0.9),)
    told = prediction(found, slide(), subtyping=MEASURED)
    assert fingerprint(told.counted(0.65)) == fingerprint(told)
    other = prediction((detection(atypical_score=0.8),), slide(), subtyping=MEASURED)
    assert fingerprint(other) != fingerprint(told)
