from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow.python.framework import op_def_registry

from mitokeras.data.stain import DEFAULT_NORMALIZER
from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.candidates import Candidates
from mitokeras.detector import Detector
from mitokeras.export.savedmodel.graph.detect import detect_function
from mitokeras.export.trained.frozen import frozen
from mitokeras.models.classifiers import build_classifier
from mitokeras.models.flips import mean_over_flips
from mitokeras.models.segmenters import build_segmenter
from tests.detectors import darkness, make_spec

Detect = Callable[[tf.Tensor], dict[str, tf.Tensor]]

FIELD = tf.TensorSpec((None, None, 3), tf.uint8, name="image")


def darkness_graph(tiles: tf.Tensor) -> tf.Tensor:
    return 1 - tf.reduce_mean(tf.cast(tiles, tf.float32), axis=3, keepdims=True) / 255


def redness(crops: np.ndarray) -> np.ndarray:
    """Red about the centre, and less of the green of the upper half, borders included."""
    centre = crops[:, 12:20, 12:20, 0].mean(axis=(1, 2)) / 255
    return (centre - crops[:, :16, :, 1].mean(axis=(1, 2)) / 2550).astype(np.float32)


def redness_graph(crops: tf.Tensor) -> tf.Tensor:
    crops = tf.cast(crops, tf.float32)
    centre = tf.reduce_mean(crops[:, 12:20, 12:20, 0], axis=(1, 2)) / 255
    return (centre - tf.reduce_mean(crops[:, :16, :, 1], axis=(1, 2)) / 2550)[:, None]


def saved_and_loaded(folder: Path, detect: Detect) -> Detect:
    module = tf.Module()
    module.detect = tf.function(detect, input_signature=[FIELD])
    tf.saved_model.save(module, str(folder), signatures={"detect": module.detect})
    loaded = tf.saved_model.load(str(folder))
    return lambda image: loaded.signatures["detect"](image=tf.constant(image))


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The toy detector, saved and loaded, and the folder that holds it."""
    folder = tmp_path_factory.mktemp("toy")
    detect = detect_function(make_spec(), darkness_graph, redness_graph)
    return SimpleNamespace(detect=saved_and_loaded(folder, detect), folder=folder)


def assert_same(found: dict[str, tf.Tensor], expected: Candidates) -> None:
    assert {name: value.dtype for name, value in found.items()} == {
        "centroid_px": tf.float32,
        "area_px": tf.int32,
        "segmenter_score": tf.float32,
        "classifier_score": tf.float32,
        "accepted": tf.bool,
    }
    assert found["centroid_px"].shape == (len(expected), 2)
    np.testing.assert_array_equal(found["area_px"], expected.area_px)
    np.testing.assert_allclose(found["centroid_px"], expected.xy, rtol=0, atol=1e-3)
    for score in ("segmenter_score", "classifier_score"):
        np.testing.assert_allclose(found[score], getattr(expected, score), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(found["accepted"], expected.accepted)


def grid_of_blobs() -> np.ndarray:
    """500 squares of 25 px, each of another colour."""
    image = np.full((401, 503, 3), 255, dtype=np.uint8)
    colours = np.random.default_rng(0).integers(0, [255, 60, 60], (500, 3))
    for i, colour in enumerate(colours):
        y, x = 16 * (i // 25) + 5, 20 * (i % 25) + 3
        image[y : y + 5, x : x + 5] = colour
    return image


def stripes() -> np.ndarray:
    """One component across the borders of many tiles, and one beside it in the last row."""
    image = np.full((153, 211, 3), 240, dtype=np.uint8)
    image[40:52, 5:205] = (220, 10, 10)
    image[10:150, 45:50] = (10, 10, 200)
    image[151:153, 100:130] = (250, 0, 30)
    return image


def corners() -> np.ndarray:
    image = np.full((133, 97, 3), 250, dtype=np.uint8)
    for rows in (slice(0, 7), slice(126, 133)):
        for columns in (slice(0, 9), slice(88, 97)):
            image[rows, columns] = (230, rows.start // 3, columns.start // 3)
    return image


def dashes(length: int) -> np.ndarray:
    """A line that is dark for 30 px, then light for 40, and so on."""
    line = np.full((length, 3), 245, dtype=np.uint8)
    for start in range(10, length, 70):
        line[start : start + 30] = (start % 256, 20, 30)
    return line


def speckled(height: int, width: int) -> np.ndarray:
    """Blocks of noise, so that components of all shapes touch all borders."""
    rng = np.random.default_rng([height, width])
    blocks = rng.integers(0, 256, (height // 5 + 1, width // 5 + 1, 3), dtype=np.uint8)
    return blocks.repeat(5, axis=0).repeat(5, axis=1)[:height, :width]


FIELDS = {
    "smaller than a tile": (speckled(37, 51), 3),
    "smaller than a crop": (speckled(11, 13), 1),
    "one row": (dashes(301)[None], 4),
    "one column": (dashes(203)[:, None], 3),
    "a tile": (speckled(64, 64), 3),
    "a core": (speckled(48, 48), 1),
    "one more than a core": (speckled(49, 97), 3),
    "one pixel": (np.zeros((1, 1, 3), dtype=np.uint8), 0),
    "blank": (np.full((121, 77, 3), 255, dtype=np.uint8), 0),
    "black": (np.zeros((107, 109, 3), dtype=np.uint8), 1),
    "many": (grid_of_blobs(), 500),
    "across tiles": (stripes(), 2),
    "corners": (corners(), 4),
    **{f"{h} x {w}": (speckled(h, w), 3) for h, w in [(99, 131), (201, 67), (255, 257)]},
    **{
        f"tissue {seed}": (draw_field(151 + 22 * seed, 199, seed=seed, case=seed).image, 1)
        for seed in range(4)
    },
}


@pytest.mark.parametrize("name", FIELDS)
def test_equals_the_python_pipeline(name: str, toy: SimpleNamespace) -> None:
    image, least = FIELDS[name]
    expected = Detector(make_spec(), darkness, redness).find(image, 0.25)
    assert len(expected) >= least
    if name in ("many", "across tiles", "corners", "one pixel", "blank"):
        assert len(expected) == least
    assert_same(toy.detect(image), expected)


def test_the_saved_graph_holds_tensorflows_own_operations_only(toy: SimpleNamespace) -> None:
    saved = SavedModel.FromString((toy.folder / "saved_model.pb").read_bytes())
    graph = saved.meta_graphs[0].graph_def
    bodies = [graph.node, *(function.node_def for function in graph.library.function)]
    used = {node.op for body in bodies for node in body}
    assert {
        "StatelessWhile",
        "LowerBound",
        "UnsortedSegmentMin",
    } <= used  # the library was looked into
    assert not {name for name in used if op_def_registry.get(name) is None}
    assert not {name for name in used if "PyFunc" in name}


def test_the_stain_policy_is_part_of_the_graph(tmp_path: Path) -> None:
    stain = {"policy": "macenko", **DEFAULT_NORMALIZER.to_json()}
    spec = make_spec(stain=stain, segmenter_threshold=0.51, min_area_px=5)
    detect = saved_and_loaded(tmp_path, detect_function(spec, darkness_graph, redness_graph))
    blank = np.full((30, 40, 3), 255, dtype=np.uint8)
    assert detect(blank)["accepted"].shape == (0,)

    image = draw_field(181, 233, seed=3, case=2).image
    expected = Detector(spec, darkness, redness).find(image, 0.25)
    raw = Detector(make_spec(min_area_px=5), darkness, redness).find(image, 0.25)
    assert expected.area_px.tolist() != raw.area_px.tolist()
    found = detect(image)
    # A pixel may differ by one grey level, so an area by a few pixels.
    np.testing.assert_allclose(found["area_px"], expected.area_px, rtol=0.05, atol=2)
    np.testing.assert_allclose(found["centroid_px"], expected.xy, atol=0.5)
    np.testing.assert_allclose(found["classifier_score"], expected.classifier_score, atol=0.01)


def in_the_widest_gap(values: np.ndarray) -> float:
    """A threshold that rounding errors move no value across."""
    ordered = np.sort(values.ravel())
    ordered = ordered[int(0.6 * len(ordered)) : int(0.95 * len(ordered))]
    widest = np.argmax(np.diff(ordered))
    return float(ordered[widest] / 2 + ordered[widest + 1] / 2)


@pytest.mark.parametrize("window_px", [32, 64])
def test_equals_the_python_pipeline_with_real_networks(tmp_path: Path, window_px: int) -> None:
    segment = frozen(build_segmenter("tiny", input_px=64, window_px=window_px))
    classify = frozen(mean_over_flips(build_classifier("edge", input_px=32, crop_px=32, width=8)))
    image = draw_field(133, 171, seed=1, case=1).image

    def segmenter(tiles: np.ndarray) -> np.ndarray:
        return segment(tf.constant(tiles))[0].numpy()[..., 0]

    def classifier(crops: np.ndarray) -> np.ndarray:
        return classify(tf.constant(crops))[0].numpy()[:, 0]

    probability = Detector(make_spec(), segmenter, classifier).probability(image)
    spec = make_spec(segmenter_threshold=in_the_widest_gap(probability), min_area_px=3)
    detect = detect_function(
        spec, lambda tiles: segment(tiles)[0], lambda crops: classify(crops)[0]
    )
    expected = Detector(spec, segmenter, classifier).find(image, 0.25)
    assert len(expected) >= 3
    assert_same(saved_and_loaded(tmp_path, detect)(image), expected)
