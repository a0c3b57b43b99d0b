"""The ImageNet weights of torchvision's ResNets, fetched once into Keras' folder of models.

Files are by torchvision (BSD-3-Clause). The end of a file's name is the beginning of its SHA-256,
which tells a damaged file from a whole one.
"""

from __future__ import annotations

import os
from pathlib import Path

import keras

from mitokeras.disk.files import atomic_path, sha256_of
from mitokeras.errors import ModelError, reason_of

URL = "https://download.pytorch.org/models/"

RESNET18 = "resnet18-f37072fd.pth"
RESNET34 = "resnet34-b627a593.pth"


def cache_folder() -> Path:
    """Where Keras keeps the weights that it downloads itself."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def imagenet_file(name: str) -> Path:
    """A file of torchvision's, downloaded where it is not there yet.

    Args:
        name: `RESNET18` or `RESNET34`.

    Raises:
        ModelError: It cannot be downloaded, or is damaged.
    """
    path = cache_folder() / name
    start = path.stem.rpartition("-")[2]
    if not path.is_file():
        _download(path, start)
    elif not (found := sha256_of(path)).startswith(start):
        raise ModelError(
            f"{path}: its SHA-256 must begin with {start}; delete it to have it downloaded again. "
            f"Received: {found}"
        )
    return path


def _download(path: Path, start: str) -> None:
    url = URL + path.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as partial:
        partial.unlink(missing_ok=True)  # get_file takes what is there for whole
        try:
            keras.utils.get_file(partial.name, url, cache_subdir=str(path.parent.resolve()))
        except Exception as error:  # Keras raises a plain Exception where a download fails
            raise ModelError(
                f"{path}: these ImageNet weights must be downloaded, or lie there: {url}, whose "
                f"SHA-256 begins with {start}; or give a file by --weights. "
                f"Received: {reason_of(error)}"
            ) from error
        if not (found := sha256_of(partial)).startswith(start):
            raise ModelError(
                f"{url}: the download's SHA-256 must begin with {start}. Received: {found}"
            )
