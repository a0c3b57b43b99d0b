"""`mitokeras data`."""

from __future__ import annotations

from pathlib import Path

import click

from mitokeras.cli.options import DATA_FOLDER, layout_option, spacing_option
from mitokeras.cli.terminal import say


@click.group("data")
def command() -> None:
    """Look into a data set, or draw a synthetic one."""


@command.command("inspect")
@click.argument("folder", metavar="DIR", type=DATA_FOLDER)
@layout_option
@spacing_option
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False),
              help="Write what was found to this file as well.")  # fmt: skip
def inspect(
    folder: Path, layout: str | None, spacing_um_px: float | None, json_file: Path | None
) -> None:
    """Say what a folder holds: layout, fields, mitoses, cases, sizes, and what is missing.

    Every image is decoded; exit code 1 if one is damaged.
    """
    from mitokeras.data.inspect import inspect_dataset
    from mitokeras.data.inspection_text import format_inspection
    from mitokeras.data.readers import read_labels
    from mitokeras.disk.files import write_json

    report = inspect_dataset(read_labels(folder, layout, spacing_um_px))
    say(format_inspection(report))
    if json_file is not None:
        write_json(json_file, report)
    if report["problems"]:
        raise click.exceptions.Exit(1)


@command.command("synth")
@click.option("--out", required=True, type=DATA_FOLDER, help="New or empty folder.")
@click.option("--fields", type=click.IntRange(min=1), default=24, show_default=True,
              help="Number of fields.")  # fmt: skip
@click.option("--field-px", type=click.IntRange(min=64), default=1024, show_default=True,
              help="Edge of a field at 0.25 um/px.")  # fmt: skip
@click.option("--cases", type=click.IntRange(min=1), help="Stain and scanner looks.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
def synth(out: Path, fields: int, field_px: int, cases: int | None, seed: int) -> None:
    """Draw synthetic H&E fields with mitotic figures, look-alikes, masks and labels."""
    from mitokeras.data.synthetic.writer import write_synthetic

    write_synthetic(out, fields, seed=seed, field_px=field_px, cases=cases)
    say(f"{fields} fields in {out}")
