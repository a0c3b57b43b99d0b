"""Small inputs for commands that are disturbed."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.slides import write_aperio


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
