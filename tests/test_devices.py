"""Several devices: logical CPUs in a process of their own, since devices are fixed at start-up."""

import json
import subprocess
import sys
from pathlib import Path

import keras

from mitokeras.devices import fastest_precision
from tests.runs import ROOT

CODE = """
import json, sys
from pathlib import Path
import mitokeras
mitokeras.__path__.append(sys.argv[1])
import keras
import numpy as np
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
from mitokeras.config import ScheduleConfig
from mitokeras.losses import CrossentropyTversky
from mitokeras.models import build_segmenter
from mitokeras.devices import distribution
from mitokeras.training import StageTraining

def sampler(index):
    rng = np.random.default_rng(index)
    image = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    return image, (image[..., :1] > 200).astype(np.uint8)

def validate(model):
    return {"val_loss": 1.0, "val_precision": None, "val_recall": None, "val_f1": None}

strategy = distribution(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
assert distribution() is None  # no GPU here
folder = Path(sys.argv[2])
schedule = ScheduleConfig(
    batch=8, steps_per_epoch=4, epochs=2, learning_rate=0.01, decay="constant"
)
training = StageTraining("segmenter", folder, schedule, strategy)
training.run(lambda: build_segmenter("tiny", input_px=32), CrossentropyTversky(), sampler, validate)
losses = [row["loss"] for row in training.progress.history]
model = keras.saving.load_model(training.best_file)
print(json.dumps({"losses": losses, "steps": int(model.optimizer.iterations)}))
"""


def test_training_is_mirrored_over_two_devices(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(ROOT), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    first, second = result["losses"]
    assert 0 < second < first < 2
    assert result["steps"] in (4, 8)


def test_precision_is_put_back() -> None:
    before = keras.config.dtype_policy().name
    with fastest_precision():
        assert keras.config.dtype_policy().name == before  # no GPU in the tests
    assert keras.config.dtype_policy().name == before
