"""Small training runs through the command line, for several test files."""

import json
import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from mitokeras.cli.main import main

ROOT = Path(__file__).parent.parent

SHORT = {
    "batch": 4, "steps_per_epoch": 4, "epochs": 2, "learning_rate": 0.003, "decay": "constant",
    "ema": 0.0,
}  # fmt: skip
"""A constant rate, as a step with a rate of its own takes half as long again to trace."""

TINY_SEGMENTER = {"model": "tiny", "weights": "none"}
EDGE_CLASSIFIER = {"model": "edge", "weights": "none", "input_px": 32, "flips": False}

SMALL = {
    "synthetic": {"fields": 8, "field_px": 256, "cases": 4},
    "segmenter": {**TINY_SEGMENTER, "patch_px": 64, "schedule": SHORT},
    "classifier": {**EDGE_CLASSIFIER, "schedule": {**SHORT, "decay": "cosine"}},
    "detection": {"tile_px": 128, "halo_px": 16},
}
"""Enough to pass through every stage in seconds; it learns next to nothing."""

SAME_FILES = (
    "segmenter.keras",
    "classifier.keras",
    "detector.json",
    "metrics.json",
    "history.csv",
    "learned_tissue.npz",
)
"""What two runs of one seed have in common to the byte."""

PROGRAM = (
    f"import mitokeras; mitokeras.__path__.append({str(ROOT)!r}); "
    "from mitokeras.cli.main import main; main(prog_name='mitokeras')"
)


def write_config(folder: Path, **changes: object) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps({**SMALL, **changes}))
    return path


def call(*arguments: object) -> Result:
    """Run `mitokeras` in this process: what trains nothing and changes nothing of TensorFlow."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def start(*arguments: object) -> subprocess.Popen:
    """Start `mitokeras` with these arguments in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def mitokeras(*arguments: object) -> subprocess.CompletedProcess:
    """Run `mitokeras` to its end."""
    process = start(*arguments)
    out, err = process.communicate(timeout=600)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def peak_gib(*arguments: object) -> float:
    """Run `mitokeras` to its end on Linux, and give the most memory that it held.

    The kernel's account for a child of this process would start with the memory of this one.
    """
    code = (
        "import atexit, sys; from pathlib import Path; "
        "atexit.register(lambda: sys.stderr.write(Path('/proc/self/status').read_text())); "
    )
    done = subprocess.run(
        [sys.executable, "-c", code + PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 2**20
