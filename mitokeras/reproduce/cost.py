"""What the networks of an experiment cost: all timed in one go, in turns, on the same pixels."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mitokeras.detect.candidates import cut_crops
from mitokeras.detect.tiling import probability_map
from mitokeras.disk.files import read_json, write_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import MitokerasError
from mitokeras.reproduce.conversion import tflite_name
from mitokeras.reproduce.experiments import Row
from mitokeras.reproduce.results import Cost
from mitokeras.reproduce.workspace import PRECISIONS, Precision, Workspace
from mitokeras.runners.litert import load_runner
from mitokeras.runners.runner import Runner
from mitokeras.runners.silence import silent_stderr

ROUNDS = 11
"""The networks take turns, so that what else the machine does meets all alike; medians count."""

CROPS = 32
MOST_CORES = 2
"""Along each side of the timed region, so that large networks take seconds a round."""


class Costs(Record):
    """The costs of an experiment's rows.

    Attributes:
        files: Hash of each timed network by row and precision.
        seconds_per_mm2: By row.
        region_mm2: Area that the segmenters were timed on.
        hardware: The machine, and its load before.
    """

    files: dict[str, dict[Precision, str]]
    seconds_per_mm2: dict[str, Cost]
    region_mm2: float
    hardware: str


def costs_of(workspace: Workspace, rows: Sequence[Row], file: Path) -> Costs:
    """Time the networks of the rows, or read what was timed of just these files.

    A segmenter is timed on a region of whole tiles of the first test field. A classifier is timed
    on crops; a millimetre of both stages takes its segmenter's time and that of as many crops as
    the segmenter gives candidates a square millimetre of the test fields.

    Args:
        workspace: The experiments.
        rows: Trained rows, first seed.
        file: JSON file that keeps the result.
    """
    seed = workspace.settings.config.seed
    networks = [*rows, *(row.base for row in rows if row.kind == "classifier")]
    files = {_key(row): _converted(workspace, row, seed) for row in networks}
    if (found := _read(file)) is not None and found.files == files:
        return found
    region = _region(workspace)
    spacing = workspace.settings.config.data.spacing_um_px
    region_mm2 = region.shape[0] * region.shape[1] * spacing**2 / 1e6
    jobs = {
        (_key(row), precision): _job(workspace, row, seed, precision, region)
        for row in dict.fromkeys(networks)
        for precision in files[_key(row)]
    }
    hardware = _hardware()
    seconds = timed(jobs)

    def cost(row: Row, precision: Precision) -> float | None:
        own = seconds.get((_key(row), precision))
        if row.kind == "segmenter":
            return None if own is None else own / region_mm2
        first, score = cost(row.base, precision), workspace.score(row, seed)
        if own is None or first is None or score is None:
            return None
        return first + own / CROPS * score.candidates_per_mm2

    result = Costs(
        files=files,
        seconds_per_mm2={
            row.name: Cost(**{precision: cost(row, precision) for precision in PRECISIONS})
            for row in rows
        },
        region_mm2=region_mm2,
        hardware=hardware,
    )
    write_json(file, result.to_json())
    return result


def timed(
    jobs: Mapping[tuple[str, Precision], Callable[[], object]],
) -> dict[tuple[str, Precision], float]:
    """Median seconds of each job, run in turns after one turn that does not count."""
    taken: dict[tuple[str, Precision], list[float]] = {name: [] for name in jobs}
    for turn in range(ROUNDS + 1):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            seconds = time.perf_counter() - start
            if turn:
                taken[name].append(seconds)
    return {name: statistics.median(own) for name, own in taken.items()}


def _key(row: Row) -> str:
    return f"{row.kind} {row.model}"


def _converted(workspace: Workspace, row: Row, seed: int) -> dict[Precision, str]:
    converted = workspace.converted(row, seed)
    return {} if converted is None else converted.sha256


def _read(file: Path) -> Costs | None:
    try:
        return parse(Costs, read_json(file))
    except MitokerasError:  # none yet, or of an earlier kind
        return None


def _region(workspace: Workspace) -> np.ndarray:
    """Whole cores of the first test field; all of a field that is smaller than one."""
    detection = workspace.settings.config.detection
    core = detection.tile_px - 2 * detection.halo_px
    with workspace.store() as store:
        image = workspace.split(store).of("test")[0].image()
    height, width = (
        core * min(MOST_CORES, side // core) if side >= core else side for side in image.shape[:2]
    )
    return image[:height, :width]


def _job(
    workspace: Workspace, row: Row, seed: int, precision: Precision, region: np.ndarray
) -> Callable[[], object]:
    config = workspace.settings.config
    path = workspace.run(row, seed).root / tflite_name(row.kind, precision)
    with silent_stderr():
        runner: Runner = load_runner(path, row.kind, None)
    if row.kind == "segmenter":
        detection = config.detection
        return lambda: probability_map(region, runner, detection.tile_px, detection.halo_px)
    places = np.random.default_rng(config.seed).uniform((0, 0), region.shape[1::-1], (CROPS, 2))
    crops = cut_crops(region, places, config.classifier.crop_px)
    return lambda: runner(crops)


def _hardware() -> str:
    """The processor, as far as the system names it, its cores, and what else it has to do."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8", "replace").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    text = f"{names[0] if names else platform.processor() or 'CPU'}, {os.cpu_count()} cores"
    if hasattr(os, "getloadavg"):  # not on Windows
        text += f", load average {os.getloadavg()[0]:.1f}"
    return text
