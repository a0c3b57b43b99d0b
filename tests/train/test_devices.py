"""Several devices: logical CPUs in a process of their own, since devices are fixed at start-up."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from mitokeras.train.devices import fastest_precision
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
from mitokeras.run.stage_config import ScheduleConfig
from mitokeras.models.losses import CrossentropyTversky
from mitokeras.models.segmenters import build_segmenter
from mitokeras.train.devices import distribution
from mitokeras.train.epochs import StageTraining

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
losses = [row.loss for row in training.progress.history]
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


SEEDED = """
import hashlib, sys
import mitokeras
mitokeras.__path__.append(sys.argv[1])
import numpy as np
from mitokeras.train.devices import add_up_in_order
if sys.argv[2] == "in order":
    add_up_in_order()
import keras
from mitokeras.run.stage_config import ScheduleConfig
from mitokeras.models.losses import CrossentropyTversky
from mitokeras.models.segmenters import build_segmenter
from mitokeras.train.epochs import optimizer

keras.utils.set_random_seed(0)
model = build_segmenter("tiny", input_px=128)
schedule = ScheduleConfig(batch=16, steps_per_epoch=8, epochs=1, decay="constant")
model.compile(optimizer(schedule), CrossentropyTversky(), jit_compile=False)
model.optimizer.build(model.trainable_variables)
rng = np.random.default_rng(0)
for _ in range(8):
    images = rng.integers(0, 256, (16, 128, 128, 3), dtype=np.uint8)
    model.train_on_batch(images, (images[..., :1] > 240).astype(np.uint8))
print(hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest())
"""


@pytest.mark.slow
def test_a_seed_fixes_the_weights() -> None:
    command = [sys.executable, "-c", SEEDED, str(ROOT), "in order"]
    # At the same time, so that they disturb one another.
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    digests = {process.communicate(timeout=300)[0].strip() for process in running}
    assert len(digests) == 1
    assert len(digests.pop()) == 64


def test_precision_is_put_back() -> None:
    before = keras.config.dtype_policy().name
    with fastest_precision():
        assert keras.config.dtype_policy().name == before  # no GPU in the tests
    assert keras.config.dtype_policy().name == before
