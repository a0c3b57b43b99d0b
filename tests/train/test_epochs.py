from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from mitokeras.errors import DataError, TrainingError
from mitokeras.run.stage_config import ScheduleConfig
from mitokeras.train.epochs import StageTraining, averaged, optimizer

SCHEDULE = ScheduleConfig(
    batch=4, steps_per_epoch=3, epochs=4, patience=10, learning_rate=0.05, decay="cosine"
)


def sampler(index: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(index)
    image = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return image, np.array([image.mean() > 128], dtype=np.uint8)


def build() -> keras.Model:
    keras.utils.set_random_seed(5)
    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(image))
    x = keras.layers.Dropout(0.2, seed=3)(x)
    return keras.Model(image, keras.layers.Dense(1, activation="sigmoid")(x))


class Validation:
    """Gives the scores of a list in turn, as if of the epochs."""

    def __init__(self, scores: list[float | None], stop_after: int | None = None) -> None:
        self.scores = scores
        self.stop_after = stop_after
        self.calls = 0

    def __call__(self, model: keras.Model) -> dict[str, float | None]:
        if self.stop_after == self.calls:
            raise KeyboardInterrupt
        self.calls += 1
        f1 = self.scores[self.calls - 1]
        return {"val_loss": 1.0, "val_precision": f1, "val_recall": f1, "val_f1": f1}


def train(folder: Path, validation: Any, schedule: ScheduleConfig = SCHEDULE) -> StageTraining:
    folder.mkdir(exist_ok=True)
    training = StageTraining("segmenter", folder, schedule)
    training.run(build, keras.losses.BinaryCrossentropy(), sampler, validation)
    return training


def best_weights(training: StageTraining) -> list[np.ndarray]:
    return keras.saving.load_model(training.best_file).get_weights()


def test_best_weights_are_kept_and_nothing_else(tmp_path: Path) -> None:
    training = train(tmp_path / "a", Validation([0.1, 0.8, 0.3, 0.8]))
    assert training.progress.best_epoch == 2
    assert training.progress.done
    assert [row.val_f1 for row in training.progress.history] == [0.1, 0.8, 0.3, 0.8]
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == [
        "segmenter-best-0002.keras",
        "segmenter.json",
    ]
    short = SCHEDULE.model_copy(update={"epochs": 2})
    # two epochs of the same schedule give the same weights only if the decay is that of four
    constant = {"decay": "constant"}
    full = train(
        tmp_path / "b", Validation([0.1, 0.8, 0.3, 0.2]), SCHEDULE.model_copy(update=constant)
    )
    half = train(tmp_path / "c", Validation([0.1, 0.8]), short.model_copy(update=constant))
    for one, other in zip(best_weights(full), best_weights(half), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("stopped_in", [1, 2, 3, 4])
def test_a_stopped_training_ends_as_an_undisturbed_one(tmp_path: Path, stopped_in: int) -> None:
    scores = [0.1, 0.2, 0.3, 0.4]
    whole = train(tmp_path / "whole", Validation(scores))
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut", Validation(scores, stop_after=stopped_in - 1))
    resumed = train(tmp_path / "cut", Validation(scores[stopped_in - 1 :]))
    assert resumed.progress.history == whole.progress.history
    for one, other in zip(best_weights(resumed), best_weights(whole), strict=True):
        np.testing.assert_array_equal(one, other)


def test_early_stopping_and_undefined_scores(tmp_path: Path) -> None:
    schedule = SCHEDULE.model_copy(update={"patience": 2, "epochs": 9})
    validation = Validation([None, 0.0, 0.5, 0.4, 0.5, 0.9])
    training = train(tmp_path / "a", validation, schedule)
    assert training.progress.epoch == 5
    assert training.progress.best_epoch == 3
    train(tmp_path / "a", Validation([]), schedule)  # done: validates no more


def test_a_loss_that_is_no_number_stops(tmp_path: Path) -> None:
    def poisoned(index: int) -> tuple[np.ndarray, np.ndarray]:
        image, label = sampler(index)
        return image.astype(np.float32) * (np.nan if index > 15 else 1), label

    training = StageTraining("segmenter", tmp_path, SCHEDULE)
    rule = r"the segmenter's loss must be finite. Received: nan in epoch 2, step 2"
    with pytest.raises(TrainingError, match=rule):
        training.run(build, keras.losses.BinaryCrossentropy(), poisoned, Validation([0.5] * 4))
    # the state of the epoch before is whole
    assert StageTraining("segmenter", tmp_path, SCHEDULE).progress.epoch == 1


def test_an_error_of_the_data_comes_through(tmp_path: Path) -> None:
    def damaged(index: int) -> tuple[np.ndarray, np.ndarray]:
        if index == 7:
            raise DataError("store.h5: damaged")
        return sampler(index)

    training = StageTraining("segmenter", tmp_path, SCHEDULE)
    with pytest.raises(DataError, match=r"^store\.h5: damaged$"):
        training.run(build, keras.losses.BinaryCrossentropy(), damaged, Validation([0.5] * 4))


def test_the_average_of_the_weights_is_kept_from_the_last_epoch(tmp_path: Path) -> None:
    changes = {"ema": 0.6, "epochs": 2, "patience": 1, "decay": "constant"}
    schedule = SCHEDULE.model_copy(update=changes)
    seen: list[list[np.ndarray]] = []

    def validate(model: keras.Model) -> dict[str, float | None]:
        seen.append(model.get_weights())
        return dict.fromkeys(("val_loss", "val_precision", "val_recall", "val_f1"), 0.0)

    training = train(tmp_path / "a", validate, schedule)
    assert training.progress.best_epoch == 2
    for kept, validated in zip(best_weights(training), seen[-1], strict=True):
        np.testing.assert_array_equal(kept, validated)

    model = build()
    loss = keras.losses.BinaryCrossentropy()
    model.compile(optimizer(schedule.model_copy(update={"ema": 0.0})), loss)
    average = None
    for step in range(6):
        images, labels = zip(*(sampler(4 * step + i) for i in range(4)), strict=True)
        if step == 3:  # of the dropout, as at the second epoch's begin
            model.layers[3].seed_generator.state.assign([3, 1])
        if step == 0:
            model.layers[3].seed_generator.state.assign([3, 0])
        model.train_on_batch(np.stack(images), np.stack(labels))
        own = model.get_weights()
        average = (
            own
            if average is None
            else [0.6 * old + 0.4 * new for old, new in zip(average, own, strict=True)]
        )
    for kept, expected in zip(best_weights(training), average or [], strict=True):
        np.testing.assert_allclose(kept, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("stopped_in", [1, 2])
def test_an_averaging_training_goes_on_after_a_stop(tmp_path: Path, stopped_in: int) -> None:
    schedule = SCHEDULE.model_copy(update={"ema": 0.6, "epochs": 2})
    whole = train(tmp_path / "whole", Validation([0.5, 0.4]), schedule)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "cut", Validation([0.5, 0.4], stop_after=stopped_in - 1), schedule)
    resumed = train(tmp_path / "cut", Validation([0.5, 0.4][stopped_in - 1 :]), schedule)
    for one, other in zip(best_weights(resumed), best_weights(whole), strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_validation_the_last_epoch_is_kept(tmp_path: Path) -> None:
    def validate(model: keras.Model) -> dict[str, float | None]:
        return dict.fromkeys(("val_loss", "val_precision", "val_recall", "val_f1"))

    schedule = SCHEDULE.model_copy(update={"patience": 1})
    assert train(tmp_path / "a", validate, schedule).progress.best_epoch == 4


def test_the_average_is_found_inside_of_a_loss_scale() -> None:
    model = build()
    inner = optimizer(SCHEDULE.model_copy(update={"ema": 0.9}))
    scaled = keras.optimizers.LossScaleOptimizer(inner)
    model.compile(scaled, keras.losses.BinaryCrossentropy())
    for step in range(3):
        image, label = sampler(step)
        model.train_on_batch(image[None], label[None])
    raw = model.get_weights()
    with averaged(model):
        assert any((a != b).any() for a, b in zip(model.get_weights(), raw, strict=True))
    for one, other in zip(model.get_weights(), raw, strict=True):
        np.testing.assert_array_equal(one, other)
