import json
from pathlib import Path

import numpy as np
import pytest

from mitokeras.detect.curve import FalseCurve
from mitokeras.detect.spec import DETECTOR_FILE, ModelFile, read_spec
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.errors import ConfigError, DataError, ModelError
from mitokeras.runners.runner import ROLES
from tests.detectors import blueness, curve_points, darkness, make_spec, redness
from tests.predict.fake import fake_detector, tissue


def field() -> np.ndarray:
    """Two dark squares on white; the first is dark red (the figure), the second dark blue."""
    image = np.full((150, 210, 3), 255, dtype=np.uint8)
    image[40:56, 60:76] = (200, 0, 0)
    image[90:106, 150:166] = (0, 0, 200)
    return image


def test_both_scores_are_kept_of_accepted_and_rejected() -> None:
    found = Detector(make_spec(), darkness, redness).find(field(), 0.25)
    np.testing.assert_allclose(found.xy, [[67.5, 47.5], [157.5, 97.5]])
    assert found.area_px.tolist() == [256, 256]
    np.testing.assert_allclose(found.segmenter_score, 1 - 200 / 3 / 255, rtol=1e-5)
    np.testing.assert_allclose(found.classifier_score, [200 / 255, 0], rtol=1e-5)
    assert found.accepted.tolist() == [True, False]


def test_another_spacing_gives_the_same_places() -> None:
    detector = Detector(make_spec(), darkness, redness)
    fine = field().repeat(2, axis=0).repeat(2, axis=1)
    found = detector.find(fine, 0.125)
    np.testing.assert_allclose(found.xy, [[135.5, 95.5], [315.5, 195.5]], atol=0.6)
    assert found.area_px == pytest.approx([1024, 1024], rel=0.2)
    with pytest.raises(DataError, match=r"slide\.png: its spacing"):
        detector.find(fine, 0.5, "slide.png")


@pytest.mark.parametrize(
    "wrong",
    [
        field() / 255,
        field().astype(np.float32),
        field().transpose(2, 0, 1),
        field()[..., 0],
        np.dstack([field(), field()[..., 0]]),
        field()[:0],
        field().tolist(),
    ],
    ids=["0-to-1", "float", "channels-first", "grey", "rgba", "empty", "list"],
)
def test_what_is_no_rgb_image_is_refused(wrong: np.ndarray) -> None:
    detector = subtyping_detector()
    for call in (
        lambda: detector.find(wrong, 0.25),
        lambda: detector.predict(wrong, 0.25),
        lambda: detector.atypical_scores(wrong, 0.25, np.zeros((1, 2))),
    ):
        with pytest.raises(DataError, match=r"an image must be RGB, uint8, of the shape"):
            call()


@pytest.mark.parametrize("diameter", [0, -0.55, 55, float("nan")])
def test_what_is_no_high_power_field_is_refused(diameter: float) -> None:
    detector = fake_detector()
    with pytest.raises(ConfigError, match=r"must be 0\.1 to 2 mm\. Received: "):
        detector.predict(field(), 0.25, diameter)


def subtyping_detector() -> Detector:
    """With a stage 3 that calls a figure atypical from half blue on."""
    spec = make_spec(
        subtyping={"threshold": 0.5, "chosen": "by hand"},
        models={role: {"file": f"{role}.x", "sha256": "0" * 64} for role in ROLES},
    )
    return Detector(spec, darkness, redness, subtyper=blueness)


def test_stage_3_sees_the_accepted_candidates_alone() -> None:
    image = field()
    image[40:56, 60:76, 2] = 51
    found = subtyping_detector().find(image, 0.25)
    assert found.accepted.tolist() == [True, False]
    assert found.atypical_score[0] == pytest.approx(0.2)
    assert np.isnan(found.atypical_score[1])


def test_stage_3_sees_known_figures_at_another_spacing() -> None:
    fine = field().repeat(2, axis=0).repeat(2, axis=1)
    places = np.array([[315.5, 195.5], [135.5, 95.5]])
    found = subtyping_detector().atypical_scores(fine, 0.125, places)
    np.testing.assert_allclose(found, [200 / 255, 0], atol=0.02)
    with pytest.raises(ModelError, match="has no stage 3"):
        Detector(make_spec(), darkness, redness).atypical_scores(fine, 0.125, places)


def test_a_prediction_counts_atypical_figures_as_the_field_has_them() -> None:
    image = tissue(600, 600, 0)
    for place, blue in enumerate((20, 140, 150)):
        image[300:316, 60 * place + 100 : 60 * place + 116] = (200, 0, blue)
    detector = subtyping_detector()
    found = detector.predict(image, 0.25)
    marks = [(one.subtype, one.atypical_score) for one in found.detections if one.accepted]
    assert [subtype for subtype, _ in marks] == ["normal", "atypical", "atypical"]
    in_field = detector.find(image, 0.25)
    np.testing.assert_allclose(
        [score for _, score in marks], in_field.atypical_score[in_field.accepted], atol=1e-6
    )
    assert found.atypical is not None
    assert (found.atypical.figures, found.atypical.of) == (2, 3)
    assert found.model.subtyping == detector.spec.subtyping
    none = Detector(make_spec(models=detector.spec.models), darkness, redness).predict(image, 0.25)
    assert none.atypical is None
    assert {one.subtype for one in none.detections} == {""}


def test_a_blank_field_has_no_candidates() -> None:
    detector = Detector(make_spec(), darkness, redness)
    blank = np.full((30, 40, 3), 255, dtype=np.uint8)
    assert len(detector.find(blank, 0.25)) == 0


def test_false_figures_that_were_measured_decide_on_the_score() -> None:
    # 1.44 mm2 of tissue, more than the 1.26 mm2 of ten fields of 0.40 mm; score 2 from 5 on.
    image = tissue(600, 600, 0)
    for x in range(7):
        image[300:308, 40 * x + 100 : 40 * x + 108] = (160, 20, 60)
    bare = fake_detector(spacing_um_px=2.0)
    spec, networks = bare.spec, (bare.segmenter, bare.classifier)
    points = curve_points((0.2, 3.0), (0.3, 0.001))
    curve = FalseCurve(segmenter_threshold=spec.segmenter_threshold, points=points)
    detector = Detector(spec, *networks, "fake", curve)
    found = detector.predict(image, 2.0, 0.40)
    assert (found.count.figures, found.count.score, found.count.no_score) == (7, 2, None)
    assert found.false_per_mm2 == 0.001
    loud = detector.at_false_rate(3.0).predict(image, 2.0, 0.40)
    assert (loud.count.figures, loud.count.score) == (7, None)
    assert loud.model.classifier_threshold == 0.2
    assert loud.counted(0.40) == loud
    again = loud.counted_with(0.40, 0.001).count
    assert (again.score, again.false) == (2, found.count.false)
    assert bare.predict(image, 2.0, 0.40).count.score is None


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    models = {}
    for role in ("segmenter", "classifier"):
        path = tmp_path / f"{role}.keras"
        path.write_bytes(role.encode())
        models[role] = ModelFile(file=path.name, sha256=sha256_of(path))
    text = json.dumps(make_spec(models=models).model_dump(mode="json"))
    (tmp_path / DETECTOR_FILE).write_text(text)
    return tmp_path


def macenko(maxima: list[float]) -> dict[str, object]:
    matrix = [[0.6, 0.2], [0.7, 0.8], [0.4, 0.6]]
    return {"policy": "macenko", "stain_matrix": matrix, "max_concentrations": maxima}


def rewrite(bundle: Path, **changes) -> None:
    path = bundle / DETECTOR_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_spec_round_trips(bundle: Path) -> None:
    spec = read_spec(bundle)
    assert spec.models["segmenter"].file == "segmenter.keras"
    assert spec.model_copy(update={"models": {}}) == make_spec()


def test_a_spec_of_before_windows_means_a_halo(bundle: Path) -> None:
    path = bundle / "detector.json"
    values = json.loads(path.read_text())
    assert values.pop("tiling") == "halo"
    path.write_text(json.dumps(values))
    assert read_spec(bundle).tiling == "halo"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 2}, "at most 1, so a newer mitokeras wrote it. Received: 2"),
        ({"format_version": 0}, "'format_version'"),
        ({"halo": 3}, "unknown key 'halo'"),
        ({"halo_px": 32}, "less than half of tile_px"),
        ({"tiling": "window"}, "'tiling': Input should be 'halo' or 'windows'. Received: 'window'"),
        ({"value_range": [0, 1]}, "'value_range"),
        (
            {"models": {"segmenter": {"file": "a.keras", "sha256": "0" * 64, "size": 3}}},
            r"unknown key 'models\.segmenter\.size'",
        ),
        ({"tile_px": 60}, "multiple of 8"),
        ({"segmenter_threshold": 1.5}, "'segmenter_threshold'"),
        ({"color_order": "BGR"}, "'color_order'"),
        ({"stain": {"policy": "reinhard"}}, "none or macenko"),
        ({"stain": {"policy": "macenko"}}, "stain reference"),
        ({"stain": macenko(maxima=[1, float("inf")])}, "two positive maxima"),
        ({"stain": macenko(maxima=[1, 10**400])}, "two positive maxima"),
        ({"models": {}}, "must name a segmenter"),
        ({"models": {"segmenter": {"file": "../x.keras", "sha256": "0" * 64}}}, "models"),
        ({"models": {"segmenter": {"file": "x" * 300, "sha256": "0" * 64}}}, "models"),
        ({"models": {"segmenter": {"file": "x.keras", "sha256": "0" * 64}}}, "missing"),
    ],
)
def test_a_wrong_spec_is_refused(bundle: Path, changes, message: str) -> None:
    rewrite(bundle, **changes)
    with pytest.raises(ModelError, match=message) as error:
        read_spec(bundle)
    assert str(bundle) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_changed_model_file_is_refused(bundle: Path) -> None:
    (bundle / "classifier.keras").write_bytes(b"other")
    with pytest.raises(ModelError, match=r"classifier\.keras: its SHA-256 must be"):
        read_spec(bundle)


def test_what_is_no_run_is_refused(tmp_path: Path, bundle: Path) -> None:
    with pytest.raises(ModelError, match="finished run or bundle"):
        Detector.load(tmp_path / "nothing")
    (bundle / DETECTOR_FILE).write_text("{")
    with pytest.raises(ModelError, match="not a JSON file"):
        Detector.load(bundle)


def test_a_file_that_is_no_model_is_refused(bundle: Path) -> None:
    with pytest.raises(ModelError, match=r"segmenter\.keras: not a Keras model"):
        Detector.load(bundle)
