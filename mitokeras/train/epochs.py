"""Training one network: epochs, validation, best weights, checkpoints, early stopping."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from mitokeras.disk.files import read_json, write_json
from mitokeras.disk.records import parse
from mitokeras.errors import MitokerasError, TrainingError
from mitokeras.models.saving import save_model
from mitokeras.run.stage_config import ScheduleConfig
from mitokeras.train.batches.feed import Sampler, numpy_batches, tf_batches
from mitokeras.train.devices import compile_with_xla
from mitokeras.train.progress import Epoch, Progress
from mitokeras.train.rate import RateOfStep, learning_rate

logger = logging.getLogger(__name__)

Validate = Callable[[keras.Model], dict[str, float | None]]
"""Model -> val_loss, val_precision, val_recall and val_f1; None where undefined, all of them where
there is no validation field."""


class StageTraining:
    """Trains one network so that a killed program can go on with the next epoch.

    After each epoch the model with its optimizer is written, and once more where it is the best
    so far, before the JSON file that points to both: whatever the moment of a kill, that file
    describes a whole state.

    Args:
        stage: "segmenter" or "classifier".
        folder: Folder of the checkpoints.
        schedule: Learning.
        strategy: TensorFlow's distribution strategy, or None for one device.
    """

    def __init__(
        self, stage: str, folder: Path, schedule: ScheduleConfig, strategy: Any = None
    ) -> None:
        self.stage = stage
        self.schedule = schedule
        self._folder = folder
        self._scope = strategy.scope if strategy is not None else contextlib.nullcontext
        self._progress_file = folder / f"{stage}.json"
        self.progress = Progress()
        if self._progress_file.is_file():
            self.progress = parse(Progress, read_json(self._progress_file))

    @property
    def best_file(self) -> Path:
        """The `.keras` file of the best epoch."""
        return self._folder / f"{self.stage}-best-{self.progress.best_epoch:04d}.keras"

    @property
    def _last_file(self) -> Path:
        return self._folder / f"{self.stage}-last-{self.progress.epoch:04d}.keras"

    def run(
        self,
        build: Callable[[], keras.Model],
        loss: keras.losses.Loss,
        sampler: Sampler,
        validate: Validate,
    ) -> None:
        """Train to the end, or not at all where `progress.done`.

        Args:
            build: Gives the network with its first weights.
            loss: To minimise.
            sampler: Gives the training samples.
            validate: Scores the network after each epoch.

        Raises:
            TrainingError: The loss is not finite.
        """
        if self.progress.done:
            return
        schedule = self.schedule
        with self._scope():
            if self.progress.epoch:
                model = keras.saving.load_model(self._last_file, safe_mode=True)
            else:
                model = build()
                model.compile(optimizer(schedule), loss, jit_compile=compile_with_xla())
                # Made during the first step, its variables have TensorFlow trace the step twice.
                model.optimizer.build(model.trainable_variables)
        first = self.progress.epoch * schedule.steps_per_epoch * schedule.batch
        batches = tf_batches if keras.backend.backend() == "tensorflow" else numpy_batches
        source = _Source(sampler)
        with logging_redirect_tqdm(), _bar(self) as bar, source.own_errors():
            model.fit(
                batches(source, schedule.batch, first),
                steps_per_epoch=schedule.steps_per_epoch,
                initial_epoch=self.progress.epoch,
                epochs=schedule.epochs,
                verbose=0,
                shuffle=False,
                callbacks=[RateOfStep(schedule), _Watch(self, bar), _EpochEnd(self, validate)],
            )
        self._keep(self.progress.changed(done=True))
        self._last_file.unlink(missing_ok=True)

    def finish_epoch(self, model: keras.Model, row: Epoch, seconds: float) -> None:
        """Keep the state after an epoch, and its weights where they are the best so far."""
        old_best, old_last = self.best_file, self._last_file
        history = (*self.progress.history, row)
        # An average needs no choice, and without validation there is none.
        chosen = not self.schedule.ema and row.val_loss is not None
        best = max(history, key=_score) if chosen else row
        self.progress = Progress(
            epoch=row.epoch,
            best_epoch=best.epoch,
            done=row.epoch - best.epoch >= self.schedule.patience,
            history=history,
            seconds=self.progress.seconds + seconds,
        )
        if best is row:
            with averaged(model):
                save_model(model, self.best_file)
        save_model(model, self._last_file)
        self._keep(self.progress)
        for old in (old_best, old_last):
            if old not in (self.best_file, self._last_file):
                old.unlink(missing_ok=True)

    def _keep(self, progress: Progress) -> None:
        self.progress = progress
        write_json(self._progress_file, progress.to_json())


def optimizer(schedule: ScheduleConfig) -> keras.optimizers.Optimizer:
    """AdamW, which `RateOfStep` gives the schedule's learning rates."""
    average = {"use_ema": True, "ema_momentum": schedule.ema} if schedule.ema else {}
    return keras.optimizers.AdamW(
        schedule.learning_rate, weight_decay=schedule.weight_decay, **average
    )


@contextlib.contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """The model with the moving average of its weights inside the block, where one is kept."""
    # In mixed precision the optimizer that keeps the average is inside of one that scales losses.
    keeper = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not keeper.use_ema:
        yield
        return
    variables = model.trainable_variables
    own = [keras.ops.copy(variable.value) for variable in variables]
    keeper.finalize_variable_values(variables)
    try:
        yield
    finally:
        for variable, value in zip(variables, own, strict=True):
            variable.assign(value)


def _score(row: Epoch) -> tuple[float, float]:
    f1, loss = row.val_f1, row.val_loss
    return (-1.0 if f1 is None else f1, -math.inf if loss is None else -loss)


def _bar(training: StageTraining) -> tqdm:
    schedule, progress = training.schedule, training.progress
    return tqdm(
        desc=training.stage,
        total=schedule.epochs * schedule.steps_per_epoch,
        initial=progress.epoch * schedule.steps_per_epoch,
        unit="step",
        disable=None,  # quiet when not on a terminal
    )


class _Source:
    """A sampler whose user errors come through tf.data as they are."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler
        self._error: MitokerasError | None = None

    def __call__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        try:
            return self._sampler(index)
        except MitokerasError as error:
            self._error = error
            raise

    @contextlib.contextmanager
    def own_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            if self._error is not None:
                raise self._error from None
            raise


class _Watch(keras.callbacks.Callback):
    """Moves the progress bar, and stops when the loss is no longer a number."""

    def __init__(self, training: StageTraining, bar: tqdm) -> None:
        super().__init__()
        self._training = training
        self._bar = bar

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        loss = float((logs or {})["loss"])
        if not math.isfinite(loss):
            training = self._training
            raise TrainingError(
                f"the {training.stage}'s loss must be finite. Received: {loss} in epoch "
                f"{training.progress.epoch + 1}, step {batch + 1}; lower "
                f"{training.stage}.schedule.learning_rate"
            )
        self._bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
        self._bar.update()


class _EpochEnd(keras.callbacks.Callback):
    """Validates, keeps the state and says how it went."""

    def __init__(self, training: StageTraining, validate: Validate) -> None:
        super().__init__()
        self._training = training
        self._validate = validate
        self._started = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._started = time.monotonic()
        # A .keras file does not hold the state of dropout's generators.
        for number, layer in enumerate(self.model.layers):
            if isinstance(layer, keras.layers.Dropout) and layer.rate > 0:
                layer.seed_generator.state.assign([number, epoch])

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        training = self._training
        with averaged(self.model):
            scores = self._validate(self.model)
        schedule = training.schedule
        row = Epoch(
            stage=training.stage,
            epoch=epoch + 1,
            loss=float((logs or {})["loss"]),
            learning_rate=learning_rate(schedule, (epoch + 1) * schedule.steps_per_epoch),
            **scores,
        )
        training.finish_epoch(self.model, row, time.monotonic() - self._started)
        self.model.stop_training = training.progress.done
        said = [f"loss {row.loss:.4f}"]
        for name, value in scores.items():
            if value is not None:
                said.append(f"{name.replace('val_', 'validation ')} {value:.3f}")
        logger.info(
            "%s epoch %d of %d: %s",
            training.stage,
            epoch + 1,
            schedule.epochs,
            ", ".join(said),
        )
