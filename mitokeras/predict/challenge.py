"""The job of an algorithm of grand-challenge.org: one image in a folder that `inputs.json` names.

Source: the platform's runtime environment, and the reference algorithms of the MIDOG challenges.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pydantic import ConfigDict

from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, DataError
from mitokeras.slides.mha_reader import MHA

INPUTS_FILE = "inputs.json"

IMAGE_FOLDER = "images/histopathology-roi-cropout"
"""Where MIDOG's jobs have their image; before 2025 they had no `inputs.json`."""

IMAGE_SUFFIXES = (".tif", ".tiff", MHA)


class _Known(Record):
    """The part of the platform's record that is read."""

    model_config = ConfigDict(extra="ignore")


class _Interface(_Known):
    kind: str
    relative_path: str


class _Input(_Known):
    interface: _Interface


class _Inputs(_Known):
    inputs: list[_Input]


def job_image(job: Path) -> Path:
    """Find the image of a job.

    Args:
        job: The folder that the platform mounts.

    Raises:
        DataError: There is no one image in it, or `inputs.json` is not as the platform writes it.
    """
    folder = job / _image_folder(job / INPUTS_FILE)
    if not folder.is_dir():
        raise DataError(f"{folder}: the folder of the job's image must be there")
    images = sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    if len(images) != 1:
        names = ", ".join(path.name for path in images) or "none"
        raise DataError(
            f"{folder}: a job must have one image, {', '.join(IMAGE_SUFFIXES)}. Received: {names}"
        )
    return images[0]


def _image_folder(path: Path) -> PurePosixPath:
    if not path.is_file():
        return PurePosixPath(IMAGE_FOLDER)
    try:
        known = parse(_Inputs, {"inputs": read_json(path)})
    except ConfigError as error:
        raise DataError(f"{path}: not as grand-challenge.org writes it: {error}") from error
    folders = [
        PurePosixPath(one.interface.relative_path)
        for one in known.inputs
        if one.interface.kind == "Image"
    ]
    if len(folders) != 1:
        raise DataError(f"{path}: must name one image. Received: {len(folders)}")
    if folders[0].is_absolute() or ".." in folders[0].parts:
        raise DataError(f"{path}: the image must lie below the job. Received: {folders[0]}")
    return folders[0]
