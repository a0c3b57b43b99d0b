"""Small data sets that the tests of the readers write themselves."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

Write = Callable[..., Path]

PICTURE = np.full((30, 40, 3), 180, np.uint8)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text to a path below tmp_path; without a text, a plain picture of 40 x 30 px."""

    def write(name: str, text: str | None = None) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.write_bytes(cv2.imencode(path.suffix, PICTURE)[1].tobytes())
        else:
            path.write_text(text, encoding="utf-8")
        return path

    return write
