from typing import Any

import keras
import numpy as np
import pytest

from mitokeras.run.stage_config import ScheduleConfig
from mitokeras.train.rate import RateOfStep, learning_rate

SCHEDULE = ScheduleConfig(steps_per_epoch=10, epochs=10, learning_rate=0.1)


def test_cosine_rises_and_falls_to_zero() -> None:
    values = [learning_rate(SCHEDULE, step) for step in range(101)]
    assert values[0] == 0
    assert values[2] == pytest.approx(0.04)
    assert max(values) == values[5] == pytest.approx(0.1)
    keras_own = keras.optimizers.schedules.CosineDecay(0.0, 95, warmup_target=0.1, warmup_steps=5)
    np.testing.assert_allclose(values, [keras_own(step) for step in range(101)], atol=1e-7)
    constant = SCHEDULE.changed(decay="constant")
    assert {learning_rate(constant, step) for step in (0, 50, 100)} == {0.1}


def test_each_step_learns_with_its_own_rate_and_a_later_epoch_goes_on() -> None:
    class Recorder(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            used.append(float(self.model.optimizer.learning_rate))

    used: list[float] = []
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    ones = np.ones((20, 1), np.float32)
    model.fit(
        ones, ones, batch_size=2, initial_epoch=7, epochs=9, verbose=0,
        callbacks=[RateOfStep(SCHEDULE), Recorder()],
    )  # fmt: skip
    np.testing.assert_allclose(used, [learning_rate(SCHEDULE, 70 + n) for n in range(20)], 1e-6)
