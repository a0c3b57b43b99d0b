"""The report of a run: one HTML file that holds its figures and needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mitokeras.disk.files import atomic_path
from mitokeras.report.page import page_image, page_templates
from mitokeras.run.record import StageRecord
from mitokeras.run.start import StartRecord
from mitokeras.score.scores import STAGE_NAMES, Gain, Scores, StageScores


class SplitFacts(NamedTuple):
    """One split of the data.

    Attributes:
        cases: Number of patients or slides.
        fields: Number of images.
        figures: Number of labelled mitotic figures.
        area_mm2: Area of all fields.
    """

    cases: int
    fields: int
    figures: int
    area_mm2: float


@dataclass(frozen=True, eq=False)
class RunReport:
    """All that the page says about a run.

    Attributes:
        title: Name of the run.
        created: When it ended, as it should be shown.
        preset: Name of the preset.
        dataset: Name of the data set.
        data_hash: Hash of the data.
        notes: One sentence each on what is missing, assumed or was passed over.
        spacing_um_px: Size of a pixel that the models work at.
        stain: The stain policy in words.
        thresholds_chosen: How and on what the thresholds were chosen, a sentence.
        splits: By name: "train", "validation", "test".
        stages: By name: "segmenter", "classifier" and, where there is a stage 3, "subtyper".
        test: Scores on fields that had no part in the training, or None where nothing was tested.
        environment: Version of each library, and the hardware.
        start: The trained model that it was fine-tuned from, or None.
        gain: Over that, where something was tested.
    """

    title: str
    created: str
    preset: str
    dataset: str
    data_hash: str
    notes: Sequence[str]
    spacing_um_px: float
    stain: str
    thresholds_chosen: str
    splits: Mapping[str, SplitFacts]
    stages: Mapping[str, StageRecord]
    test: Scores | None
    environment: Mapping[str, str]
    start: StartRecord | None = None
    gain: Gain | None = None

    @property
    def metrics(self) -> dict[str, StageScores]:
        """The test scores by the stage in words, "stage 1" and then "both stages"."""
        by_stage = {} if self.test is None else self.test.by_stage()
        return {STAGE_NAMES[stage]: own for stage, own in by_stage.items()}

    @property
    def thresholds(self) -> dict[str, dict[str, float]]:
        """By the stage in words, what its scores depend on: stage 1 alone knows no classifier."""
        given = None if self.test is None else self.test.thresholds
        if given is None:
            return {}
        both = given.model_dump()
        own = {"segmenter": {"segmenter": both["segmenter"]}, "both": both}
        return {name: own[stage] for stage, name in STAGE_NAMES.items()}


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
        {"title": title, "caption": caption, **page_image(figure)}
        for title, caption, figure in figures
    ]
    # One row a case, with a cell for each of the tested detectors.
    tested = run.metrics.values()
    names = sorted({case for metrics in tested for case in metrics.per_case})
    cases = [(name, [metrics.per_case.get(name) for metrics in tested]) for name in names]
    text = (
        page_templates()
        .get_template("run/report.html.jinja")
        .render(run=run, figures=shown, cases=cases)
    )
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")
