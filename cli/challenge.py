"""`mitokeras challenge`."""

from __future__ import annotations

from pathlib import Path

import click

from mitokeras.cli.options import spacing_option
from mitokeras.cli.predicting import load_detector, model_option, summary
from mitokeras.cli.terminal import say
from mitokeras.text import printable

FIGURES_FILE = "mitotic-figures.json"


@click.command("challenge")
@click.option("--input", "job", default="/input", show_default=True, metavar="DIR",
              type=click.Path(path_type=Path), help="Folder of the job.")  # fmt: skip
@click.option("--output", "out", default="/output", show_default=True, metavar="DIR",
              type=click.Path(path_type=Path), help=f"Folder of {FIGURES_FILE}.")  # fmt: skip
@model_option
@spacing_option
def command(job: Path, out: Path, model: str, spacing_um_px: float | None) -> None:
    """Find the mitotic figures of one image, as algorithms of grand-challenge.org do.

    The image is the one TIFF or MHA that lies where inputs.json of the job says, or without that in
    images/histopathology-roi-cropout. The answer is OUTPUT/mitotic-figures.json: "Multiple points"
    in mm, those below the threshold as "non-mitotic figure", each with its probability.
    """
    from mitokeras.disk.files import atomic_path
    from mitokeras.predict.challenge import job_image
    from mitokeras.report.slide.grand_challenge import multiple_points

    image = job_image(job)
    prediction = load_detector(model, threads=None).predict_slide(image, spacing_um_px)
    out.mkdir(parents=True, exist_ok=True)
    with atomic_path(out / FIGURES_FILE) as partial:
        partial.write_bytes(multiple_points(prediction))
    say(f"{printable(image.name)}: {summary(prediction)}")
