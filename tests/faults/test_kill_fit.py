"""`fit` is killed, and gone on with by --resume.

CI kills it once in each stage, in tests/fit/test_fit.py.
"""

import io
import json
import re
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.faults.kills import KILLS_IN_SOAK, Victim, kill_until_done
from tests.runs import EDGE_CLASSIFIER, TINY_SEGMENTER, write_config

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")

TINY = {
    "synthetic": {"fields": 6, "field_px": 256, "cases": 3},
    "segmenter": {
        **TINY_SEGMENTER,
        "width": 8,
        "patch_px": 64,
        "schedule": {"batch": 2, "steps_per_epoch": 2, "epochs": 3, "learning_rate": 0.003},
    },
    "classifier": {
        **EDGE_CLASSIFIER,
        "crop_px": 32,
        "schedule": {"batch": 2, "steps_per_epoch": 2, "epochs": 3, "learning_rate": 0.003},
    },
    "detection": {"tile_px": 128, "halo_px": 16},
}


def held_in(store: bytes) -> list[tuple[object, ...]]:
    """Every name in an HDF5 file, with its attributes, and the type, shape and bytes of arrays."""
    with h5py.File(io.BytesIO(store)) as file:
        names = ["/"]
        file.visit(names.append)
        held = []
        for name in names:
            item = file[name]
            about = sorted((key, np.asarray(value).tobytes()) for key, value in item.attrs.items())
            is_array = isinstance(item, h5py.Dataset)
            array = (str(item.dtype), item.shape, item[()].tobytes()) if is_array else ()
            held.append((name, about, *array))
        return held


def settled(name: str, content: bytes) -> object:
    """Without the seconds of each stage, the time of the report and those of HDF5's groups."""
    if name == "store.h5":
        return held_in(content)
    if name == "run.json":
        record = json.loads(content)
        for stage in record["stages"].values():
            stage.pop("seconds")
        return record
    if name == "report.html":
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "(time)", content.decode())
        return re.sub(r"[\d.]+ (s|min|h)\b", "(seconds)", text)
    return content


@pytest.mark.soak
def test_the_run_is_that_of_an_undisturbed_one(tmp_path: Path) -> None:
    config = write_config(tmp_path, **TINY)

    def command(trial: Path) -> tuple[object, ...]:
        run = trial / "run"
        if (run / "run.json").is_file() or (run / "checkpoints" / "settings.json").is_file():
            return "fit", "--out", run, "--resume"
        return "fit", "--out", run, "--preset", "quick", "--config", config

    toll = kill_until_done(Victim(command, "run", settled), tmp_path, KILLS_IN_SOAK)
    assert toll.kills >= KILLS_IN_SOAK
