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


def test_rounding_keeps_10_bits() -> None:
    image = keras.Input((3,), name="image")
    model = keras.Model(image, keras.layers.Dense(2, name="head")(image))
    # 1 + 2**-9 is the next number of 10 bits after 1; half of that is rounded up, less down.
    before = [1 + 2**-9, 1 + 2**-10, 1 + 2**-11, -3.5e-30, 0.1, 1 - 2**-24]
    model.set_weights([np.array(before, np.float32).reshape(3, 2), np.zeros(2, np.float32)])
    kernel, bias = rounded(model).get_weights()
    assert kernel.ravel()[:3].tolist() == [1 + 2**-9, 1 + 2**-9, 1]
    assert kernel.ravel()[5] == 1  # a carry into the exponent
    assert not np.any(kernel.view(np.uint32) & 0x3FFF)
    np.testing.assert_allclose(kernel.ravel(), before, rtol=2**-10)
    assert bias.tolist() == [0, 0]


def test_a_packed_file_loads_as_it_was_saved(tmp_path: Path) -> None:
    image = keras.Input((16,), name="image")
    model = rounded(keras.Model(image, keras.layers.Dense(400, name="head")(image)))
    for packed in (False, True):
        save_model(model, tmp_path / f"{packed}.keras", packed=packed)
    again = keras.saving.load_model(tmp_path / "True.keras", safe_mode=True)
    for one, other in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    sizes = [(tmp_path / f"{packed}.keras").stat().st_size for packed in (False, True)]
    assert sizes[1] < 0.6 * sizes[0]
