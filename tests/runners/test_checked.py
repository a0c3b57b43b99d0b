from pathlib import Path

import numpy as np
import pytest

from mitokeras.errors import DataError, ModelError
from mitokeras.runners.checked import CheckedRunner

PATH = Path("bundle/segmenter.onnx")
TILES = np.zeros((2, 4, 4, 3), np.uint8)
CROPS = np.zeros((3, 4, 4, 3), np.uint8)


class Network:
    side_px = 4

    def __init__(self, given: np.ndarray | Exception) -> None:
        self._given = given

    def __call__(self, images: np.ndarray) -> np.ndarray:
        if isinstance(self._given, Exception):
            raise self._given
        return self._given


def test_probabilities_pass_as_they_are() -> None:
    maps = np.linspace(0, 1, 32, dtype=np.float32).reshape(2, 4, 4)
    assert CheckedRunner(Network(maps), PATH, "segmenter")(TILES) is maps
    scores = np.array([0, 0.5, 1], np.float32)
    assert CheckedRunner(Network(scores), PATH, "classifier")(CROPS) is scores
    none = np.zeros(0, np.float32)
    assert CheckedRunner(Network(none), PATH, "classifier")(CROPS[:0]) is none


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, -0.1, 1.5])
def test_one_value_that_is_no_probability(wrong: float) -> None:
    maps = np.full((2, 4, 4), 0.5, np.float32)
    maps[1, 2, 3] = wrong
    with pytest.raises(ModelError, match=r"segmenter\.onnx: the network must give probabilities"):
        CheckedRunner(Network(maps), PATH, "segmenter")(TILES)


def test_a_failure_and_another_shape_name_the_file() -> None:
    failing = CheckedRunner(Network(RuntimeError("no\nmemory")), PATH, "segmenter")
    with pytest.raises(ModelError, match=r"segmenter\.onnx: the network fails on an image: no mem"):
        failing(TILES)
    longer = CheckedRunner(Network(np.zeros((3, 2), np.float32)), PATH, "classifier")
    with pytest.raises(ModelError, match=r"an array of \(3,\)\. Received: \(3, 2\)"):
        longer(CROPS)


def test_images_of_floating_point_are_refused() -> None:
    never = CheckedRunner(Network(AssertionError("it ran")), PATH, "segmenter")
    with pytest.raises(DataError, match=r"an image must be RGB, uint8.* Received: float64"):
        never(TILES / 255)
