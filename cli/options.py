"""Options that several commands share."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from mitokeras.data.readers import LAYOUTS
from mitokeras.errors import MissingExtraError
from mitokeras.runners.silence import silent_stderr

DATA_FOLDER = click.Path(path_type=Path)

MODEL_HELP = "A run or bundle, or the name of a model that ships with mitokeras."

layout_option = click.option(
    "--layout",
    type=click.Choice(list(LAYOUTS)),
    help="Layout of DATA, instead of recognising it.",
)

spacing_option = click.option(
    "--spacing-um-px",
    type=click.FloatRange(min=0, min_open=True),
    metavar="UM",
    help="Size of a pixel in um, instead of what the data state.",
)


def import_training_packages(purpose: str, *others: str) -> None:
    """Import Keras and its backend, without the start-up notes that they print.

    Args:
        purpose: What needs them, for the message.
        others: Further packages that must be there.

    Raises:
        MissingExtraError: The `tf` extra is not installed.
    """
    try:
        with silent_stderr():
            import h5py  # noqa: F401
            import keras  # noqa: F401
            import matplotlib  # noqa: F401

            for name in others:
                import_module(name)
    except ImportError as error:
        raise MissingExtraError("tf", purpose) from error


threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="CPU threads of the networks. Default: all cores.",
)
