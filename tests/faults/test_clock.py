"""The clock of the computer jumps, and files have times of another clock."""

import os
import time
from pathlib import Path

import pytest

from tests.watch.desk import Desk

YEAR_S = 365 * 86400


@pytest.mark.parametrize("years", [-60, -1, 1, 30])
def test_a_slide_of_another_time_is_handled_once(tmp_path: Path, years: int) -> None:
    desk = Desk(tmp_path)
    then = time.time() + years * YEAR_S
    os.utime(desk.put("a.svs"), (then, then))
    assert desk.watch() == 0
    assert desk.watch() == 0
    assert desk.handled == ["a.svs"]


def test_a_slide_that_an_older_one_replaces_is_handled_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.put("a.svs")
    desk.watch()
    os.utime(desk.inbox / "a.svs", (1_000_000, 1_000_000))
    desk.watch()
    assert desk.handled == ["a.svs", "a.svs"]


def test_the_clock_jumps_back_while_it_watches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an hour at each look at it: neither the waits nor the settling depend on it."""
    desk = Desk(tmp_path)
    looks = [0]
    now = time.time

    def jumping() -> float:
        looks[0] += 1
        return now() - 3600 * looks[0]

    monkeypatch.setattr(time, "time", jumping)
    monkeypatch.setattr(time, "time_ns", lambda: int(jumping() * 1e9))
    for name in "abc":
        desk.put(f"{name}.svs")
    began = time.monotonic()
    assert desk.watch(settle_s=0.2) == 0
    assert 0.2 <= time.monotonic() - began < 20
    assert desk.handled == ["a.svs", "b.svs", "c.svs"]
    assert list(desk.state().values()) == ["done"] * 3
