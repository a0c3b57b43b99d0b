"""The `mitokeras` command."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from mitokeras import __version__
from mitokeras.cli.memory import START_BYTES, check_memory
from mitokeras.cli.streams import open_missing_streams
from mitokeras.cli.terminal import log_to_stderr
from mitokeras.errors import ConfigError, MitokerasError, one_line, wants_memory

COMMANDS = {
    "fit": "Train and score a two-stage detector.",
    "evaluate": "Score a trained detector on labelled fields.",
    "export": "Turn a run into TFLite, ONNX or a SavedModel.",
    "crossvalidate": "Train and score on each fold of the cases, then train on all.",
    "reproduce": "Train and score the rows of a table of the paper.",
    "predict": "Find and count mitotic figures on slides and images.",
    "challenge": "Predict the image of a grand-challenge.org job.",
    "watch": "Predict each slide that arrives in a folder.",
    "review": "Look at what was predicted, correct it, and count anew.",
    "annotations": "Write what was found for ASAP, ImageScope, OMERO, DICOM or QuPath.",
    "web": "Find and count mitotic figures in a page of the browser.",
    "info": "Say what is installed, or what a model is.",
    "data": "Look into a data set, or draw a synthetic one.",
}
"""Name -> help line; a command's module is imported when it is called."""


class LazyGroup(click.Group):
    """Imports a command's module when it is needed, and says user errors in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mitokeras.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, **extra: Any) -> Any:
        open_missing_streams()
        try:
            check_memory(START_BYTES)
        except ConfigError as error:
            sys.exit(f"Error: {error}")
        return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (MitokerasError, OSError) as error:
            raise click.ClickException(one_line(error)) from error
        except (ImportError, MemoryError, RuntimeError) as error:
            if wants_memory(error):
                raise click.ClickException("this computer has not enough memory") from error
            raise


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mitokeras")
def main() -> None:
    """Find mitotic figures in H&E histology in two stages (SCMitosis).

    Research software. Not a medical device.
    """
    # Before TensorFlow is imported: its start-up notes would bury ours.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    log_to_stderr("%(message)s")
