"""Small data sets that the tests of the readers write themselves."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

Write = Callable[..., Path]


@pytest.fixture
def write_image(tmp_path: Path) -> Write:
    """Write a plain pink image of a size (width, height) to a path below tmp_path."""

    def write(name: str, size: tuple[int, int] = (40, 30), channels: int = 3) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (size[1], size[0], 3) if channels == 3 else (size[1], size[0])
        encoded, data = cv2.imencode(path.suffix, np.full(shape, 180, np.uint8))
        assert encoded
        path.write_bytes(data.tobytes())
        return path

    return write


@pytest.fixture
def write_text(tmp_path: Path) -> Write:
    """Write text to a path below tmp_path."""

    def write(name: str, text: str = "") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write
