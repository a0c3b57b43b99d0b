"""What is written in Python and runs once a candidate, tile or point must not do so more often.

Calls are counted, not seconds: the same on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mitokeras.counting.hotspot import densest_circle
from mitokeras.counting.matching import match
from mitokeras.detect.candidates import find_candidates
from mitokeras.detect.tiling import probability_map
from mitokeras.report.slide.geojson import geojson
from mitokeras.report.slide.table import prediction_table
from tests.predictions import detection, prediction, slide

FEW, MANY = 50, 400


def calls(task: Callable[[], object]) -> int:
    """Calls of Python and C functions during a task."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    task()  # imports and caches
    sys.setprofile(profile)
    try:
        task()
    finally:
        sys.setprofile(before)
    return count


def found(number: int) -> Any:
    return prediction(tuple(detection(x=30.0 * i, y=40.0) for i in range(number)), slide())


def spread(number: int) -> np.ndarray:
    """Pairs of points, far from one another."""
    return np.stack([100.0 * np.arange(number), np.zeros(number)], axis=1)


def blobs(number: int) -> np.ndarray:
    map_ = np.zeros((20, 20 * number), np.float32)
    map_.reshape(20, number, 20)[4:16, :, 4:16] = 0.9
    return map_


def rows_of_tiles(number: int) -> object:
    field = np.zeros((16 * number, 16, 3), np.uint8)
    return probability_map(field, lambda tiles: tiles[..., 0] / np.float32(255), 32, 8)


PREDICTIONS = {number: found(number) for number in (FEW, MANY)}


@pytest.mark.parametrize(
    ("task", "most"),
    [
        # 117, 8, 68 and 25 when these limits were set.
        pytest.param(lambda n: geojson(PREDICTIONS[n]), 150, id="GeoJSON"),
        pytest.param(lambda n: prediction_table(PREDICTIONS[n]), 11, id="CSV"),
        pytest.param(lambda n: match(spread(n), spread(n) + 1.0, 5.0), 90, id="matching"),
        pytest.param(rows_of_tiles, 34, id="tiles"),
    ],
)
def test_so_many_calls_for_each(task: Callable[[int], object], most: int) -> None:
    each = (calls(lambda: task(MANY)) - calls(lambda: task(FEW))) / (MANY - FEW)
    assert 1 <= each <= most


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(lambda n: find_candidates(blobs(n), 0.5, 100), id="components"),
        pytest.param(lambda n: densest_circle(spread(n), 2.0), id="hotspot"),
    ],
)
def test_numpy_does_it_for_all_at_once(task: Callable[[int], object]) -> None:
    assert calls(lambda: task(MANY)) <= calls(lambda: task(FEW)) + (MANY - FEW) // 50
