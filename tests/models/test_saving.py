import re
import zipfile
from pathlib import Path

import keras
import numpy as np

from mitokeras.models.saving import rounded, save_model


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


def test_no_memory_address_is_saved(tmp_path: Path) -> None:
    image = keras.Input((8, 8, 3), name="image")
    shared = keras.layers.Conv2D(4, 3, padding="same", name="shared")
    model = keras.Model(image, shared(keras.layers.Conv2D(3, 1, name="first")(image)))
    save_model(model, tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        config = archive.read("config.json").decode()
    numbers = [int(n) for n in re.findall(r'"shared_object_id": (\d+)', config)]
    assert numbers
    assert sorted(set(numbers)) == list(range(len(set(numbers))))
    again = keras.saving.load_model(tmp_path / "a.keras")
    pixels = np.random.default_rng(0).random((1, 8, 8, 3))
    np.testing.assert_array_equal(again(pixels), model(pixels))


def test_rounding_keeps_12_bits() -> None:
    image = keras.Input((3,), name="image")
    model = keras.Model(image, keras.layers.Dense(2, name="head")(image))
    # 1 + 2**-11 is the next number of 12 bits after 1; half of that is rounded up, less down.
    before = [1 + 2**-11, 1 + 2**-12, 1 + 2**-13, -3.5e-30, 0.1, 1 - 2**-24]
    model.set_weights([np.array(before, np.float32).reshape(3, 2), np.zeros(2, np.float32)])
    kernel, bias = rounded(model).get_weights()
    assert kernel.ravel()[:3].tolist() == [1 + 2**-11, 1 + 2**-11, 1]
    assert kernel.ravel()[5] == 1  # a carry into the exponent
    assert not np.any(kernel.view(np.uint32) & 0xFFF)
    np.testing.assert_allclose(kernel.ravel(), before, rtol=2**-12)
    assert bias.tolist() == [0, 0]
