from pathlib import Path

import keras
import numpy as np
import pytest

from mitokeras.models.classifiers import build_classifier
from mitokeras.models.ensembles import ensemble, of_centre
from mitokeras.models.flips import mean_over_flips


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 48, 48, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def members(crops: np.ndarray) -> list[keras.Model]:
    """For the inner 32 px and for all 48."""
    keras.utils.set_random_seed(0)
    models = [build_classifier("edge", input_px=64, crop_px=px, width=8) for px in (32, 48)]
    for model in models:
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = 0.0  # takes the statistics of the next batch
        model(crops[:, : model.input_shape[1], : model.input_shape[1]], training=True)
    return models


def _judge(model: keras.Model, crops: np.ndarray) -> np.ndarray:
    return model.predict(crops, verbose=0)


def test_the_centre_is_that_of_the_crop_that_is_cut(
    members: list[keras.Model], crops: np.ndarray
) -> None:
    inner = members[0]
    found = _judge(of_centre(inner, 48), crops)
    np.testing.assert_allclose(found, _judge(inner, crops[:, 8:40, 8:40]), atol=1e-6)


def test_the_mean_is_of_logits(members: list[keras.Model], crops: np.ndarray) -> None:
    inner, whole = _judge(members[0], crops[:, 8:40, 8:40]), _judge(members[1], crops)
    assert np.abs(inner - whole).max() > 0.02
    odds = np.sqrt(inner / (1 - inner) * whole / (1 - whole))
    np.testing.assert_allclose(_judge(ensemble(members, 48), crops), odds / (1 + odds), atol=1e-5)


def test_its_weights_are_those_of_the_members_in_turn(members: list[keras.Model]) -> None:
    own = mean_over_flips(ensemble(members, 48)).get_weights()
    for mine, its in zip(own, [w for m in members for w in m.get_weights()], strict=True):
        np.testing.assert_array_equal(mine, its)


def test_it_loads_as_it_was_saved(
    members: list[keras.Model], crops: np.ndarray, tmp_path: Path
) -> None:
    model = mean_over_flips(ensemble(members, 48))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_array_equal(_judge(again, crops), _judge(model, crops))
