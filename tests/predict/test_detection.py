"""A slide in tiles gives what the image in one piece gives."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from mitokeras.counting.prediction import Prediction
from mitokeras.data.stain import DEFAULT_NORMALIZER
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.learned import Learned
from mitokeras.detector import Detector
from mitokeras.errors import DataError
from mitokeras.predict.survey import survey_slide
from mitokeras.slides.image_reader import ImageSlide
from mitokeras.slides.opening import open_slide
from tests.detectors import darkness
from tests.predict.fake import fake_detector, tissue
from tests.slides import write_aperio


def check_same(
    found: Prediction, whole: Candidates, px: float = 0.006, scores: float = 1e-6
) -> None:
    assert len(found.detections) == len(whole) > 10
    xy = np.array([(one.x, one.y) for one in found.detections])
    np.testing.assert_allclose(xy, whole.xy, atol=px)
    peak = [one.segmenter_score for one in found.detections]
    np.testing.assert_allclose(peak, whole.segmenter_score, atol=scores)
    score = [one.classifier_score for one in found.detections]
    np.testing.assert_allclose(score, whole.classifier_score, atol=scores)
    assert [one.accepted for one in found.detections] == whole.accepted.tolist()


def test_tiled_equals_untiled_also_across_borders() -> None:
    detector = fake_detector()
    image = tissue(700, 900, 120)
    found = detector.predict(image, 0.25)
    whole = detector.find(image, 0.25)
    check_same(found, whole)
    area = [one.area_um2 for one in found.detections]
    np.testing.assert_allclose(area, whole.area_px / 16, atol=0.006)
    assert found.tiles == 15 * 19
    assert found.count.figures == whole.accepted.sum() > 10
    borders = np.arange(48, 900, 48) - 0.5
    crossing = 0
    for one in found.detections:
        polygon = shapely.Polygon(one.outline)
        assert polygon.is_valid
        assert polygon.area == pytest.approx(one.area_um2 * 16, rel=0.2)
        left, _, right, _ = polygon.bounds
        crossing += bool(((borders > left + 1) & (borders < right - 1)).any())
    assert crossing > 20


@pytest.mark.parametrize("spacing", [0.125, 0.2208, 0.3])
def test_another_spacing_gives_the_same_as_in_one_piece(spacing: float) -> None:
    detector = fake_detector()
    image = tissue(702, 904, 60, seed=1, scale=0.25 / spacing)
    found = detector.predict(image, spacing)
    check_same(found, detector.find(image, spacing), px=0.02, scores=0.01)


def test_stain_normalisation_of_a_field_is_that_of_its_whole() -> None:
    detector = fake_detector(stain={"policy": "macenko", **DEFAULT_NORMALIZER.to_json()})
    image = tissue(500, 600, 80, seed=2)
    check_same(detector.predict(image, 0.25), detector.find(image, 0.25))


def test_one_stain_map_for_all_tiles_of_a_slide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mitokeras.predict.survey.WHOLE_PX", 0)
    detector = fake_detector(stain={"policy": "macenko", **DEFAULT_NORMALIZER.to_json()})
    image = tissue(500, 600, 80, seed=2)
    found, whole = detector.predict(image, 0.25), detector.find(image, 0.25)
    assert abs(len(found.detections) - len(whole)) <= 0.1 * len(whole)
    again = detector.predict(image, 0.25)
    assert again == found


@pytest.mark.parametrize("spacing", [0.25, 0.2208])
def test_windows_of_a_field_are_those_of_the_field_in_one_piece(spacing: float) -> None:
    detector = fake_detector(tile_px=256, tiling="windows")
    fading = np.linspace(1.4, 0.6, 256, dtype=np.float32)  # to the right of each window
    detector.segmenter = lambda tiles: np.minimum(darkness(tiles) * fading, 1)
    image = tissue(500, 700, 80, seed=5)
    whole = detector.find(image, spacing)
    check_same(detector.predict(image, spacing), whole, px=0.02, scores=0.01)
    detector.spec = detector.spec.changed(tiling="halo")
    assert detector.find(image, spacing).area_px.sum() != whole.area_px.sum()


def test_blank_tiles_reach_no_network_and_are_counted() -> None:
    seen = []
    detector = fake_detector()
    segmenter = detector.segmenter
    detector.segmenter = lambda tiles: seen.append(len(tiles)) or segmenter(tiles)
    image = np.full((960, 960, 3), 245, np.uint8)
    image[:480, :480] = tissue(480, 480, 30)
    found = detector.predict(image, 0.25)
    assert found.tiles == 400
    assert sum(seen) == found.tiles - found.tiles_skipped
    assert 100 <= sum(seen) <= 13 * 13
    assert found.count.tissue_mm2 == pytest.approx(0.12**2, rel=0.15)
    assert len(found.detections) == len(detector.find(image, 0.25))


def test_no_tissue_is_said() -> None:
    with pytest.raises(DataError, match="image: a slide must have tissue"):
        fake_detector().predict(np.full((300, 300, 3), 245, np.uint8), 0.25)


def test_the_name_of_a_model_fits_into_a_line() -> None:
    detector = fake_detector()
    detector.name = "a\rb\udcff"  # as of a folder
    found = detector.predict(tissue(300, 300, 5), 0.25)
    assert found.model.name == r"a\rb\udcff"


def test_a_20x_image_is_refused() -> None:
    with pytest.raises(DataError, match=r"image: its spacing must be .* Received: 0.5 um/px"):
        fake_detector().predict(tissue(300, 300, 5), 0.5)


def test_a_model_that_marks_everything_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mitokeras.predict.detection.MAX_CANDIDATES", 10)
    with pytest.raises(DataError, match="image: a slide must give at most 10 candidates"):
        fake_detector().predict(tissue(500, 500, 60), 0.25)


def test_stains_of_scattered_tissue_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thin cores on much glass: most tiles with tissue are nearly blank."""
    monkeypatch.setattr("mitokeras.predict.survey.WHOLE_PX", 0)
    spec = fake_detector(stain={"policy": "macenko", **DEFAULT_NORMALIZER.to_json()}).spec
    image = np.full((3000, 3000, 3), 243, np.uint8)
    image[:, 700:740] = tissue(3000, 40, 200, seed=3)
    image[1400:2400, 1400:2400] = tissue(1000, 1000, 3000, seed=4)
    survey = survey_slide(ImageSlide(image, 0.25), spec, "a", Learned())
    assert survey.stain_maxima.shape == (2,)


def test_less_than_a_pixel_is_refused() -> None:
    with pytest.raises(DataError, match="image: must be at least a pixel"):
        fake_detector().predict(tissue(1, 400, 0), 0.0625)


def test_the_tiniest_image_has_a_prediction() -> None:
    found = fake_detector().predict(tissue(5, 7, 0), 0.25)
    assert (found.tiles, found.detections) == (1, ())
    assert found.image.width_px == 7


@pytest.mark.slow
def test_a_slide_of_3000_x_2500_px_equals_its_image_in_one_piece(
    tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path
) -> None:
    image = np.tile(tissue, (5, 6, 1))[:2500, :3000]
    path = write_aperio(tmp_path / "slide.svs", image)
    detector = Detector.load(tflite_bundle)
    found = detector.predict_slide(path)
    assert (found.image.format, found.tiles_skipped) == ("aperio", 0)
    slide = open_slide(path)
    whole = detector.find(slide.read(0, 0, 3000, 2500), 0.25)
    slide.close()
    check_same(found, whole, scores=1e-5)
    core = detector.spec.tile_px - 2 * detector.spec.halo_px
    left, right = np.array([_sides(one.outline) for one in found.detections]).T
    assert (np.floor(left / core) < np.floor(right / core)).sum() > 100  # over a tile border


def _sides(outline: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    x = [corner[0] for corner in outline]
    return min(x) + 1, max(x) - 1
