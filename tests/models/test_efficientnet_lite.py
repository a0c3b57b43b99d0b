import keras
import numpy as np
import pytest

from mitokeras.errors import MissingExtraError, ModelError
from mitokeras.models import efficientnet_lite
from mitokeras.models.classifiers import build_classifier
from mitokeras.models.efficientnet_lite import lite_maps, load_imagenet, trunk_layers
from mitokeras.models.segmenters import build_segmenter
from mitokeras.models.torch_file import read_torch_file


def encoder(side: int, stride: int) -> keras.Model:
    image = keras.Input((side, side, 3))
    return keras.Model(image, list(lite_maps(image, stride).values()))


def test_maps_have_the_published_channels() -> None:
    shapes = [output.shape[1:] for output in encoder(64, 32).outputs]
    assert shapes == [(32, 32, 16), (16, 16, 24), (8, 8, 40), (4, 4, 112), (2, 2, 320)]
    assert round(encoder(64, 8).count_params(), -3) == 58_000
    assert round(encoder(64, 16).count_params(), -3) == 717_000


@pytest.mark.parametrize("stride", [2, 4, 8, 16, 32])
def test_the_layers_up_to_a_stride_have_known_names(stride: int) -> None:
    names = {layer.name for layer in encoder(64, stride).layers if layer.weights}
    known = {layer.name for layer in encoder(64, 32).layers if layer.weights}
    assert {name for name in known if name.startswith(trunk_layers(stride))} == names


def test_each_tensor_of_the_trunk_is_taken() -> None:
    """What is left of the file is its head, and counters."""
    model = encoder(32, 32)
    load_imagenet(model)
    tensors = read_torch_file(efficientnet_lite._weights_file())
    trunk = [name for name in tensors if name.startswith(("_conv_stem", "_bn0", "_blocks"))]
    counted = [name for name in trunk if not name.endswith("num_batches_tracked")]
    assert len(model.weights) == len(counted)
    assert sum(w.numpy().size for w in model.weights) == sum(tensors[n].size for n in counted)
    stem = model.get_layer("stem_conv").kernel.numpy()
    np.testing.assert_array_equal(stem[0, 2, 1], tensors["_conv_stem.weight"][:, 1, 0, 2])


def test_pretrained_maps_are_of_the_size_that_normalisation_expects() -> None:
    """A transposed kernel or a wrong input range would show: activations drift block by block."""
    model = encoder(128, 16)
    load_imagenet(model)
    rng = np.random.default_rng(0)
    noise = rng.normal(127, 60, (2, 16, 16, 3)).repeat(8, axis=1).repeat(8, axis=2)
    maps = model.predict(np.clip(noise, 0, 255).astype("float32"), verbose=0)
    last = model.get_layer("block_10_project_bn")
    moving = np.sqrt(last.moving_variance.numpy())
    assert 0.2 < np.median(maps[-1].std(axis=(0, 1, 2)) / moving) < 5


def test_both_stages_start_from_them() -> None:
    segmenter = build_segmenter("lite0", input_px=64, weights="imagenet")
    classifier = build_classifier("lite0", input_px=64, weights="imagenet")
    for name in ("stem_conv", "block_4_depthwise_conv", "block_10_project_bn"):
        for one, other in zip(
            segmenter.get_layer(name).weights, classifier.get_layer(name).weights, strict=True
        ):
            np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_a_segmenter_without_an_encoder_has_no_imagenet_weights() -> None:
    with pytest.raises(ModelError, match=r"segmenter tiny has no pre-trained encoder"):
        build_segmenter("tiny", input_px=64, weights="imagenet")


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_lite, "PACKAGE", "no-such-package-of-weights")
    with pytest.raises(MissingExtraError, match="tf"):
        build_classifier("lite0", input_px=64, weights="imagenet")


def test_another_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_lite, "SHA256_START", "00000000")
    with pytest.raises(ModelError, match=r"must hold efficientnet-lite0-57934424\.pth whole"):
        build_classifier("lite0", input_px=64, weights="imagenet")
