"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mitokeras.data.readers import LAYOUTS
from mitokeras.errors import MissingExtraError

DATA_FOLDER = click.Path(path_type=Path)

layout_option = click.option(
    "--layout",
    type=click.Choice(list(LAYOUTS)),
    help="Layout of DATA, instead of recognising it.",
)

spacing_option = click.option(
    "--spacing-um-px",
    type=click.FloatRange(min=0, min_open=True),
    metavar="UM",
    help="Size of a pixel of DATA in um, instead of what the data set states.",
)


def import_training_packages(purpose: str) -> None:
    """Import Keras and its backend, without the start-up notes that they print.

    Raises:
        MissingExtraError: The `tf` extra is not installed.
    """
    try:
        with silent_stderr():
            import h5py  # noqa: F401
            import keras  # noqa: F401
            import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("tf", purpose) from error


threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="CPU threads of the networks. Default: all cores.",
)


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Send what C++ code writes to the standard error nowhere; no log level reaches it.

    TensorFlow and LiteRT greet there when they start.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
