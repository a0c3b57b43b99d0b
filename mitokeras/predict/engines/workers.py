"""The workers of a Ray cluster, each with the networks, and which task each of them has."""

from __future__ import annotations

import logging
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitokeras import __version__
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec, Thresholds
from mitokeras.errors import ConfigError, MitokerasError, ModelError, one_line
from mitokeras.predict.engines.schedule import MOST_LOSSES, Piece

if TYPE_CHECKING:
    from mitokeras.predict.location import SlideLocation
    from mitokeras.predict.tasks import Task
    from mitokeras.slides import Slide

TASKS_A_WORKER = 2
"""One that it executes and one that waits, so that no worker waits for the driver."""

LOOK_S = 10.0
"""So often the cluster is asked for nodes that have joined."""

logger = logging.getLogger(__name__)


class Worker:
    """What runs in a process of the cluster: the networks, and the slide that was read last.

    Args:
        model: A run or bundle, as this node reaches it, or the name of a shipped model.
        threads: Threads of the networks.
    """

    def __init__(self, model: str | Path, threads: int) -> None:
        self._model = model
        self._threads = threads
        self._location: SlideLocation | None = None

    def load(self, version: str, spec: DetectorSpec, thresholds: Thresholds) -> None:
        """Load the networks.

        Args:
            version: The driver's mitokeras.
            spec: The driver's detector.json.
            thresholds: To run them at.

        Raises:
            ModelError: Another version of mitokeras is installed here, there is no model, or not
                the driver's.
        """
        try:
            if __version__ != version:
                raise ModelError(f"mitokeras must be {version}. Received: {__version__}")
            detector = FieldDetector.load(self._model, self._threads)
            if detector.spec != spec:
                raise ModelError(f"{self._model}: must hold the driver's model")
            self._detector = detector.at(thresholds)
        except (MitokerasError, OSError) as error:
            reason = one_line(error, self._model)
            raise ModelError(
                f"the Ray worker on {platform.node()} cannot work: {reason}"
            ) from error

    def run(self, task: Task[Any]) -> Any:
        """Execute a task."""
        if task.location != self._location:
            if self._location is not None:
                self._location = None
                self._slide.close()
            self._slide: Slide = task.location.open()
            self._location = task.location
        return task.run(self._slide, self._detector, lambda done: None)


@dataclass(eq=False)
class _Hired:
    """A worker as the driver sees it.

    Attributes:
        actor: Ray's handle.
        sent: Future result -> what it is of, in the order of execution; None while it loads.
        ready: Whether it has loaded the networks.
    """

    actor: Any
    sent: dict[Any, Piece | None] = field(default_factory=dict)
    ready: bool = False


class Workers:
    """As many workers as the nodes of the cluster have CPUs for; a lost one is replaced.

    Args:
        ray: The package, connected.
        model: A run or bundle that each node reaches by this path, or the name of a shipped model.
        spec: Its detector.json.
        thresholds: To run it at.
        threads: Threads of the networks of each worker.

    Raises:
        ConfigError: No node has a CPU.
    """

    def __init__(
        self,
        ray: Any,
        model: str | Path,
        spec: DetectorSpec,
        thresholds: Thresholds,
        threads: int,
    ) -> None:
        self._ray = ray
        self._model = model
        self._spec = spec
        self._thresholds = thresholds
        self._threads = threads
        self._hired: list[_Hired] = []
        self._losses_while_loading = 0
        self._told = False
        largest = max(self._cpus(), default=0)
        if largest < 1:
            raise ConfigError("a Ray cluster must have a node with a CPU. Received: none")
        self._cpus_each = min(threads, largest)
        self._actor = ray.remote(num_cpus=self._cpus_each)(Worker)
        self._hire()

    def __len__(self) -> int:
        return len(self._hired)

    @property
    def free(self) -> bool:
        """Whether one takes another task."""
        return any(_has_room(worker) for worker in self._hired)

    def send(self, piece: Piece) -> None:
        """Have a task executed by the worker that has least to do; one must be free."""
        able = [worker for worker in self._hired if _has_room(worker)]
        worker = min(able, key=lambda worker: len(worker.sent))
        worker.sent[worker.actor.run.remote(piece.task)] = piece

    def wait(self) -> None:
        """Wait for results, a while at most, and tell them to their pieces.

        Raises:
            ModelError: A worker cannot load the networks, or has another version of mitokeras.
            RayTaskError: A task failed by a bug; it says where.
        """
        if time.monotonic() > self._looked + LOOK_S:
            self._hire()
        of = {ref: worker for worker in self._hired for ref in worker.sent}
        if not of:
            time.sleep(LOOK_S)
            return
        refs = list(of)
        ready, _ = self._ray.wait(refs, num_returns=1, timeout=LOOK_S)
        if not ready:
            self._say_what_it_waits_for()
        else:
            ready, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0)
        for ref in ready:
            if ref in of[ref].sent:  # else its worker was found dead by another result
                self._take(of[ref], ref)

    def close(self) -> None:
        """End all workers, and what they are doing."""
        for worker in self._hired:
            self._ray.kill(worker.actor)
        self._hired.clear()

    def _say_what_it_waits_for(self) -> None:
        if not self._told and not any(worker.ready for worker in self._hired):
            self._told = True
            logger.info(
                "waiting for a node of the Ray cluster with %d free CPUs to load the networks",
                self._cpus_each,
            )

    def _take(self, worker: _Hired, ref: Any) -> None:
        """Tell a result to its piece."""
        errors = self._ray.exceptions
        try:
            result = self._ray.get(ref)
        except errors.RayTaskError as error:
            if not isinstance(error.cause, MitokerasError | OSError):
                raise
            piece = worker.sent.pop(ref)
            if piece is None:
                raise error.cause from error
            piece.failed(error.cause)
        except errors.RayError as error:
            self._lose(worker, str(error).strip().partition("\n")[0])
        else:
            piece = worker.sent.pop(ref)
            if piece is None:
                worker.ready = True
                self._losses_while_loading = 0
            else:
                piece.done(result)

    def _lose(self, worker: _Hired, reason: str) -> None:
        """Replace a worker that has died, or that nobody can reach; its tasks are done again."""
        logger.warning("a Ray worker was lost and is replaced: %s", reason)
        self._ray.kill(worker.actor)
        self._hired.remove(worker)
        pieces = list(worker.sent.values())
        worker.sent.clear()
        for place, piece in reversed(list(enumerate(pieces))):
            if piece is not None:
                piece.lost(reason, guilty=place == 0)
        if not worker.ready:
            self._losses_while_loading += 1
            if self._losses_while_loading >= MOST_LOSSES:
                raise ModelError(
                    f"{self._model}: {MOST_LOSSES} Ray workers died while they loaded it: {reason}"
                )
        self._hire()

    def _hire(self) -> None:
        """Ask for the workers that the nodes have CPUs for; they start when those are free."""
        self._looked = time.monotonic()
        wanted = sum(cpus // self._cpus_each for cpus in self._cpus())
        while len(self._hired) < wanted:
            worker = _Hired(self._actor.remote(self._model, self._threads))
            load = worker.actor.load.remote(__version__, self._spec, self._thresholds)
            worker.sent[load] = None
            self._hired.append(worker)

    def _cpus(self) -> list[int]:
        """CPUs of each node."""
        nodes = [node for node in self._ray.nodes() if node["Alive"]]
        return [int(node["Resources"].get("CPU", 0)) for node in nodes]


def _has_room(worker: _Hired) -> bool:
    return worker.ready and len(worker.sent) < TASKS_A_WORKER
