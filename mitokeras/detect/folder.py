"""From what a user calls a model to the folder that holds it."""

from __future__ import annotations

import logging
from pathlib import Path

from mitokeras.detect.spec import DETECTOR_FILE
from mitokeras.errors import ModelError

SHIPPED = Path(__file__).parent.parent / "shipped"
"""Bundles that are part of the package, each in a folder of its name."""

DEFAULT_MODEL = "edge"
"""Name of the shipped model that predicts where no other is named."""

logger = logging.getLogger(__name__)


def shipped_models() -> dict[str, Path]:
    """Name -> bundle of each model that ships with the package."""
    return {path.parent.name: path.parent for path in sorted(SHIPPED.glob(f"*/{DETECTOR_FILE}"))}


def is_shipped(model: str | Path) -> bool:
    """Whether a shipped model is meant; a Path always means a folder."""
    return isinstance(model, str) and model in shipped_models()


def model_folder(model: str | Path) -> Path:
    """Find the folder with the `detector.json` of a model.

    Args:
        model: The name of a shipped model, which goes before a folder of that name in the working
            directory (a warning is logged); or a run, a bundle, or a base path of TF Serving, whose
            newest version is taken.

    Raises:
        ModelError: There is no such folder or name.
    """
    folder = Path(model)
    if is_shipped(model):
        if (folder / DETECTOR_FILE).is_file():
            logger.warning(
                "%s: taken is the model that ships with mitokeras; the one in the folder of that "
                "name here is ./%s", model, model
            )  # fmt: skip
        return shipped_models()[str(model)]
    if not folder.exists():
        names = ", ".join(shipped_models()) or "none in this copy"
        raise ModelError(
            f"{model}: must be a finished run or bundle, or the name of a shipped model ({names})"
        )
    return _newest_version(folder)


def _newest_version(folder: Path) -> Path:
    """The folder itself, or the highest integer version in it where it has no detector.json."""
    if (folder / DETECTOR_FILE).is_file() or not folder.is_dir():
        return folder
    versions = [path for path in folder.iterdir() if path.name.isdecimal()]
    return max(versions, key=lambda path: int(path.name), default=folder)
