"""The report of a run: one HTML file that holds its figures and needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import cv2
import numpy as np

from mitokeras.disk.files import atomic_path
from mitokeras.errors import DataError
from mitokeras.report.page import data_uri, image_kind, jpeg, page_templates

LARGE_PNG_BYTES = 500_000
"""A larger PNG shows tissue, and goes into the page as a JPEG of about a fifth of the size."""


class SplitReport(TypedDict):
    """One split of the data.

    Attributes:
        cases: Patients or slides.
        fields: Images.
        figures: Labelled mitotic figures.
        area_mm2: Tissue area of all fields, or None.
    """

    cases: int
    fields: int
    figures: int
    area_mm2: float | None


class StageReport(TypedDict):
    """How one of the two models was trained.

    Attributes:
        model: Name of the architecture, such as "DSCRB + CSAG, widths 64-512".
        parameters: Number of weights.
        epochs: Trained.
        best_epoch: The epoch whose weights were kept.
        seconds: Spent on training.
    """

    model: str
    parameters: int
    epochs: int
    best_epoch: int
    seconds: float


class IntervalReport(TypedDict):
    """95 % intervals as [low, high]; a bound is None where undefined."""

    precision: Sequence[float | None] | None
    recall: Sequence[float | None] | None
    f1: Sequence[float | None] | None


class CaseReport(TypedDict):
    """Counts and rates of one case; a rate is None where undefined."""

    tp: int
    fp: int
    fn: int
    precision: float | None
    recall: float | None
    f1: float | None


class MetricsReport(TypedDict):
    """Scores on the test split, counts pooled over its fields; a rate is None where undefined."""

    tp: int
    fp: int
    fn: int
    precision: float | None
    recall: float | None
    f1: float | None
    ci95: IntervalReport
    ci95_unit: str
    fp_per_mm2: float | None
    per_case: Mapping[str, CaseReport]
    protocol: str
    match_radius_um: float
    spacing_um_px: float
    thresholds: Mapping[str, float]


class RunReport(TypedDict):
    """All that the page says about a run.

    Attributes:
        title: Name of the run.
        created: When it ended, as it should be shown.
        preset: Name of the preset.
        dataset: Name or layout of the data set.
        data_hash: Hash of the data, or None.
        notes: One sentence each on what is missing, assumed or was passed over.
        spacing_um_px: Size of a pixel that the models work at.
        stain: The stain policy in words.
        thresholds_chosen: How and on what the thresholds were chosen, a sentence.
        splits: By name: "train", "validation", "test".
        stages: By name: "segmenter", "classifier".
        metrics: By name, "stage 1" and then "both stages"; empty if nothing was tested.
        environment: Version of each library, and the hardware.
    """

    title: str
    created: str
    preset: str
    dataset: str
    data_hash: str | None
    notes: Sequence[str]
    spacing_um_px: float
    stain: str
    thresholds_chosen: str
    splits: Mapping[str, SplitReport]
    stages: Mapping[str, StageReport]
    metrics: Mapping[str, MetricsReport]
    environment: Mapping[str, str]


def write_report(run: RunReport, figures: Sequence[tuple[str, str, Path]], path: Path) -> None:
    """Write the report as one HTML file: no script, no network, images inside.

    Args:
        run: All texts are escaped.
        figures: (title, caption, path of a PNG or JPEG file), in the order in which they are shown.
        path: The HTML file, written atomically.

    Raises:
        DataError: A figure is no PNG or JPEG file.
    """
    shown = [
        {"title": title, "caption": caption, **_image(figure)} for title, caption, figure in figures
    ]
    # One row a case, with a cell for each of the tested detectors.
    names = sorted({case for metrics in run["metrics"].values() for case in metrics["per_case"]})
    cases = [
        (name, [metrics["per_case"].get(name) for metrics in run["metrics"].values()])
        for name in names
    ]
    text = (
        page_templates()
        .get_template("run/report.html.jinja")
        .render(run=run, figures=shown, cases=cases)
    )
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")


def _image(path: Path) -> dict[str, str | int]:
    """Give the data URI of a figure, and its width in the page: two of its pixels for one."""
    content = path.read_bytes()
    kind = image_kind(content)
    pixels = None
    if kind is not None:
        pixels = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise DataError(f"{path}: a figure of a report must be a whole PNG or JPEG file")
    if kind == "png" and len(content) > LARGE_PNG_BYTES:
        content = jpeg(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    return {"source": data_uri(content), "width": pixels.shape[1] // 2}
