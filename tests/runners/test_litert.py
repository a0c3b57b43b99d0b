import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mitokeras.errors import ModelError
from mitokeras.export.tflite.convert import convert
from mitokeras.export.trained.frozen import frozen
from mitokeras.models.classifiers import build_classifier
from mitokeras.models.segmenters import build_segmenter
from mitokeras.runners.keras import KerasRunner
from mitokeras.runners.litert import load_runner

ROOT = Path(__file__).parent.parent.parent

MODELS = {
    "segmenter": lambda: build_segmenter("tiny", input_px=64),
    "classifier": lambda: build_classifier("edge", input_px=32, crop_px=32, width=8),
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Role -> the Keras network's runner and its TFLite file, in a folder with an umlaut."""
    folder = tmp_path_factory.mktemp("Präparate")
    pairs = {}
    for role, build in MODELS.items():
        model = build()
        path = folder / f"{role}.tflite"
        path.write_bytes(convert(frozen(model), "none"))
        pairs[role] = KerasRunner(model), path
    return pairs


@pytest.mark.parametrize(("role", "side"), [("segmenter", 64), ("classifier", 32)])
def test_equals_keras_on_any_batch(pairs: dict, role, side: int) -> None:
    keras_runner, path = pairs[role]
    runner = load_runner(path, role, threads=1)
    images = np.random.default_rng(0).integers(0, 256, (5, side, side, 3), dtype=np.uint8)
    expected = keras_runner(images)
    for chosen in (slice(0, 5), slice(0, 1), slice(2, 5), slice(0, 0)):
        found = runner(images[chosen])
        assert found.dtype == np.float32
        assert found.shape == expected[chosen].shape
        np.testing.assert_allclose(found, expected[chosen], atol=1e-4)
    on_all_cores = load_runner(path, role, threads=None)
    np.testing.assert_allclose(on_all_cores(images), expected, atol=1e-4)


def test_a_result_is_not_changed_by_the_next_call(pairs: dict) -> None:
    runner = load_runner(pairs["segmenter"][1], "segmenter", threads=1)
    black, white = (np.full((1, 64, 64, 3), value, dtype=np.uint8) for value in (0, 255))
    first = runner(black)
    kept = first.copy()
    assert np.abs(runner(white) - first).max() > 0
    np.testing.assert_array_equal(first, kept)


def test_runs_where_there_is_no_tensorflow(pairs: dict) -> None:
    code = f"""
import sys
sys.modules.update(dict.fromkeys(("tensorflow", "keras", "h5py")))
from pathlib import Path
import numpy as np
from mitokeras.runners.loading import load_runner
runner = load_runner(Path({str(pairs["classifier"][1])!r}), "classifier", 32, 1)
assert runner(np.zeros((2, 32, 32, 3), np.uint8)).shape == (2,)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_other_files_are_refused(pairs: dict, tmp_path: Path) -> None:
    model = pairs["segmenter"][1].read_bytes()
    (tmp_path / "text.tflite").write_text("not a model")
    (tmp_path / "empty.tflite").touch()
    (tmp_path / "half.tflite").write_bytes(model[: len(model) // 2])
    (tmp_path / "segmenter.tflite").write_bytes(model)
    for name, message in {
        "text.tflite": "not a TFLite network",
        "empty.tflite": "not a TFLite network",
        "half.tflite": "not a TFLite network",
        "none.tflite": "cannot be read: No such file",
        "segmenter.tflite": "a classifier must map",
    }.items():
        with pytest.raises(ModelError) as error:
            load_runner(tmp_path / name, "classifier", 1)
        assert str(error.value).startswith(f"{tmp_path / name}: {message}")
        assert "\n" not in str(error.value)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux holds a process to CPUs")
def test_the_cpus_are_those_that_the_process_may_use() -> None:
    program = (
        "import os; from mitokeras.runners.litert import usable_cpus; before = usable_cpus(); "
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); print(before, usable_cpus())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == [str(len(os.sched_getaffinity(0))), "1"], done.stderr
