"""`mitokeras annotations`."""

from __future__ import annotations

from pathlib import Path

import click

from mitokeras.cli.options import NamedPath
from mitokeras.cli.terminal import say
from mitokeras.text import printable

FORMATS = ("asap", "imagescope", "omero", "dicom", "qupath")


@click.command("annotations")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), required=True,
              help="The program that is to show them.")  # fmt: skip
@click.option("--out", type=NamedPath(path_type=Path, file_okay=False), required=True,
              help="Folder of the files. ASAP and ImageScope look beside the slides.")  # fmt: skip
@click.option("--reviewer", metavar="NAME",
              help="Whose corrected figures to write. Default: what the model found.")  # fmt: skip
@click.option("--slides", type=click.Path(path_type=Path),
              help="Folder of the slides, for --reviewer and dicom. Default: beside DIR and in "
              "folders there.")  # fmt: skip
@click.option("--atypical-class", is_flag=True,
              help="Give figures that the model calls atypical a class of their own; those of a "
              "review have one.")  # fmt: skip
def command(
    folder: Path,
    form: str,
    out: Path,
    reviewer: str | None,
    slides: Path | None,
    atypical_class: bool,
) -> None:
    """Write what was found as annotations of other programs.

    DIR is what `predict` or `watch` wrote, of one slide or of many; nothing is predicted again.
    Each slide gets a file of its name: the figures by class, the hotspot and ten fields, and with
    --reviewer the verdicts and the region of that review.

    asap: XML for ASAP. imagescope: XML for Aperio ImageScope. omero: regions of interest in the
    JSON of OMERO's API. dicom: Microscopy Bulk Simple Annotations, for slides that are DICOM (needs
    the extra of that name). qupath: GeoJSON, with a script that imports all files into a project.

    A file that another program has saved since is not written over. The exit code is 1 when a
    slide failed; the others are written all the same.
    """
    from mitokeras.annotations.folder import write_annotations
    from mitokeras.verdicts.reviewer import check_reviewer

    if atypical_class and reviewer is not None:
        raise click.UsageError("--atypical-class is of the model's figures, without --reviewer")
    name = "" if reviewer is None else check_reviewer(reviewer)
    failed = 0
    for outcome in write_annotations(folder, out, form, name, slides, atypical_class):
        if outcome.path is None:
            failed += 1
            say(f"Error: {printable(outcome.error)}", error=True)
        else:
            say(f"{printable(outcome.name)}: {printable(str(outcome.path))}")
    if failed:
        raise SystemExit(1)
