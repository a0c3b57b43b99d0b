import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from mitokeras.errors import ModelError
from mitokeras.models.classifiers import build_classifier
from mitokeras.models.flips import mean_over_flips
from mitokeras.models.losses import CrossentropyTversky
from mitokeras.models.saving import save_model
from mitokeras.models.segmenters import build_segmenter
from mitokeras.runners.keras import KerasRunner, load_runner


def test_any_batch_and_later_weights(tmp_path: Path) -> None:
    model = build_segmenter("tiny", input_px=32)
    runner = KerasRunner(model)
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    all_at_once = runner(images)
    assert all_at_once.shape == (3, 32, 32)
    assert all_at_once.dtype == np.float32
    np.testing.assert_allclose(runner(images[:1]), all_at_once[:1], atol=1e-6)
    model.set_weights([weight * 1.5 for weight in model.get_weights()])
    assert np.abs(runner(images) - all_at_once).max() > 1e-3

    save_model(model, tmp_path / "model.keras")
    loaded = load_runner(tmp_path / "model.keras", "segmenter", None)
    np.testing.assert_allclose(loaded(images), runner(images), atol=1e-6)


def test_a_process_that_has_built_no_model_loads_both(tmp_path: Path) -> None:
    segmenter = build_segmenter("tiny", input_px=32)
    segmenter.compile(loss=CrossentropyTversky())
    classifier = mean_over_flips(build_classifier("edge", input_px=64, crop_px=32, width=8))
    code = "import sys, pathlib; from mitokeras.runners.keras import load_runner\n"
    for role, model in (("segmenter", segmenter), ("classifier", classifier)):
        save_model(model, tmp_path / f"{role}.keras")
        code += f"load_runner(pathlib.Path(sys.argv[1], '{role}.keras'), '{role}', None)\n"
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)


def test_a_lambda_in_a_file_is_never_run(tmp_path: Path) -> None:
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, keras.layers.Lambda(lambda x: x * 2)(image))
    model.save(tmp_path / "evil.keras")
    with pytest.raises(ModelError, match=r"evil\.keras: not a Keras model of mitokeras"):
        load_runner(tmp_path / "evil.keras", "segmenter", None)


def test_the_other_stage_and_other_networks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    save_model(build_segmenter("tiny", input_px=32), path)
    with pytest.raises(ModelError, match=r"a classifier must map .* to \(None, 1\)\. Received"):
        load_runner(path, "classifier", None)
    images = [keras.Input((8, 8, 3)), keras.Input((8, 8, 3))]
    keras.Model(images, keras.layers.Add()(images)).save(path)
    with pytest.raises(ModelError, match=r"a segmenter must map \(None, side, side, 3\)"):
        load_runner(path, "segmenter", None)
