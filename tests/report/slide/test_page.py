import base64

import cv2
import numpy as np
import pytest

from mitokeras.counting.prediction import Detection, Prediction, Suitability
from mitokeras.report.colours import YELLOW, rgb
from mitokeras.report.numbers import UNDEFINED
from mitokeras.report.slide import page as module
from mitokeras.report.slide.overlay import marked
from mitokeras.report.slide.page import prediction_page
from mitokeras.report.slide.views import whole_slide
from mitokeras.slides.image_reader import ImageSlide
from tests.predictions import EVIL, MEASURED, OVERRIDE, detection, prediction, slide
from tests.report.pages import Page


def written(told: Prediction, on: ImageSlide) -> str:
    whole = whole_slide(on, 640)
    return prediction_page(told, on, whole, marked(whole, told)).decode("utf-8")


def page(*found: Detection, on: ImageSlide | None = None, **facts: object) -> Page:
    on = on or slide()
    return Page(written(prediction(found, on, **facts), on))  # type: ignore[arg-type]


def words(read: Page) -> str:
    return " ".join(read.text.split())


def alternatives(read: Page) -> list[str | None]:
    """Of all pictures but the wider views."""
    every = [attributes["alt"] for tag, attributes in read.tags if tag == "img"]
    return [text for text in every if text and not text.endswith("around it")]


def picture(read: Page, alternative: str) -> np.ndarray:
    """A picture of the page, RGB."""
    (source,) = (a["src"] or "" for tag, a in read.tags if tag == "img" and a["alt"] == alternative)
    content = np.frombuffer(base64.b64decode(source.split(",")[1]), np.uint8)
    return cv2.cvtColor(cv2.imdecode(content, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def test_it_is_whole_escaped_and_loads_nothing() -> None:
    told = prediction((detection(), detection(score=0.3)), slide(), name=EVIL)
    source = written(told, slide())
    read = Page(source)
    assert read.open == []
    assert not {tag for tag, _ in read.tags} & {"script", "link", "iframe", "object", "base"}
    assert all((a["src"] or "").startswith("data:") for tag, a in read.tags if tag == "img")
    assert "http:" not in source and "https:" not in source and "url(" not in source
    assert EVIL in read.text
    assert "Research software. Not a medical device." in read.text


def test_counts_stand_in_tiles() -> None:
    # Two close together, one far away, one rejected; 8 x 8 mm, 3 mm2 of tissue.
    on = slide(800, 800, spacing_um_px=10.0)
    found = [detection(100, 100), detection(102, 100), detection(700, 700)]
    text = words(page(*found, detection(300, 300, 0.2), on=on))
    assert "Mitotic figures 3 of 4 candidates; 0.03 false expected" in text
    assert "Per mm² 1.0 on 3.00 mm² of tissue; 0.01 false expected" in text
    assert "Hotspot of 2 mm² 2 1.0 per mm²" in text
    assert "Ten high-power fields 2 field of 0.55 mm, together 2.38 mm²" in text
    assert "Mitotic score 1 of 1 to 3, Nottingham" in text


def test_the_row_of_the_cut_offs_is_shown_with_its_source() -> None:
    read = page(detection(), field_diameter_mm=0.55)
    assert ["0.55 mm", "up to 8", "9 to 17", "18 or more"] in read.rows
    assert "College of American Pathologists" in read.text


def test_less_tissue_than_ten_fields_gives_no_score_and_no_density() -> None:
    text = words(page(detection(), tissue_mm2=0.4))
    assert f"Mitotic score {UNDEFINED} not given, see below" in text
    assert "No mitotic score is given. The tissue (0.40 mm²) is smaller than ten fields of" in text
    assert "is smaller than the hotspot of 2 mm² and ten fields of 0.55 mm. A count" in text
    assert "Hotspot of 2 mm² 1 the tissue is smaller" in text


def test_tissue_between_ten_small_fields_and_a_hotspot() -> None:
    # Ten fields of 0.40 mm are 1.26 mm2, so that only the hotspot is larger than the tissue.
    text = words(page(detection(), tissue_mm2=1.5, field_diameter_mm=0.4, false_per_mm2=0.001))
    assert "The tissue (1.50 mm²) is smaller than the hotspot of 2 mm². A count there" in text
    assert "together 1.26 mm²; the tissue" not in text
    assert "The mitotic score is 1" in text


def test_false_figures_are_said_and_withhold_the_score() -> None:
    # 10 per mm2 on 3 mm2 are 30.
    text = words(page(detection(), false_per_mm2=10.0))
    assert "Mitotic figures 1 of 1 candidates; 30 false expected" in text
    assert f"Mitotic score {UNDEFINED} not given, see below" in text
    assert "No mitotic score is given. The ten fullest fields of so much tissue can hold" in text
    assert "marked 10 false figures per mm² of tissue that they had not seen" in text
    assert "So 30 are expected on this tissue." in text
    assert "False figures10 per mm² at these thresholds" in text


def test_false_figures_that_were_not_measured_are_said_and_withhold_the_score() -> None:
    text = words(page(detection(), false_per_mm2=None))
    assert "Mitotic figures 1 of 1 candidates Per" in text
    assert (
        "No mitotic score is given. The false figures of this model at its thresholds were not "
        "measured." in text
    )
    assert "False figuresnot measured at these thresholds" in text


def test_a_field_that_is_not_in_the_table_gives_no_score() -> None:
    read = page(detection(), field_diameter_mm=0.3)
    assert "The table of cut-offs has no field of 0.30 mm" in words(read)
    assert read.rows == []


def test_nothing_accepted_is_said_with_what_was_near() -> None:
    read = page(detection(score=0.4), detection(x=300, score=0.2))
    text = words(read)
    assert "No mitotic figure was accepted on this slide. The nearest of the 2 rejected" in text
    assert "Mitotic score 1" in text
    assert alternatives(read)[1:] == ["Candidate 1", "Candidate 2"]


def test_no_candidate_and_no_tissue_are_told_apart() -> None:
    text = words(page())
    assert "There was no candidate either. This does not mean that there is none." in text
    text = words(page(tissue_mm2=0.0))
    assert "No tissue was found on this slide, so no figures were looked for." in text
    assert "There was no candidate" not in text


def test_crops_are_sorted_by_the_score_of_stage_2() -> None:
    found = [detection(50, 50, 0.6), detection(100, 80, 0.9), detection(200, 200, 0.1)]
    found += [detection(300, 200, 0.4), detection(400, 300, 0.7)]
    shown = alternatives(page(*found))
    assert shown[1:] == [f"Candidate {n}" for n in (2, 5, 1, 4, 3)]


def test_a_crop_shows_its_figure() -> None:
    image = picture(page(detection()), "Candidate 1")
    assert image.shape == (240, 240, 3)  # 24 um are 96 px; the disc's radius of 16 px becomes 40
    np.testing.assert_allclose(image[120, 120], (60, 20, 90), atol=6)
    np.testing.assert_allclose(image[120, [70, 170]], [(225, 170, 200)] * 2, atol=6)


def test_a_wider_view_marks_the_figure() -> None:
    image = picture(page(detection(320, 240)), "Candidate 1 and what lies around it")
    assert 400 <= min(image.shape[:2]) <= max(image.shape[:2]) <= 402  # 100 um
    ring = np.hypot(*(np.argwhere(np.abs(image.astype(int) - rgb(YELLOW)).max(2) < 40).T - 200))
    assert len(ring) > 100
    assert np.abs(ring - 44).max() < 4  # 11 um about the middle


def test_every_crop_leads_to_its_place_and_back() -> None:
    read = page(detection(160, 120, 0.9), detection(480, 240, 0.8), detection(0, 0, 0.2))
    ids = [a["id"] for _, a in read.tags if a.get("id")]
    assert len(set(ids)) == len(ids) == 9
    links = [a["href"] or "" for tag, a in read.tags if tag == "a"]
    assert {link.removeprefix("#") for link in links} == set(ids)
    places = {a["id"]: a["style"] for tag, a in read.tags if tag == "a" and "style" in a}
    # Of 640 x 480 px; the centre of pixel 160 is 160.5 from the left.
    assert places["at-1"] == "left: 25.08%; top: 25.10%"
    assert places["at-2"] == "left: 75.08%; top: 50.10%"
    assert places["at-3"] == "left: 0.08%; top: 0.10%"


def test_what_is_doubtful_is_an_alert() -> None:
    doubtful = Suitability(learned_from=True, strange_stain=("the mean colour",), out_of_focus=0.34)
    told = prediction((detection(),), slide()).changed(suitability=doubtful)
    read = Page(written(told, slide()))
    assert [tag for tag in read.tags if tag == ("p", {"class": "alert"})] == [
        ("p", {"class": "alert"})
    ] * 3
    text = words(read)
    assert "34% of the tissue is out of focus: figures may be missed there." in text
    assert "Learned from this imageyes" in text
    assert "Stainnot known" in words(page(detection()))


def test_more_than_fit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FIGURES", 2)
    monkeypatch.setattr(module, "MAX_REJECTED", 1)
    scores = (0.9, 0.8, 0.7, 0.3, 0.2, 0.1)
    found = [detection(50.0 * n, 50, score) for n, score in enumerate(scores, start=1)]
    read = page(*found)
    assert alternatives(read)[1:] == ["Candidate 1", "Candidate 2", "Candidate 4"]
    assert "1 more not shown here" in words(read)
    assert "2 more, with lower scores, not shown here" in words(read)


def test_the_hotspot_is_enlarged_where_the_whole_hides_it() -> None:
    # The whole is shrunk by 7, the hotspot of 1.6 mm by 2.
    assert "The hotspot with its detections" in alternatives(
        page(detection(2000, 2000), on=slide(4000, 4000, spacing_um_px=1.0))
    )
    assert "The hotspot with its detections" not in alternatives(page(detection()))


def test_an_override_is_an_alert() -> None:
    read = page(detection(), source=OVERRIDE)
    assert ("p", {"class": "alert"}) in read.tags
    assert "The spacing was set by hand: 0.25 µm per pixel (--spacing-um-px)" in words(read)
    assert ("p", {"class": "alert"}) not in page(detection()).tags


def test_facts_are_stated() -> None:
    text = words(page(detection()))
    assert "aperio, 640 \u00d7 480 pixels" in text
    assert "0.25 µm per pixel, from openslide.mpp-x" in text
    assert "of 12 tiles 5 were blank and skipped" in text
    assert "segmenter 0.550, classifier 0.500" in text
    assert "a1" * 32 in text and "b2" * 32 in text


def test_atypical_figures_come_first_and_each_strip_by_that_probability() -> None:
    scores = (0.25, 0.5, 0.875, 0.125)
    found = [detection(x=100 + 60 * i, atypical_score=score) for i, score in enumerate(scores)]
    read = page(*found, detection(score=0.2), subtyping=MEASURED)
    assert alternatives(read)[1:] == [f"Candidate {n}" for n in (3, 2, 1, 4, 5)]
    text = words(read)
    assert "Called atypical 2 50% of 4 figures; 95%: 15 to 85%" in text
    assert "Mitotic figures called atypical (2) Highest probability of being atypical" in text
    assert "Mitotic figures called normal (2) Likewise" in text
    assert "atypical 0.88" in text and "Atypical: 0.88, called atypical. Stage 2: 0.90" in text
    assert "what a true share of 58% (0 to 100%) gives" in text
    assert "orange diamonds: those that are called atypical" in text
    assert "Called atypical75% of atypical and 15% of normal figures, as measured" in text
    assert "SHA-256 of the subtyper" in text


def test_errors_of_stage_3_that_were_not_measured_are_said_on_top() -> None:
    unmeasured = MEASURED.changed(sensitivity=None, specificity=None)
    text = words(page(detection(atypical_score=0.9), subtyping=unmeasured))
    alert = "How often the model is right about atypical figures was not measured."
    assert text.index(alert) < text.index("Counts")
    assert "Called atypicalhow often rightly was not measured" in text


def test_a_strip_too_long_says_how_many_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FIGURES", 1)
    found = [detection(x=100 + 60 * i, atypical_score=0.9) for i in range(3)]
    read = page(*found, detection(atypical_score=0.1), subtyping=MEASURED)
    assert alternatives(read)[1:] == ["Candidate 1", "Candidate 4"]
    assert "2 more not shown here" in words(read)


def test_without_a_stage_3_nothing_is_said_of_atypical_figures() -> None:
    assert "typical" not in written(prediction((detection(),), slide()), slide())
