from pathlib import Path

import keras
import numpy as np

from mitokeras.models.saving import save_model


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    image = keras.Input((4,), name="image")
    model = keras.Model(image, keras.layers.Dense(2, name="head")(image), name="m")
    model.compile("adam", "mse")
    model.fit(np.ones((2, 4)), np.ones((2, 2)), verbose=0)
    save_model(model, tmp_path / "a.keras")
    first = (tmp_path / "a.keras").read_bytes()
    again = keras.saving.load_model(tmp_path / "a.keras")
    assert again.optimizer.iterations == 1
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    save_model(model, tmp_path / "a.keras")
    assert (tmp_path / "a.keras").read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["a.keras"]
