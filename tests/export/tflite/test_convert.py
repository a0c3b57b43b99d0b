from collections import Counter

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from mitokeras.export.tflite.check import check
from mitokeras.export.tflite.convert import convert
from mitokeras.export.trained.frozen import frozen
from mitokeras.models.classifiers import build_classifier
from mitokeras.models.ensembles import ensemble
from mitokeras.models.flips import mean_over_flips
from mitokeras.models.segmenters import build_segmenter
from mitokeras.runners.keras import KerasRunner
from mitokeras.runners.litert import LitertRunner, open_network

TILE_PX = 64


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return settled(build_segmenter("tiny", input_px=TILE_PX, width=16))


def settled(model: keras.Model) -> keras.Model:
    """The model, normalised for tiles."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # takes the statistics of the next batch
    model(tiles(16).astype(np.float32), training=True)
    return model


@pytest.fixture(scope="module")
def network(model: keras.Model):
    return frozen(model)


def tiles(number: int) -> np.ndarray:
    """Blurred noise, bright as tissue is."""
    noise = np.random.default_rng(0).integers(0, 256, (number, 8, 8, 3))
    smooth = noise.repeat(TILE_PX // 8, axis=1).repeat(TILE_PX // 8, axis=2)
    return (100 + 0.6 * smooth).astype(np.uint8)


def runner(model: bytes) -> LitertRunner:
    return LitertRunner(open_network(model, "segmenter", "model"))


@pytest.mark.parametrize(
    ("quantize", "mean_difference"),
    [("none", 1e-6), ("float16", 5e-3), ("dynamic", 0.03), ("int8", 0.06)],
)
def test_probabilities_of_each_quantization(
    model: keras.Model, network, quantize: str, mean_difference: float
) -> None:
    # A random network has no margins: trained ones differ by far less.
    expected = KerasRunner(model)(tiles(3))
    found = runner(convert(network, quantize, tiles(12)))(tiles(3))
    assert expected.std() > 0.1
    assert np.abs(found - expected).mean() < mean_difference
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.95


def test_int8_leaves_the_first_convolution_in_float(network) -> None:
    interpreter = Interpreter(
        model_content=convert(network, "int8", tiles(4)),
    )
    interpreter.allocate_tensors()
    tensors = {t["index"]: t for t in interpreter.get_tensor_details()}
    kernels = Counter(
        np.dtype(tensors[node["inputs"][1]]["dtype"]).name
        for node in interpreter._get_ops_details()
        if node["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D")
    )
    assert kernels["float32"] == 1
    assert kernels["int8"] > 20
    weights = next(
        tensors[node["inputs"][1]]
        for node in interpreter._get_ops_details()
        if node["op_name"] == "DEPTHWISE_CONV_2D"
    )
    assert len(weights["quantization_parameters"]["scales"]) == weights["shape"][-1]  # by channel


def test_a_segmenter_stays_in_one_delegate(network) -> None:
    facts = check(convert(network, "int8", tiles(4)), "segmenter", "segmenter.tflite")
    assert set(facts.undelegated) == {"CAST"}


@pytest.mark.parametrize(
    ("name", "quantize", "mean_difference"),
    [
        ("edge", "none", 1e-5),
        ("edge", "int8", 0.04),
        ("dsc_cbam", "none", 1e-5),
        # As with a single window: untrained depthwise convolutions without shortcuts are inexact.
        ("dsc_cbam", "int8", 0.09),
        ("dsc_cbam_gru", "int8", 0.12),
    ],
)
def test_many_windows_convert(name: str, quantize: str, mean_difference: float) -> None:
    keras.utils.set_random_seed(0)
    # a cell of `edge` has 16 px, of the others 8: 2 x 2 and 3 x 3 windows of 48 px
    model = settled(build_segmenter(name, input_px=TILE_PX, width=16, window_px=48))
    converted = convert(frozen(model), quantize, tiles(12))
    facts = check(converted, "segmenter", "segmenter.tflite")
    assert set(facts.undelegated) == {"CAST"}
    found = runner(converted)(tiles(3))
    assert np.abs(found - KerasRunner(model)(tiles(3))).mean() < mean_difference


@pytest.mark.parametrize("flips", [False, True])
@pytest.mark.parametrize("sides", [(32,), (32, 48)])
def test_classifiers_convert(sides: tuple[int, ...], flips: bool) -> None:
    members = [build_classifier("edge", input_px=64, crop_px=px, width=16) for px in sides]
    model = members[0] if len(sides) == 1 else ensemble(members, 48)
    if flips:
        model = mean_over_flips(model)
    crops = tiles(3)[:, : sides[-1], : sides[-1]]
    converted = convert(frozen(model), "int8", crops)
    check(converted, "classifier", "classifier.tflite")
    found = LitertRunner(open_network(converted, "classifier", "classifier"))(crops)
    np.testing.assert_allclose(found, KerasRunner(model)(crops), atol=0.1)
