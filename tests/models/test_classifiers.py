from typing import Any

import keras
import numpy as np
import pytest

from mitokeras.errors import ConfigError, ModelError
from mitokeras.models.classifiers import CLASSIFIERS, build_classifier
from mitokeras.models.macs import count_macs


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_preset_states_its_cost(name: str) -> None:
    preset = CLASSIFIERS[name]
    model = build_classifier(name)
    assert model.count_params() == preset.parameters
    assert count_macs(model) == preset.macs


def test_edge_has_under_two_million_parameters() -> None:
    assert CLASSIFIERS["edge"].parameters < 2_000_000


def test_resnet18_counts_what_torchvision_counts() -> None:
    # 11,689,512 with the 1000-class layer of 513,000; here 9,600 moving statistics, a head of 513
    assert CLASSIFIERS["resnet18"].parameters == 11_689_512 - 513_000 + 9_600 + 513


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("vgg", {}, "classifier must be one of resnet18, resnet34.*Received: vgg"),
        ("resnet50", {"width": 8}, "must be among application, dropout. Received: width"),
        ("edge", {"dropout": 1.0}, "dropout must be at least 0 and below 1. Received: 1.0"),
        ("edge", {"width": -1}, "width must be at least 1 channel. Received: -1"),
        ("edge", {"input_px": 24}, "multiple of 8, at least 32. Received: 24"),
    ],
)
def test_wrong_requests(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_classifier(name, **arguments)


def test_a_narrow_resnet_has_no_imagenet_weights() -> None:
    with pytest.raises(
        ModelError, match="no ImageNet weights of a ResNet of width 24: give 'none'"
    ):
        build_classifier("edge", weights="imagenet")


@pytest.mark.parametrize("name", ["edge", "mobilenetv3_large"])
def test_crops_are_enlarged_in_the_graph(name: str) -> None:
    at_input = build_classifier(name, input_px=64)
    of_crops = build_classifier(name, input_px=64, crop_px=32)
    of_crops.set_weights(at_input.get_weights())
    assert of_crops.input_shape == (None, 32, 32, 3)
    crops = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype("float32")
    enlarge = keras.Model(of_crops.input, of_crops.get_layer("enlarged_crop").output)
    enlarged = np.asarray(enlarge(crops))
    # bilinear at half-pixel centres: the inner corner of a 2 x 2 block weighs 9, 3, 3, 1
    a, b, c, d = crops[0, 4, 4], crops[0, 4, 5], crops[0, 5, 4], crops[0, 5, 5]
    np.testing.assert_allclose(enlarged[0, 9, 9], (9 * a + 3 * b + 3 * c + d) / 16, rtol=1e-5)
    np.testing.assert_allclose(of_crops(crops), at_input(enlarged), rtol=1e-4, atol=1e-6)
