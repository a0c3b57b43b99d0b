"""Many slides at once, and each by many workers, on a Ray cluster."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from mitokeras.counting.prediction import Prediction
from mitokeras.detect.curve import at_false_rate, read_curve
from mitokeras.detect.folder import is_shipped, model_folder
from mitokeras.detect.spec import read_spec
from mitokeras.errors import ConfigError, MissingExtraError, one_line
from mitokeras.predict.engines.schedule import Schedule
from mitokeras.predict.engines.workers import Workers
from mitokeras.predict.jobs import Outcome, SlideJob
from mitokeras.predict.step import Steps
from mitokeras.runners.silence import silent_stderr

THREADS = 2
"""CPUs that the networks of each worker use."""

SLIDES_BEYOND_WORKERS = 2
"""So many more slides than workers are under way, for the ends of slides, where tasks are few."""

ANSWER_S = 10.0
"""A cluster that does not answer for so long is not there."""

ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray prints the death of each worker to the standard output; `Workers` logs it.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
}
"""Ray reads it when it is imported; what the user has set stays."""

ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""A cluster of this computer alone then listens on `LOOPBACK` only; the name is of before Ray read
it on Linux as well."""

LOOPBACK = "127.0.0.1"

Progress = Callable[[int, int], None]
"""Is told the tiles that are done, and the tiles known of, in all slides so far."""


class RayEngine:
    """Executes tasks on the workers of a Ray cluster; outcomes come in the order of the ends.

    Slides and model must be reachable by the same absolute path on every node; a shipped model is
    found by its name. The driver writes the outputs.

    Args:
        model: A run or bundle, or the name of a shipped model.
        address: HOST:PORT of the cluster's head; this computer must be one of its nodes. None
            starts a cluster of this computer alone, and ends it.
        threads: Threads of each worker's networks, as many CPUs it takes; None for `THREADS`.
        progress: Is told of all slides together.
        false_per_mm2: The most false figures per mm2 of tissue, in place of the threshold of
            detector.json; see `at_false_rate`.

    Raises:
        ModelError: The model is incomplete, or `at_false_rate` refuses.
        MissingExtraError: Ray is not installed.
    """

    def __init__(
        self,
        model: str | Path,
        address: str | None = None,
        threads: int | None = None,
        progress: Progress = lambda done, known: None,
        false_per_mm2: float | None = None,
    ) -> None:
        folder = model_folder(model)
        self._name = folder.resolve().name
        self._filed = self._spec = read_spec(folder)
        curve = read_curve(folder, self._spec)
        if false_per_mm2 is not None:
            self._spec = at_false_rate(self._spec, curve, false_per_mm2, self._name)
        self._false_per_mm2 = curve.false_per_mm2(self._spec.thresholds) if curve else None
        # The package may lie elsewhere on another node.
        self._model = model if is_shipped(model) else folder.absolute()
        self._address = address
        self._threads = threads or THREADS
        self._progress = progress
        self._ray = _import_ray(alone=address is None)

    def run(self, jobs: Iterable[SlideJob]) -> Generator[Outcome, None, None]:
        """Predict slides; one that fails does not stop the others. Close it to stop before its end.

        Raises:
            ConfigError: There is no cluster at the address, or it has no CPU or another Ray.
            ModelError: A worker cannot load the model, or has another mitokeras.
        """
        with (
            connected(self._ray, self._address),
            closing(self._workers()) as workers,
            closing(Schedule(jobs, self._steps)) as schedule,
        ):
            while not schedule.over:
                piece = schedule.next_piece() if workers.free else None
                if piece is not None:
                    workers.send(piece)
                elif not workers.free or not schedule.begin(len(workers) + SLIDES_BEYOND_WORKERS):
                    workers.wait()
                self._progress(*schedule.tiles)
                yield from schedule.ended()

    def _workers(self) -> Workers:
        return Workers(self._ray, self._model, self._filed, self._spec.thresholds, self._threads)

    def _steps(self, job: SlideJob) -> Steps[Prediction]:
        location = replace(job.location, path=job.location.path.absolute())
        return replace(job, location=location).steps(self._spec, self._name, self._false_per_mm2)


@contextmanager
def connected(ray: ModuleType, address: str | None) -> Iterator[None]:
    """Connect to a cluster, and leave it in the end; where Ray is connected already, do nothing.

    Raises:
        ConfigError: There is none at the address, or it cannot be used from here.
    """
    if ray.is_initialized():
        yield
        return
    try:
        if address is None:
            ray.init(
                "local",
                _node_ip_address=LOOPBACK,
                include_dashboard=False,
                log_to_driver=False,
                logging_level="ERROR",
            )
        else:
            _join(ray, address)
        yield
    finally:
        ray.shutdown()


def _join(ray: ModuleType, address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise ConfigError(f"--address must be HOST:PORT of a Ray cluster. Received: {address}")
    # Ray takes the names of the loopback for this computer's address, where it may listen alone.
    loopback = host in ("localhost", "127.0.0.1")
    try:
        # Ray itself would try for minutes.
        where = ray.util.get_node_ip_address() if loopback else host.strip("[]")
        socket.create_connection((where, int(port)), ANSWER_S).close()
    except (OSError, OverflowError) as error:
        reason = error if isinstance(error, OverflowError) else one_line(error)
        raise ConfigError(f"--address {address}: no Ray cluster answers there: {reason}") from error
    # Something else may listen there. One try then takes 40 s; Ray would make 20, and tell of each.
    os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")
    try:
        with silent_stderr():
            ray.init(address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise ConfigError(
            f"--address {address}: must be a Ray cluster that this computer is a node of, with the "
            f"same Ray and Python: {one_line(error)}"
        ) from error


def _import_ray(alone: bool) -> ModuleType:
    for name, value in (ENVIRONMENT | ALONE if alone else ENVIRONMENT).items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError("ray", "--engine ray") from error
    return ray
