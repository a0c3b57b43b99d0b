"""Shared by all tests."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

import mitokeras
from mitokeras.detect import folder as model_folder

ROOT = Path(__file__).parent.parent

# The checkout's mitokeras/ lacks the parts that setup.cfg maps into it when it installs.
mitokeras.__path__.append(str(ROOT))

# The same examples each time; new ones are for tests/fuzz/soak.py.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Folder of real data sets, which the repository does not hold."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real data sets in {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of random networks; copy it before you change it."""
    from tests.export_runs import write_run

    return write_run(tmp_path_factory.mktemp("finished") / "run")


@pytest.fixture(scope="session")
def subtyping_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of random networks with a stage 3; copy it before you change it."""
    from tests.export_runs import write_run

    return write_run(tmp_path_factory.mktemp("subtyping") / "run", subtyper=True)


@pytest.fixture(scope="session")
def tissue(finished_run: Path) -> np.ndarray:
    """Synthetic tissue of 512 x 512 px, on which the random networks find something."""
    images = sorted((finished_run / "synthetic" / "images").glob("*.png"))[:16]
    fields = [np.asarray(cv2.imread(str(path)))[..., ::-1] for path in images]
    rows = [np.concatenate(fields[i : i + 4], axis=1) for i in range(0, 16, 4)]
    return np.concatenate(rows)


@pytest.fixture(scope="session")
def tflite_bundle(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of random networks as a TFLite bundle; copy it before you change it."""
    from mitokeras.export.bundle import export_run

    return export_run(finished_run, tmp_path_factory.mktemp("bundle") / "tflite", "tflite").folder


@pytest.fixture
def shipped(tflite_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models in place of the package's, whose `edge` has random networks."""
    folder = tmp_path / "shipped"
    shutil.copytree(tflite_bundle, folder / "edge")
    monkeypatch.setattr(model_folder, "SHIPPED", folder)
    return folder
