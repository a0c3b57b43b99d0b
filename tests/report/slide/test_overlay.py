import io

import cv2
import numpy as np
import pytest
from PIL import Image

from mitokeras.report.colours import BLUE, VERMILION, YELLOW, rgb
from mitokeras.report.slide.overlay import marked, numbered, overlay_png
from mitokeras.report.slide.views import whole_slide
from tests.predictions import EVIL, MEASURED, OVERRIDE, detection, prediction, slide


def pixels_of(image: np.ndarray, colour: str) -> np.ndarray:
    """(x, y) of the pixels that have about this colour."""
    near = np.abs(image.astype(int) - rgb(colour)).max(axis=2) < 12
    return np.argwhere(near)[:, ::-1]


def test_a_figure_is_ringed_and_itself_left_alone() -> None:
    on = slide()
    view = whole_slide(on, 2400)
    picture = marked(view, prediction((detection(),), on))
    ring = pixels_of(picture, YELLOW)
    distance = np.hypot(*(ring - (100.0, 80.0)).T)
    assert len(ring) > 100
    assert np.abs(distance - 44.0).max() < 3.0  # 11 um
    np.testing.assert_array_equal(picture[60:101, 80:121], view.image[60:101, 80:121])


def test_a_rejected_candidate_gets_no_ring() -> None:
    on = slide()
    picture = marked(whole_slide(on, 2400), prediction((detection(score=0.1),), on))
    assert not len(pixels_of(picture, YELLOW))
    assert (picture[:200] != whole_slide(on, 2400).image[:200]).any()


def test_the_hotspot_is_drawn_at_its_size() -> None:
    on = slide(4000, 4000, spacing_um_px=1.0)
    found = (detection(x=2000.0, y=2000.0),)
    picture = marked(whole_slide(on, 1000), prediction(found, on))
    border = pixels_of(picture, BLUE)
    # sqrt(2 / pi) mm at 4 um a pixel, about the pixel (2000 + 0.5) / 4 - 0.5.
    distance = np.hypot(*(border - 499.625).T)
    assert len(border) > 1000
    assert np.abs(distance - 1000 * np.sqrt(2 / np.pi) / 4).max() < 4.0


def test_the_picture_of_the_slide_is_not_written_into() -> None:
    view = whole_slide(slide(), 2400)
    before = view.image.copy()
    marked(view, prediction((detection(),), slide()))
    np.testing.assert_array_equal(view.image, before)


def test_numbers_stand_beside_the_rings_and_not_on_each_other() -> None:
    on = slide(1400, 900)
    view = whole_slide(on, 2400)
    # Two at one place, the second of a higher score; one in the corner; one rejected.
    apart = detection(700, 450)
    found = (detection(300, 300, 0.8), detection(300, 300, 0.9), detection(1399, 0), apart)
    told = prediction((*found, detection(1000, 700, 0.1)), on)
    before = marked(view, told)
    picture = numbered(before, view, told)
    _, labels = cv2.connectedComponents((picture != before).any(axis=2).astype(np.uint8))
    # Each a white box: right above the ring, whose radius is 44 px, or where else there is room.
    boxes = [np.argwhere(labels == n)[:, ::-1] for n in range(1, labels.max() + 1)]
    centres = [(box.min(0) + box.max(0)) / 2 for box in boxes if len(box) > 50]
    assert len(centres) == 4
    near = [min(np.hypot(*(centre - (one.x, one.y))) for one in found) for centre in centres]
    assert min(near) > 30 and max(near) < 75
    np.testing.assert_array_equal(before, marked(view, told))


@pytest.mark.parametrize("size", [(640, 480), (90, 70), (1, 1), (3000, 20)])
def test_the_png_holds_the_picture_and_its_facts(size: tuple[int, int]) -> None:
    on = slide(*size)
    view = whole_slide(on, 2400)
    told = prediction((detection(),), on, name=EVIL, source=OVERRIDE)
    picture = marked(view, told)
    file = overlay_png(view, picture, told)
    image = cv2.cvtColor(cv2.imdecode(np.frombuffer(file, np.uint8), 1), cv2.COLOR_BGR2RGB)
    height, width = picture.shape[:2]
    np.testing.assert_array_equal(image[:height, :width], picture)
    assert (image[height:] < 128).any(), "the legend"
    texts = Image.open(io.BytesIO(file)).text  # type: ignore[attr-defined]
    assert texts["Title"] == EVIL
    assert texts["Spacing"] == "0.25 um per pixel, set by hand (--spacing-um-px)"
    assert texts["Disclaimer"] == "Research software. Not a medical device."


def test_an_atypical_figure_has_a_mark_of_another_shape_and_colour() -> None:
    on = slide()
    view = whole_slide(on, 2400)
    told = prediction((detection(atypical_score=0.9),), on, subtyping=MEASURED)
    picture = marked(view, told)
    assert not len(pixels_of(picture, YELLOW))
    diamond = pixels_of(picture, VERMILION)
    assert len(diamond) > 100
    # Its corners are 1.25 times 44 px away, and its sides pass the ring's radius inside.
    away = np.abs(diamond - (100.0, 80.0)).sum(axis=1)
    assert np.abs(away - 55.0).max() < 4.0
    np.testing.assert_array_equal(picture[60:101, 80:121], view.image[60:101, 80:121])
    normal = prediction((detection(atypical_score=0.1),), on, subtyping=MEASURED)
    np.testing.assert_array_equal(
        marked(view, normal), marked(view, prediction((detection(),), on))
    )
