"""What `predict` and `watch` share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mitokeras.cli.options import MODEL_HELP, FiniteRange, NamedPath
from mitokeras.counting.nottingham import (
    FIELD_DIAMETER_MM,
    LARGEST_FIELD_MM,
    SMALLEST_FIELD_MM,
)
from mitokeras.detect.folder import DEFAULT_MODEL, model_folder
from mitokeras.runners.silence import silent_stderr
from mitokeras.text import printable

if TYPE_CHECKING:
    from mitokeras.counting.prediction import Prediction
    from mitokeras.detector import Detector
    from mitokeras.predict.tasks import Tick
    from mitokeras.predict.under_way import StepUnderWay

FORMATS = ("csv", "geojson", "grand-challenge", "overlay", "html", "thumbnail")

model_option = click.option(
    "--model", default=DEFAULT_MODEL, show_default=True, metavar="MODEL", help=MODEL_HELP
)

out_option = click.option(
    "--out",
    required=True,
    type=NamedPath(path_type=Path, file_okay=False),
    help="Folder of the predictions.",
)

format_option = click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    default=FORMATS,
    help="What to write for each slide, beside prediction.json; can be given several times. "
    "Default: all.",
)

atypical_class_option = click.option(
    "--atypical-class",
    is_flag=True,
    help="Give figures that the model calls atypical a class of their own in QuPath, in "
    "detections_atypical.geojson in place of detections.geojson.",
)

field_diameter_option = click.option(
    "--field-diameter-mm",
    type=FiniteRange(min=SMALLEST_FIELD_MM, max=LARGEST_FIELD_MM),
    default=FIELD_DIAMETER_MM,
    show_default=True,
    metavar="MM",
    help="Diameter of a high-power field, for the count in ten and the mitotic score.",
)


false_per_mm2_option = click.option(
    "--false-per-mm2",
    type=FiniteRange(min=0, min_open=True),
    metavar="N",
    help="Accept figures from the lowest threshold on that gives at most N false figures per mm2 "
    "of tissue, by the model's cross-validation. Default: the model's own threshold.",
)


def chosen_outputs(formats: tuple[str, ...], atypical_class: bool, model: str) -> tuple[str, ...]:
    """The outputs by --format and --atypical-class.

    Raises:
        ModelError: The model has no stage 3 to call figures atypical.
    """
    from mitokeras.detect.spec import read_spec
    from mitokeras.errors import ModelError

    if not atypical_class:
        return formats
    if "geojson" not in formats:
        raise click.UsageError("--atypical-class needs --format geojson")
    if read_spec(model_folder(model)).subtyping is None:
        raise ModelError(
            f"{model}: --atypical-class needs a model that tells atypical figures from normal ones"
        )
    return tuple("geojson-atypical" if name == "geojson" else name for name in formats)


def load_detector(model: str, threads: int | None, false_per_mm2: float | None = None) -> Detector:
    """Load a model without the notes that its runtime prints.

    Raises:
        ModelError: See `Detector.load` and `Detector.at_false_rate`.
    """
    from mitokeras.detector import Detector

    folder = model_folder(model)  # what this has to say is heard
    with silent_stderr():
        detector = Detector.load(folder, threads)
    return detector if false_per_mm2 is None else detector.at_false_rate(false_per_mm2)


@contextmanager
def show_progress(name: str, under_way: StepUnderWay[Any]) -> Iterator[Tick]:
    """A bar with rate and time left, where the standard error is a terminal."""
    from tqdm import tqdm

    step = under_way.step
    with tqdm(
        desc=f"{printable(name)}: {step.name}",
        total=step.size,
        initial=under_way.size_done,
        unit=f" {step.unit}",
        disable=None,
        leave=False,
    ) as bar:
        yield bar.update


def summary(prediction: Prediction) -> str:
    """The counts of a slide in one line."""
    from mitokeras.report.slide.atypical_words import called_text, share_text
    from mitokeras.report.slide.words import (
        remarks,
        score_text,
        slide_doubts,
        spacing_overridden,
        spacing_text,
        threshold_text,
    )

    count = prediction.count
    beside = remarks(count)
    plural = "" if count.figures == 1 else "s"
    tissue = f"in {count.tissue_mm2:.2f} mm2 of tissue"
    parts = [_with(f"{count.figures} mitotic figure{plural} {tissue}", beside.figures)]
    if (atypical := prediction.atypical) and atypical.called:
        true = atypical.corrected
        less = f", or {share_text(true)} less the measured errors" if true else ""
        parts.append(called_text(atypical) + less)
    if count.hotspot is not None:
        parts.append(_with(f"{count.hotspot.figures} in the hotspot of 2 mm2", beside.hotspot))
    if count.ten_fields is not None:
        ten = f"{count.ten_fields.figures} in ten fields of {count.field_diameter_mm:g} mm"
        parts.append(_with(ten, beside.ten_fields))
    if spacing_overridden(prediction.image):
        parts.append(spacing_text(prediction.image))
    parts += slide_doubts(prediction)
    return ", ".join([*parts, threshold_text(prediction), score_text(count)])


def _with(words: str, remark: str) -> str:
    return f"{words} ({remark})" if remark else words
