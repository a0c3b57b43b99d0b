"""What is drawn, which all writers take their places from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mitokeras.annotations.annotations import annotations_of
from mitokeras.review.review import Review
from mitokeras.review.server.desk import Desk
from mitokeras.verdicts.finding import find_predicted
from tests.annotations.drawn import RADIUS_PX, judged, plain
from tests.predictions import MEASURED, detection, prediction, slide


def test_a_prediction_from_the_corner_of_its_first_pixel() -> None:
    drawn = annotations_of(plain())
    figures, rejected = drawn.layers
    assert (figures.kind, figures.places.tolist()) == ("Mitotic figure", [[10.5, 20.5]])
    assert (figures.candidates, figures.scores) == ((1,), (0.9,))
    assert (rejected.kind, rejected.places.tolist()) == ("Rejected candidate", [[30.75, 40.625]])
    assert (rejected.candidates, rejected.scores) == ((2,), (0.2,))
    hotspot, ten_fields = drawn.areas
    assert (hotspot.kind, hotspot.text) == ("Hotspot", "2 mm2, mitotic figures: 1")
    assert (ten_fields.kind, ten_fields.is_ellipse) == ("Ten high-power fields", True)
    low, high = hotspot.corners.min(axis=0), hotspot.corners.max(axis=0)
    np.testing.assert_allclose((low + high) / 2, (10.5, 20.5), atol=1e-6)
    np.testing.assert_allclose((high - low) / 2, RADIUS_PX, atol=1e-4)


def test_its_warnings_are_said_in_one_line() -> None:
    drawn = annotations_of(plain())
    assert "Warning: the tissue (1.00 mm2) is smaller than the hotspot" in drawn.description
    assert drawn.description.startswith("Research software. Not a medical device; mitokeras 0.1.0")
    assert drawn.description.isprintable()


def test_the_whole_slide_is_level_0_whatever_was_scanned_of_it() -> None:
    for one, other in zip(
        annotations_of(plain()).layers, annotations_of(plain((100, 200))).layers, strict=True
    ):
        np.testing.assert_array_equal(one.places, other.places)


def test_nothing_found() -> None:
    drawn = annotations_of(prediction((), slide()))
    assert (drawn.layers, drawn.areas) == ((), ())
    assert annotations_of(prediction((detection(score=0.1),), slide())).areas == ()


def test_a_review_has_the_reader_s_classes_and_region(tmp_path: Path) -> None:
    (found,) = find_predicted(judged(tmp_path), None)
    assert found.slide is not None
    Review(found.slide, "anna").limit([((0, 0), (639, 0), (639, 479), (0, 479))])
    desk = Desk(found.name, found.slide, "anna")
    drawn = annotations_of(desk.corrected())
    desk.close()
    assert [(each.kind, each.places.tolist()) for each in drawn.layers] == [
        ("Mitotic figure", [[200.5, 400.5], [600.75, 451]]),
        ("Atypical mitotic figure", [[100.5, 80.5]]),
        ("Not a mitotic figure", [[300.5, 200.5]]),
        ("Unsure", [[500.5, 300.5]]),
    ]
    assert drawn.layers[0].candidates == (4, None) and drawn.layers[0].scores == (0.49, None)
    region, hotspot, ten_fields = drawn.areas
    assert region.corners.tolist() == [[0.5, 0.5], [639.5, 0.5], [639.5, 479.5], [0.5, 479.5]]
    assert not region.is_ellipse and hotspot.is_ellipse and ten_fields.is_ellipse
    assert hotspot.text == "2 mm2, mitotic figures: 3"
    assert any("drawn region only" in each for each in drawn.warnings)
    assert "anna looked at 4 of 4 candidates" in drawn.description


@pytest.mark.parametrize("far", [100_000.123, 0.0])
def test_places_are_kept_to_the_last_digit(far: float) -> None:
    (layer,) = annotations_of(prediction((detection(far, 0),), slide())).layers
    assert layer.places.dtype == np.float64 and layer.places[0, 0] == far + 0.5


def test_atypical_figures_have_a_layer_where_it_is_asked_for() -> None:
    found = (detection(atypical_score=0.9), detection(300, 200, atypical_score=0.1))
    told = prediction(found, slide(), subtyping=MEASURED)
    (alone,) = annotations_of(told).layers
    assert (alone.kind, alone.candidates) == ("Mitotic figure", (1, 2))
    figures, atypical = annotations_of(told, atypical_class=True).layers
    assert (figures.kind, figures.candidates) == ("Mitotic figure", (2,))
    assert (atypical.kind, atypical.candidates) == ("Atypical mitotic figure", (1,))
    assert figures.colour != atypical.colour
