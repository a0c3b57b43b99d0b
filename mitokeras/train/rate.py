"""The learning rate of each step."""

from __future__ import annotations

import math

import keras

from mitokeras.run.stage_config import ScheduleConfig

WARM_UP = 0.05
"""Share of a cosine schedule in which the learning rate rises."""


def learning_rate(schedule: ScheduleConfig, step: int) -> float:
    """What a step learns with; after the last one of a cosine schedule, zero.

    Args:
        schedule: Learning.
        step: Counted from 0 over all epochs.
    """
    if schedule.decay == "constant":
        return schedule.learning_rate
    steps = schedule.epochs * schedule.steps_per_epoch
    warm_up = max(1, int(WARM_UP * steps))
    if step < warm_up:
        return schedule.learning_rate * step / warm_up
    gone = min(1.0, (step - warm_up) / max(1, steps - warm_up))
    return schedule.learning_rate * 0.5 * (1 + math.cos(math.pi * gone))


class RateOfStep(keras.callbacks.Callback):
    """Sets the optimizer's learning rate before each step.

    A schedule inside the optimizer is computed for each variable of the network anew: of the
    segmenters, in hundreds of branches, which took longer to trace than the network.

    Args:
        schedule: Learning.
    """

    def __init__(self, schedule: ScheduleConfig) -> None:
        super().__init__()
        self._schedule = schedule
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if keras.backend.backend() == "jax":  # its variables are stale between two steps
            self.model.jax_state_sync()
        step = self._epoch * self._schedule.steps_per_epoch + batch
        self.model.optimizer.learning_rate = learning_rate(self._schedule, step)
