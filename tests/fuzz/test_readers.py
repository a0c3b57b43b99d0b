"""Damaged files of every kind that is read give a valid result or a `MitokerasError`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import seeds
from tests.fuzz.mutations import VALUES, Edit, as_bytes, mutated, replaced, with_key
from tests.fuzz.targets import Folder, Target, all_targets
from tests.fuzz.worker import Worker

TARGETS = all_targets()
NATIVE = [name for name in TARGETS if name.startswith(("slide/", "picture"))]
"""Read by libraries that may end the process."""

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

EDITS = st.lists(
    st.builds(Edit, st.integers(0, 7), st.integers(0, 4096), st.integers(0, 2**16)),
    min_size=1,
    max_size=6,
)
ANY_JSON = st.sampled_from(VALUES) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
JSON_TARGETS = [
    name for name, (_, given_seeds) in TARGETS.items() if given_seeds[0].startswith(b"{")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("fuzz") / "input")


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in NATIVE])
def test_the_seeds_are_valid(folder: Folder, name: str) -> None:
    read, given_seeds = TARGETS[name]
    assert all(read(folder, seed) for seed in given_seeds)


@pytest.mark.parametrize("name", NATIVE)
def test_the_pictures_and_slides_are_valid(worker: Worker, name: str) -> None:
    assert {worker.read(name, seed) for seed in TARGETS[name][1]} == {"valid"}


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in NATIVE])
def test_damaged_text(folder: Folder, name: str) -> None:
    read, given_seeds = TARGETS[name]

    @QUICK
    @given(st.sampled_from(given_seeds), EDITS)
    def check(seed: bytes, edits: list[Edit]) -> None:
        read(folder, mutated(seed, edits))

    check()


@pytest.mark.parametrize("name", JSON_TARGETS)
def test_another_structure(folder: Folder, name: str) -> None:
    read, given_seeds = TARGETS[name]
    value = json.loads(given_seeds[0])

    @QUICK
    @given(st.integers(0, 10_000), ANY_JSON, st.none() | st.text())
    def check(place: int, new: object, key: str | None) -> None:
        changed = replaced(value, place, new) if key is None else with_key(value, place, key, new)
        read(folder, as_bytes(changed))

    check()


@pytest.mark.parametrize("name", NATIVE)
def test_damaged_pictures_and_slides(worker: Worker, name: str) -> None:
    @settings(QUICK, max_examples=20)
    @given(st.sampled_from(TARGETS[name][1]), EDITS)
    def check(seed: bytes, edits: list[Edit]) -> None:
        answer = worker.read(name, mutated(seed, edits))
        assert answer in ("valid", "refused"), answer

    check()


@QUICK
@given(st.binary(max_size=200))
def test_anything_at_all(folder: Folder, worker: Worker, data: bytes) -> None:
    for start in (b"", b"\x89PNG", b"\xff\xd8", b"BM", b"II*\0", b"MM\0+"):
        assert worker.read("picture", start + data) in ("valid", "refused")


def test_the_death_of_the_worker_is_noticed(worker: Worker) -> None:
    assert worker.read("no such target", b"") == "the process ended with 1"
    assert worker.read("config", b"{}") == "valid"


def test_a_bug_is_noticed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    read: Target = TARGETS["config"][0]
    monkeypatch.setattr("tests.fuzz.targets.read_config", lambda path, base: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read(folder, seeds.config_json())


def test_counts_and_findings_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.fuzz import soak

    monkeypatch.setattr(Worker, "read", lambda self, name, data: "no answer")
    assert soak.soak(0.001, 0, tmp_path, only="detector") == 1
    counts = json.loads((tmp_path / "counts.json").read_text())
    assert counts["inputs"] == counts["targets"]["detector"]["finding"] > 0
    assert "detector: finding_" in (tmp_path / "log.txt").read_text()
    assert len(list(tmp_path.glob("finding_*.bin"))) == 1
