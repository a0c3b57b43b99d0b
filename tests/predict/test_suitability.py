from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.counting.prediction import Suitability
from mitokeras.data.known_tissue import KnownTissue
from mitokeras.data.resize import resize_factor
from mitokeras.data.stain_range import StainRange, sampled, stain_numbers
from mitokeras.data.synthetic.field import draw_field
from mitokeras.data.views import View
from mitokeras.detect.blank import tissue_tiles
from mitokeras.detect.learned import Learned
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.predict.plane import Plane
from mitokeras.predict.suitability import suitability_of
from mitokeras.slides.image_reader import ImageSlide
from tests.detectors import make_spec
from tests.predict.fake import fake_detector


def field(seed: int, height: int = 560, width: int = 620) -> np.ndarray:
    return draw_field(height, width, seed=seed, case=seed).image


@pytest.fixture(scope="module")
def seen() -> np.ndarray:
    return field(1)


def judged(
    image: np.ndarray, learned: Learned, spacing_um_px: float = 0.25, file: Path | None = None
) -> Suitability:
    slide = ImageSlide(image, spacing_um_px)
    plane = Plane(slide, resize_factor(spacing_um_px, 0.25, "image"))
    found = tissue_tiles(slide, plane.factor, make_spec(tile_px=512))
    return suitability_of(plane, found, make_spec(), learned, file)


def test_a_model_that_says_nothing_is_not_known(seen: np.ndarray) -> None:
    assert judged(seen, Learned()) == Suitability(out_of_focus=0.0)


def test_the_same_file_is_known_by_its_bytes(seen: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), seen)
    learned = Learned(images=frozenset([sha256_of(path)]))
    assert judged(seen, learned, file=path).learned_from is True
    assert judged(seen, learned).learned_from is False  # of an image in memory
    cv2.imwrite(str(path), cv2.flip(seen, 1))
    assert judged(seen, learned, file=path).learned_from is False


def test_a_copy_is_known_by_its_tissue(seen: np.ndarray) -> None:
    learned = Learned(frozenset(), KnownTissue([View.at(seen, 0.25).imprint]))
    _, jpeg = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, 70])
    smaller = cv2.resize(seen, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    for copy, spacing_um_px in (
        (seen, 0.25),
        (cv2.imdecode(jpeg, cv2.IMREAD_COLOR), 0.25),
        (seen[60:], 0.25),
        (smaller, 0.25 / 0.8),
    ):
        assert judged(copy, learned, spacing_um_px).learned_from is True
    assert judged(field(2), learned).learned_from is False


def test_a_strange_stain_is_told(seen: np.ndarray) -> None:
    numbers = stain_numbers(sampled(seen))
    assert numbers is not None
    low, high = (numbers - 0.1).tolist(), (numbers + 0.1).tolist()
    learned = Learned(stains=StainRange(cases=40, low=low, high=high))
    assert judged(seen, learned).strange_stain == ()
    exchanged = judged(seen[..., ::-1].copy(), learned).strange_stain
    assert exchanged and "the colour of eosin" in exchanged
    violet = np.full((500, 500, 3), (150, 80, 160), np.uint8)
    assert judged(violet, learned).strange_stain == ("no two stains were found",)
    # Less than 0.01 mm2 has the stain of a few cells.
    assert judged(seen[:200, :200, ::-1].copy(), learned).strange_stain is None


def test_the_share_that_is_out_of_focus(seen: np.ndarray) -> None:
    image = np.concatenate([seen[:512, :512], cv2.GaussianBlur(seen, (0, 0), 4)[:512, :512]])
    assert judged(image, Learned()).out_of_focus == 0.5


def test_predictions_have_it() -> None:
    drawn = field(3, 200, 200)
    before = fake_detector()
    learned = Learned(frozenset(), KnownTissue([View.at(drawn, 0.25).imprint]))
    model = Detector(before.spec, before.segmenter, before.classifier, "fake", learned=learned)
    assert model.at(before.spec.thresholds).predict(drawn, 0.25).suitability.learned_from is True
