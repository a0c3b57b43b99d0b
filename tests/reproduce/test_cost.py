from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from mitokeras.reproduce import cost
from mitokeras.reproduce.cost import ROUNDS, timed

SECONDS = [(900.0, 90.0), (1.0, 4.0), (2.0, 4.0), (3.0, 5.0), (700.0, 6.0), (2.5, 7.0)]
"""Of job a and job b in each turn."""


def readings() -> Iterator[float]:
    """What a clock shows before and after each job."""
    now = 0.0
    for turn in SECONDS:
        for taken in turn:
            yield now
            now += taken
            yield now


def test_medians_of_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first turn does not count, and one disturbed turn of five does not either."""
    clock = readings()
    monkeypatch.setattr(cost, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    calls: list[str] = []
    found = timed(
        {("a", "fp32"): lambda: calls.append("a"), ("b", "int8"): lambda: calls.append("b")}
    )
    assert found == {("a", "fp32"): 2.5, ("b", "int8"): 5.0}
    assert calls == ["a", "b"] * (ROUNDS + 1)
