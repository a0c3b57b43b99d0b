"""Who gets which task, and what happens when workers fail, on a cluster that is played."""

import logging
import platform
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import mitokeras
from mitokeras.detect.spec import Thresholds
from mitokeras.errors import ConfigError, DataError, ModelError
from mitokeras.predict.engines import workers as workers_module
from mitokeras.predict.engines.workers import Worker, Workers
from mitokeras.predict.location import SlideFile
from tests.predict.fake import fake_detector

MODEL = Path("model")


class RayError(Exception):
    pass


class RayTaskError(RayError):
    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(eq=False)
class Call:
    actor: "Actor"
    argument: Any = None
    result: Any = None
    error: Exception | None = None
    over: bool = False

    def end(self, result: Any = None, error: Exception | None = None) -> None:
        self.result, self.error, self.over = result, error, True


@dataclass(eq=False)
class Actor:
    calls: list[Call] = field(default_factory=list)
    killed: bool = False

    def __getattr__(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(remote=self._call)

    def _call(self, *arguments: Any) -> Call:
        self.calls.append(Call(self, arguments[0]))
        return self.calls[-1]


class Ray:
    """A cluster whose calls end when the test says so."""

    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)

    def __init__(self, *cpus: float) -> None:
        self.actors: list[Actor] = []
        self.cpus = list(cpus)
        self.num_cpus = 0

    def nodes(self) -> list[dict]:
        dead = {"Alive": False, "Resources": {"CPU": 64.0}}
        alive = [{"Alive": True, "Resources": {"CPU": c} if c else {}} for c in self.cpus]
        return [dead, *alive]

    def remote(self, num_cpus: int) -> Any:
        self.num_cpus = num_cpus

        def hire(*_: Any) -> Actor:
            self.actors.append(Actor())
            return self.actors[-1]

        return lambda cls: SimpleNamespace(remote=hire)

    def wait(self, refs: list[Call], num_returns: int, timeout: float) -> tuple[list, list]:
        ready = [ref for ref in refs if ref.over][:num_returns]
        return ready, [ref for ref in refs if ref not in ready]

    def get(self, ref: Call) -> Any:
        if ref.error is not None:
            raise ref.error
        return ref.result

    def kill(self, actor: Actor) -> None:
        actor.killed = True

    @property
    def alive(self) -> list[Actor]:
        return [actor for actor in self.actors if not actor.killed]


@dataclass(eq=False)
class Told:
    """A piece that remembers what it was told."""

    task: str = "task"
    told: list = field(default_factory=list)

    def done(self, result: Any) -> None:
        self.told.append(("done", result))

    def failed(self, error: Exception) -> None:
        self.told.append(("failed", str(error)))

    def lost(self, reason: str, guilty: bool) -> None:
        self.told.append(("lost", reason, guilty))


def workers_on(ray: Ray, threads: int = 2) -> Workers:
    spec = fake_detector().spec
    return Workers(ray, MODEL, spec, spec.thresholds, threads)


def loaded(ray: Ray, workers: Workers) -> Workers:
    for actor in ray.alive:
        actor.calls[0].end()
    workers.wait()
    return workers


@pytest.mark.parametrize(
    ("cpus", "threads", "number", "each"),
    [
        ([16.0], 2, 8, 2),
        ([3.0, 3.0], 2, 2, 2),  # a worker needs its CPUs on one node
        ([1.0], 2, 1, 1),
        ([1.0, 4.0, 0.0], 8, 1, 4),
        ([1.0, 1.0], 1, 2, 1),
    ],
)
def test_as_many_workers_as_the_nodes_can_hold(
    cpus: list[float], threads: int, number: int, each: int
) -> None:
    ray = Ray(*cpus)
    assert len(workers_on(ray, threads)) == number
    assert len(ray.actors) == number
    assert ray.num_cpus == each


def test_a_cluster_without_cpus() -> None:
    with pytest.raises(ConfigError, match="a node with a CPU"):
        workers_on(Ray(0.0))


def test_tasks_go_to_loaded_workers_two_to_each() -> None:
    ray = Ray(2.0, 2.0)
    workers = workers_on(ray)
    assert not workers.free
    first, second = ray.actors
    second.calls[0].end()
    workers.wait()
    workers.send(Told())
    workers.send(Told())
    assert not workers.free
    assert len(second.calls) == 3
    first.calls[0].end()
    workers.wait()
    assert workers.free
    workers.send(Told())
    assert len(first.calls) == 2


def test_results_come_to_their_pieces() -> None:
    ray = Ray(2.0)
    workers = loaded(ray, workers_on(ray))
    pieces = [Told("a"), Told("b")]
    for piece in pieces:
        workers.send(piece)
    _, first, second = ray.actors[0].calls
    assert (first.argument, second.argument) == ("a", "b")
    first.end("A")
    workers.wait()
    second.end(error=RayTaskError(DataError("damaged")))
    workers.wait()
    assert pieces[0].told == [("done", "A")]
    assert pieces[1].told == [("failed", "damaged")]
    assert workers.free


def test_a_lost_worker_is_replaced_and_what_it_finished_is_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ray = Ray(2.0)
    workers = loaded(ray, workers_on(ray))
    pieces = [Told(), Told()]
    for piece in pieces:
        workers.send(piece)
    _, first, second = ray.actors[0].calls
    first.end("A")
    second.end(error=RayError("The actor died.\n\tclass_name: Worker"))
    with caplog.at_level(logging.WARNING):
        workers.wait()
    assert [piece.told for piece in pieces] == [
        [("done", "A")],
        [("lost", "The actor died.", True)],
    ]
    assert "The actor died." in caplog.text
    assert ray.actors[0].killed
    assert len(ray.alive) == len(workers) == 1
    assert not workers.free
    assert loaded(ray, workers).free


def test_each_task_of_a_lost_worker_is_told_once_and_the_first_is_guilty() -> None:
    ray = Ray(2.0)
    workers = loaded(ray, workers_on(ray))
    pieces = [Told(), Told()]
    for piece in pieces:
        workers.send(piece)
    for call in ray.actors[0].calls[1:]:
        call.end(error=RayError("dead"))
    workers.wait()
    workers.wait()
    assert [piece.told for piece in pieces] == [[("lost", "dead", True)], [("lost", "dead", False)]]


def test_a_bug_is_raised_with_its_trace() -> None:
    ray = Ray(2.0)
    workers = loaded(ray, workers_on(ray))
    workers.send(Told())
    ray.actors[0].calls[1].end(error=RayTaskError(ZeroDivisionError("line 7")))
    with pytest.raises(RayTaskError, match="line 7"):
        workers.wait()


def test_a_worker_that_cannot_load_the_model_ends_the_run() -> None:
    ray = Ray(2.0)
    workers = workers_on(ray)
    ray.actors[0].calls[0].end(error=RayTaskError(ModelError("model: not there")))
    with pytest.raises(ModelError, match="model: not there"):
        workers.wait()


def test_workers_that_die_of_the_model_end_the_run() -> None:
    ray = Ray(2.0)
    workers = workers_on(ray)
    for _ in range(2):
        ray.alive[0].calls[0].end(error=RayError("SIGSEGV"))
        workers.wait()
    ray.alive[0].calls[0].end(error=RayError("SIGSEGV"))
    with pytest.raises(ModelError, match="3 Ray workers died while they loaded it: SIGSEGV"):
        workers.wait()


def test_a_node_that_joins_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "LOOK_S", -1.0)
    ray = Ray(2.0)
    workers = loaded(ray, workers_on(ray))
    ray.cpus.append(4.0)
    workers.wait()
    assert len(workers) == len(ray.alive) == 3


def test_waiting_for_the_cluster_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    workers = workers_on(Ray(2.0))
    with caplog.at_level(logging.INFO):
        workers.wait()
        workers.wait()
    assert caplog.text.count("waiting for a node of the Ray cluster with 2 free CPUs") == 1


def test_all_end_when_they_are_closed() -> None:
    ray = Ray(4.0)
    workers = loaded(ray, workers_on(ray))
    workers.send(Told())
    workers.close()
    assert ray.alive == []
    assert len(workers) == 0


@dataclass(frozen=True)
class Opened(SlideFile):
    """A location that counts."""

    log: list = field(default_factory=list, compare=False)

    def open(self) -> Any:
        if self.path.name == "bad":
            raise DataError("bad: no slide")
        self.log.append(f"open {self.path}")
        return SimpleNamespace(close=lambda: self.log.append(f"close {self.path}"))


@dataclass(frozen=True)
class Look:
    location: Opened

    def run(self, slide: Any, detector: Any, tick: Any) -> str:
        tick(1)
        return detector.name


def test_a_worker_keeps_the_last_slide_open(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = fake_detector()
    monkeypatch.setattr(workers_module.FieldDetector, "load", lambda model, threads: detector)
    worker = Worker(MODEL, 2)
    worker.load(mitokeras.__version__, detector.spec, detector.spec.thresholds)
    log: list[str] = []
    for name in "aabba":
        assert worker.run(Look(Opened(Path(name), log=log))) == "fake"
    assert log == ["open a", "close a", "open b", "close b", "open a"]
    for _ in range(2):
        with pytest.raises(DataError):
            worker.run(Look(Opened(Path("bad"))))
    worker.run(Look(Opened(Path("b"), log=log)))
    assert log[-2:] == ["close a", "open b"]


def test_a_worker_must_have_the_driver_s_version_and_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    detector = fake_detector()
    monkeypatch.setattr(workers_module.FieldDetector, "load", lambda model, threads: detector)
    with pytest.raises(ModelError, match=r"cannot work: mitokeras must be 9\.9"):
        Worker(MODEL, 2).load("9.9", detector.spec, detector.spec.thresholds)
    other = detector.spec.model_copy(update={"classifier_threshold": 0.9})
    with pytest.raises(ModelError, match=f"{platform.node()} cannot work: .*the driver's model"):
        Worker(MODEL, 2).load(mitokeras.__version__, other, other.thresholds)


def test_a_worker_runs_at_the_driver_s_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = fake_detector()
    monkeypatch.setattr(workers_module.FieldDetector, "load", lambda model, threads: detector)
    worker = Worker(MODEL, 2)
    moved = Thresholds(segmenter=0.25, classifier=0.75)
    worker.load(mitokeras.__version__, detector.spec, moved)
    assert worker._detector.spec.thresholds == moved
