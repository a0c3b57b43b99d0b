from pathlib import Path

import keras
import numpy as np
import pytest

from mitokeras.models.classifiers import build_classifier
from mitokeras.models.flips import mean_over_flips


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def single(crops: np.ndarray) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = build_classifier("edge", input_px=64, crop_px=32, width=8)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # takes the statistics of the next batch
    model(crops.astype(np.float32), training=True)
    return model


def test_the_mean_of_the_four_mirror_images(single: keras.Model, crops: np.ndarray) -> None:
    flipped = [crops, crops[:, ::-1], crops[:, :, ::-1], crops[:, ::-1, ::-1]]
    expected = np.mean([single.predict(each, verbose=0) for each in flipped], axis=0)
    found = mean_over_flips(single).predict(crops, verbose=0)
    assert found.shape == (3, 1)
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_mirror_images_give_the_same(single: keras.Model, crops: np.ndarray) -> None:
    model = mean_over_flips(single)
    np.testing.assert_allclose(
        model.predict(crops[:, ::-1], verbose=0), model.predict(crops, verbose=0), atol=1e-5
    )


def test_the_weights_are_the_same(single: keras.Model) -> None:
    model = mean_over_flips(single)
    for mine, its in zip(model.get_weights(), single.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, its)
    assert model.output_shape == (None, 1)


def test_it_loads_as_it_was_saved(single: keras.Model, crops: np.ndarray, tmp_path: Path) -> None:
    model = mean_over_flips(single)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_array_equal(again.predict(crops, verbose=0), model.predict(crops, verbose=0))
