"""Small inputs for commands that are disturbed."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.slides import write_aperio


@pytest.fixture(scope="session")
def tissue(finished_run: Path) -> np.ndarray:
    """Synthetic tissue of 512 x 512 px, on which the random networks find something."""
    images = sorted((finished_run / "synthetic" / "images").glob("*.png"))[:16]
    fields = [np.asarray(cv2.imread(str(path)))[..., ::-1] for path in images]
    rows = [np.concatenate(fields[i : i + 4], axis=1) for i in range(0, 16, 4)]
    return np.concatenate(rows)


@pytest.fixture(scope="session")
def scans(tissue: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A slide of many tasks, and three small ones in a folder."""
    folder: Path = tmp_path_factory.mktemp("scans") / "scans"
    (folder / "day 1").mkdir(parents=True)
    write_aperio(folder / "big.svs", np.tile(tissue, (2, 3, 1)))
    small = write_aperio(folder / "day 1" / "a.svs", tissue)
    for name in ("b.svs", "c.svs"):
        shutil.copy(small, folder / "day 1" / name)
    return folder
