"""What the tests of reproduce share: a small data set, and table 3 on it in the least training."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from mitokeras.data.synthetic.writer import write_synthetic
from tests.models.test_weights import torch_resnet
from tests.runs import SHORT, call
from tests.torch_files import write_archive

ONCE = {**SHORT, "steps_per_epoch": 2, "epochs": 1}
TINY = {
    "segmenter": {"width": 8, "patch_px": 64, "schedule": ONCE},
    "classifier": {"input_px": 32, "schedule": ONCE},
    "detection": {"tile_px": 96, "halo_px": 16},
}

ADDED = ("--add", "Narrow | ours=edge", "--add", "Broken=resnet999")


@dataclass
class Called:
    """A call of the command line: its folder, its arguments and what came of it."""

    out: Path
    arguments: tuple[object, ...]
    done: Result


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "drawn"
    write_synthetic(folder, 6, seed=1, field_px=192, cases=6)
    return folder


@pytest.fixture(scope="session")
def table3(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Called:
    """Table 3 with a row of the user's and one that fails."""
    folder = tmp_path_factory.mktemp("reproduced")
    config, out = folder / "tiny.json", folder / "out"
    config.write_text(json.dumps(TINY))
    first = folder / "first.pth"
    write_archive(first, torch_resnet((3, 4, 6, 3), 64))
    arguments = (data, "--out", out, "--budget", "smoke", "--config", config)
    arguments = (*arguments, "--weights", f"resnet34={first}")
    return Called(out, arguments, call("reproduce", "table3", *arguments, *ADDED))
