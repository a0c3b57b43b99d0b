"""Damaged networks and stores give a valid result or a `MitokerasError`."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.fuzz import network_targets
from tests.fuzz.mutations import random_damage
from tests.fuzz.worker import NETWORKS, Worker

TARGETS = network_targets.all_targets()
EXAMPLES = 12

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    worker = Worker(NETWORKS)
    yield worker
    worker.close()


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_valid(worker: Worker, name: str) -> None:
    assert {worker.read(name, seed) for seed in TARGETS[name][1]} == {"valid"}


@pytest.mark.parametrize("name", TARGETS)
def test_damage(worker: Worker, name: str) -> None:
    (seed,) = TARGETS[name][1]
    for number in range(EXAMPLES):
        data = random_damage(seed, random.Random(f"{name} {number}"))
        answer = worker.read(name, data)
        assert answer in ("valid", "refused"), answer
