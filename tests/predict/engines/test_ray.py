"""The Ray engine on a real cluster of two nodes, of which workers and a node are killed."""

import logging
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitokeras import __version__
from mitokeras.detect.spec import Thresholds, read_spec
from mitokeras.detector import Detector
from mitokeras.errors import ConfigError, MissingExtraError, ModelError
from mitokeras.predict import detection
from mitokeras.predict.engines import ray as engine_module
from mitokeras.predict.engines.local import LocalEngine
from mitokeras.predict.engines.ray import RayEngine
from mitokeras.predict.engines.workers import Worker
from mitokeras.predict.jobs import Outcome, SlideJob
from mitokeras.predict.location import SlideFile
from mitokeras.predict.under_way import StepUnderWay
from mitokeras.report.slide.outputs import DEFAULT_OUTPUTS
from tests.detectors import write_curve
from tests.runs import mitokeras
from tests.slides import write_aperio

ray = pytest.importorskip("ray")

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@pytest.fixture(scope="module")
def scans(tissue: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three slides of 192 to 400 tiles on which the random networks find something; a bad one."""
    folder = tmp_path_factory.mktemp("scans")
    for number, (rows, columns) in enumerate([(2, 2), (2, 3), (2, 2)]):
        image = np.roll(np.tile(tissue, (rows, columns, 1)), 37 * number, axis=1)
        write_aperio(folder / f"S{number}.svs", image)
    (folder / "text.svs").write_text("this is no slide")
    return folder


def jobs(scans: Path, out: Path) -> Iterator[SlideJob]:
    for path in sorted(scans.iterdir()):
        yield SlideJob(SlideFile(path), out / path.name)


@pytest.fixture(scope="module")
def expected(scans: Path, tflite_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The local engine's outputs."""
    out = tmp_path_factory.mktemp("local")
    engine = LocalEngine(Detector.load(tflite_bundle, threads=2))
    ends = list(engine.run(jobs(scans, out)))
    assert [end.job.location.name for end in ends if end.error] == ["text.svs"]
    assert min(len(end.prediction.detections) for end in ends if end.prediction) > 50
    return out


class Nodes:
    """A cluster of two nodes on this computer, one CPU each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self.cluster = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
        )
        self.second = self.cluster.add_node(num_cpus=1)

    def processes(self, node: Any) -> list[int]:
        """Ids of the worker processes on a node."""
        (raylet,) = node.all_processes["raylet"]
        below = Path(f"/proc/{raylet.process.pid}/task/{raylet.process.pid}/children")
        return [pid for pid in map(int, below.read_text().split()) if b"Worker" in _name(pid)]

    def started(self, node: Any) -> list[int]:
        """The same, when there are some."""
        _wait_until(lambda: bool(self.processes(node)))
        return self.processes(node)


def _name(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    nodes = Nodes()
    yield nodes
    assert not ray.is_initialized()  # each engine left it
    nodes.cluster.shutdown()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """How often the result of each task was kept; small tasks, so that many are under way."""
    monkeypatch.setattr(detection, "TILES_A_TASK", 16)
    counter: Counter = Counter()
    keep = StepUnderWay.keep

    def counted(self: StepUnderWay, number: int, result: Any) -> None:
        counter[(self.step.name, str(self.step.tasks[number].location), number)] += 1
        keep(self, number, result)

    monkeypatch.setattr(StepUnderWay, "keep", counted)
    return counter


def when(share: float, act: Callable[[], None]) -> Callable[[int, int], None]:
    """A progress callback that acts once, when that share of the first slides is done."""
    acted = False

    def progress(done: int, known: int) -> None:
        nonlocal acted
        if not acted and known and done >= share * known:
            acted = True
            act()

    return progress


def assert_all_there(ends: list[Outcome], out: Path, expected: Path, scans: Path) -> None:
    assert sorted(end.job.location.name for end in ends) == [
        p.name for p in sorted(scans.iterdir())
    ]
    (bad,) = [end for end in ends if end.error is not None]
    assert bad.error.startswith(f"{scans / 'text.svs'}: not a slide")
    files = [path.relative_to(expected) for path in expected.rglob("*") if path.is_file()]
    assert len(files) == 3 * (len(DEFAULT_OUTPUTS) + 1)
    for file in files:
        assert (out / file).read_bytes() == (expected / file).read_bytes(), file
    entries = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
    assert entries == set(files)  # no journal is left


@pytest.mark.slow
@on_linux
def test_killed_workers_and_a_lost_node_lose_and_double_nothing(
    nodes: Nodes,
    scans: Path,
    expected: Path,
    tflite_bundle: Path,
    kept: Counter,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: Counter = Counter()

    def kill_a_worker() -> None:
        (pid,) = nodes.started(nodes.cluster.head_node)
        os.kill(pid, signal.SIGKILL)
        done["worker"] += 1

    def cut_off_the_node() -> None:
        assert nodes.started(nodes.second)
        nodes.cluster.remove_node(nodes.second, allow_graceful=False)
        done["node"] += 1

    steps = [when(0.2, kill_a_worker), when(0.6, cut_off_the_node)]
    engine = RayEngine(
        tflite_bundle,
        nodes.cluster.address,
        threads=1,
        progress=lambda *tiles: [step(*tiles) for step in steps],
    )
    with caplog.at_level(logging.WARNING):
        ends = list(engine.run(jobs(scans, tmp_path)))
    assert done == {"worker": 1, "node": 1}
    assert caplog.text.count("a Ray worker was lost") >= 2
    assert_all_there(ends, tmp_path, expected, scans)
    assert set(kept.values()) == {1}
    tiles = sum(
        end.prediction.tiles - end.prediction.tiles_skipped for end in ends if not end.error
    )
    assert sum(step == "segment" for step, _, _ in kept) >= tiles / 16
    assert Counter(step for step, _, _ in kept)["render"] == 3


@pytest.mark.slow
@on_linux
def test_stopped_in_the_middle_it_leaves_no_worker_and_goes_on(
    nodes: Nodes, scans: Path, expected: Path, tflite_bundle: Path, kept: Counter, tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        assert nodes.started(nodes.second)
        raise Stopped

    engine = RayEngine(tflite_bundle, nodes.cluster.address, threads=1, progress=when(0.5, stop))
    with pytest.raises(Stopped):
        list(engine.run(jobs(scans, tmp_path)))
    first = dict(kept)
    assert sum(step == "segment" for step, _, _ in first) >= 10
    _wait_until(lambda: not any(map(nodes.processes, nodes.cluster.list_all_nodes())))

    engine = RayEngine(tflite_bundle, nodes.cluster.address, threads=1)
    ends = list(engine.run(jobs(scans, tmp_path)))
    assert_all_there(ends, tmp_path, expected, scans)
    assert set(kept.values()) == {1}  # what the first run kept, the second did not do again

    again = engine.run(jobs(scans, tmp_path))
    assert next(again).prediction is not None
    again.close()
    assert set(kept.values()) == {1}


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
@on_linux
def test_a_connection_that_is_there_is_used_and_left(
    nodes: Nodes, scans: Path, expected: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    ray.init(nodes.cluster.address, log_to_driver=False, logging_level="ERROR")
    try:
        engine = RayEngine(tflite_bundle, threads=4)  # more than a node has
        ends = list(engine.run(jobs(scans, tmp_path / "out")))
        assert ray.is_initialized()
        assert_all_there(ends, tmp_path / "out", expected, scans)

        model = tmp_path / "model"
        shutil.copytree(tflite_bundle, model)
        engine = RayEngine(model)
        shutil.rmtree(model)
        with pytest.raises(ModelError, match=r"on .* cannot work: .*must be a finished run"):
            list(engine.run(jobs(scans, tmp_path / "other")))
        assert ray.is_initialized()
    finally:
        ray.shutdown()


@pytest.mark.slow
def test_a_cluster_of_its_own_by_the_command_line(
    scans: Path, expected: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    done = mitokeras(
        "predict", scans, "--model", tflite_bundle, "--out", tmp_path, "--engine", "ray"
    )
    assert done.returncode == 1, done.stderr
    assert sorted(line[:8] for line in done.stdout.splitlines()) == [
        "S0.svs: ",
        "S1.svs: ",
        "S2.svs: ",
    ]
    error, count = done.stderr.splitlines()
    assert error.startswith(f"Error: {scans / 'text.svs'}: not a slide")
    assert count == "1 of 4 inputs failed"
    for slide in expected.iterdir():
        for file in slide.iterdir():
            assert (tmp_path / slide.name / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("model", ["edge", None])
def test_workers_find_a_shipped_model_by_its_name(
    model: str | None, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package may lie elsewhere on their nodes; any other model has the same path there."""

    class Loaded(Exception):
        pass

    def workers(ray: Any, model: str | Path, spec: Any, thresholds: Any, threads: int) -> None:
        Worker(model, threads).load(__version__, spec, thresholds)
        raise Loaded(model)

    monkeypatch.setattr(engine_module, "connected", lambda *arguments: nullcontext())
    monkeypatch.setattr(engine_module, "Workers", workers)
    folder = shipped / "edge"
    with pytest.raises(Loaded) as loaded:
        list(RayEngine(model or folder).run([]))
    assert loaded.value.args == (model or folder,)


def test_workers_run_at_the_false_rate_that_was_asked_for(
    tflite_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(tflite_bundle, tmp_path / "bundle")
    write_curve(folder, (0.25, 40.0), (0.75, 2.0))
    told: list[Any] = []

    def workers(ray: Any, model: Path, spec: Any, thresholds: Any, threads: int) -> None:
        told.extend((spec, thresholds))
        raise ModelError("enough")

    monkeypatch.setattr(engine_module, "connected", lambda *arguments: nullcontext())
    monkeypatch.setattr(engine_module, "Workers", workers)
    with pytest.raises(ModelError, match="enough"):
        list(RayEngine(folder, false_per_mm2=5.0).run([]))
    spec = read_spec(folder)
    assert told == [spec, Thresholds(segmenter=spec.segmenter_threshold, classifier=0.75)]
    with pytest.raises(ModelError, match="must be at least 2, the lowest measured"):
        RayEngine(folder, false_per_mm2=1.0)


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("127.0.0.1:1", "no Ray cluster answers there"),
        ("[::1]:1", "no Ray cluster answers there"),
        ("nowhere.invalid:6379", "no Ray cluster answers there"),
        ("nowhere", "must be HOST:PORT"),
        ("ray://127.0.0.1:10001", "must be HOST:PORT"),
    ],
)
def test_an_address_that_nobody_answers(
    address: str, rule: str, tflite_bundle: Path, tmp_path: Path
) -> None:
    engine = RayEngine(tflite_bundle, address)
    with pytest.raises(ConfigError, match=rule) as caught:
        list(engine.run([SlideJob(SlideFile(tmp_path / "a.svs"), tmp_path / "out")]))
    assert "--address" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_ray(tflite_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"--engine ray needs the 'ray' extra"):
        RayEngine(tflite_bundle)
