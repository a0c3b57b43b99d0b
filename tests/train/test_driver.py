from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import keras
import numpy as np
import pytest

from mitokeras.run.stage_config import ScheduleConfig
from mitokeras.train.driver import Training


@pytest.mark.parametrize(
    ("ema", "start", "mean"), [(0.0, None, 0.0), (0.9, None, 100.0), (0.9, "edge", 0.0)]
)
def test_only_an_average_of_weights_gets_moments_of_its_own(
    tmp_path: Path, ema: float, start: str | None, mean: float
) -> None:
    """Without one the network is that of the best epoch, as it was validated; with a start it keeps
    those of that."""
    image = keras.Input((8, 8, 3))
    network = keras.Model(image, keras.layers.BatchNormalization()(image))
    network.save(tmp_path / "best.keras")
    stage = SimpleNamespace(
        schedule=ScheduleConfig(batch=2, ema=ema),
        best_file=tmp_path / "best.keras",
        run=lambda *_: None,
    )
    patch = np.full((8, 8, 3), 100, np.uint8), np.zeros(1, np.float32)
    training = object.__new__(Training)
    training.run = cast(Any, SimpleNamespace(settings=SimpleNamespace(start=start)))
    found = training.train(
        cast(Any, stage), lambda: network, cast(Any, None), lambda _: patch, lambda _: patch,
        lambda _: {},
    )  # fmt: skip
    np.testing.assert_allclose(found.layers[-1].moving_mean.numpy(), mean, rtol=1e-5)
