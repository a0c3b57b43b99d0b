from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from mitokeras.errors import ConfigError
from mitokeras.models.macs import count_macs
from mitokeras.models.segmenters import SEGMENTERS, build_segmenter
from mitokeras.models.segmenters.scmitosis import SCMITOSIS
from mitokeras.run.presets import PRESETS


@pytest.mark.parametrize("name", SEGMENTERS)
def test_preset_states_its_cost(name: str) -> None:
    preset = SEGMENTERS[name]
    model = build_segmenter(name, input_px=512)
    assert model.count_params() == preset.parameters
    assert count_macs(model) == preset.macs


def test_paper_has_the_published_layout() -> None:
    model = build_segmenter("paper", input_px=64)
    assert model.count_params() == pytest.approx(3.7e6, rel=0.03)
    for level, filters in enumerate((64, 128, 256, 512), start=1):
        last = model.get_layer(f"encoder_{level}_block_b_relu")
        assert last.output.shape == (None, 128 >> level, 128 >> level, filters)
    assert SEGMENTERS["dscrb_csag"] is SEGMENTERS["paper"]


@pytest.mark.parametrize(("px", "stride"), [(8, 1), (24, 1), (40, 1), (16, 2), (48, 2), (80, 2)])
def test_any_multiple_of_eight_strides_builds(px: int, stride: int) -> None:
    model = build_segmenter("tiny", input_px=px, stride=stride)
    first = px // stride
    assert model.get_layer("encoder_1_block_a_relu").output.shape == (None, first, first, 8)
    assert model(np.zeros((1, px, px, 3))).shape == (1, px, px, 1)


def test_half_the_resolution_shifts_nothing() -> None:
    """A field that is mirrored gives the mirrored map, when the kernels are symmetric."""
    model = build_segmenter("tiny", input_px=64, stride=2)
    for weight in model.weights:
        if "kernel" in weight.path and weight.shape[0] > 1:
            kernel = weight.numpy()
            weight.assign((kernel + kernel[::-1, ::-1]) / 2)
    stem = keras.Model(
        model.input, layers.UpSampling2D(2)(model.get_layer("encoder_1_block_a_relu").output)
    )
    image = np.random.default_rng(0).uniform(0, 255, (1, 64, 64, 3)).astype(np.float32)
    turned = stem.predict(image[:, ::-1, ::-1], verbose=0)[:, ::-1, ::-1]
    np.testing.assert_allclose(turned, stem.predict(image, verbose=0), atol=1e-4)


def test_weights_fit_a_model_of_another_size() -> None:
    small = build_segmenter("tiny", input_px=24)  # packings 4, 4, 2
    large = build_segmenter("tiny", input_px=64)  # packings 4, 4, 4
    large.set_weights(small.get_weights())
    assert [w.path for w in large.weights] == [w.path for w in small.weights]


@pytest.mark.parametrize("name", SCMITOSIS)
def test_weights_fit_a_model_of_many_windows(name: str) -> None:
    patch, tile = (build_segmenter(name, input_px=px, width=8, window_px=64) for px in (64, 160))
    assert [w.path for w in tile.weights] == [w.path for w in patch.weights]


def test_the_presets_windows_are_the_patches_of_the_runs() -> None:
    """Of the presets whose segmenter has channel attention."""
    parts = [config.segmenter for config in PRESETS.values() if config.segmenter.model in SCMITOSIS]
    assert {part.model for part in parts} == {"tiny", "paper"}
    for part in parts:
        assert SCMITOSIS[part.model].window_px == part.patch_px


def settled(model: keras.Model, images: np.ndarray) -> keras.Model:
    """The model with attentions that matter, normalised for the images."""
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        if "channel" in weight.path:
            weight.assign(rng.normal(0, 0.3, weight.shape))
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.0  # takes the statistics of the next batch
    model(images, training=True)
    return model


def test_a_place_looks_the_same_in_every_tile() -> None:
    """Two tiles of one field, which differ in what lies about, agree where they overlap."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    # blocks of different brightness, so that the mean over a tile depends on where it lies
    field = rng.uniform(60, 250, (1, 11, 7, 3)).repeat(64, 1).repeat(64, 2)
    field = np.clip(field + rng.normal(0, 20, field.shape), 0, 255).astype("float32")
    tile_px, shift_px, margin_px = 448, 200, 104
    first, second = field[:, :tile_px, :tile_px], field[:, shift_px : shift_px + tile_px, :tile_px]
    differences = {}
    weights = settled(build_segmenter("tiny", input_px=tile_px, window_px=64), first).get_weights()
    for window_px in (64, tile_px):
        model = build_segmenter("tiny", input_px=tile_px, window_px=window_px)
        model.set_weights(weights)
        a, b = (model(tile, training=False).numpy()[0, :, :, 0] for tile in (first, second))
        core = np.s_[margin_px:-margin_px]
        rows = slice(shift_px + margin_px, tile_px - margin_px)
        shifted = slice(margin_px, tile_px - margin_px - shift_px)
        assert a[rows, core].std() > 0.02
        differences[window_px] = np.abs(a[rows, core] - b[shifted, core]).mean()
    assert differences[64] < 1e-3 * differences[tile_px], differences


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("vnet", {}, "segmenter must be one of paper, edge, tiny, dsc_cbam.*Received: vnet"),
        ("tiny", {"depth": 3}, "among level, fusion, width, stride, window_px. Received: depth"),
        ("tiny", {"macs": 3}, "among level, fusion, width, stride, window_px. Received: macs"),
        ("tiny", {"width": "8"}, "width of segmenter tiny must be of type int. Received: '8'"),
        ("tiny", {"width": 0}, "width must be at least 1 channel. Received: 0"),
        ("tiny", {"input_px": 250}, "multiple of 8, at least 8. Received: 250"),
        ("tiny", {"stride": 3}, "stride must be 1 or 2. Received: 3"),
        ("edge", {"window_px": 200}, "window_px, the side of the.*multiple of 16. Received: 200"),
        ("edge", {"window_px": 0}, "must be a multiple of 16. Received: 0"),
        ("edge", {"input_px": 24}, "input_px of segmenter edge must be a multiple of 16"),
        ("tiny", {"input_px": 0}, "multiple of 8, at least 8. Received: 0"),
    ],
)
def test_wrong_requests(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_segmenter(name, **arguments)
