"""Options that several commands share."""

from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from mitokeras.cli.memory import TRAINING_BYTES, check_memory
from mitokeras.data.readers import LAYOUTS
from mitokeras.errors import MissingExtraError
from mitokeras.runners.silence import silent_stderr


class NamedPath(click.Path):
    """A path that is not empty, as that of a shell variable which is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value):
            self.fail("a name is needed. Received: nothing", param, ctx)
        return super().convert(value, param, ctx)


class FiniteRange(click.FloatRange):
    """A range without "nan", which no bound keeps out, and without infinity."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


DATA_FOLDER = NamedPath(path_type=Path)

MODEL_HELP = "A run or bundle, or the name of a model that ships with mitokeras."

layout_option = click.option(
    "--layout",
    type=click.Choice(list(LAYOUTS)),
    help="Layout of DATA, instead of recognising it.",
)

spacing_option = click.option(
    "--spacing-um-px",
    type=FiniteRange(min=0, min_open=True),
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
        ConfigError: See `check_memory`.
    """
    check_memory(TRAINING_BYTES)
    try:
        with silent_stderr():
            import h5py  # noqa: F401
            import keras  # noqa: F401
            import matplotlib  # noqa: F401

            for name in others:
                import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtraError("tf", purpose) from error


threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="CPU threads of the networks. Default: all cores.",
)
