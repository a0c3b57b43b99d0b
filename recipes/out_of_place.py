"""Does stage 1 find a figure by what it looks like, or by its place in a patch? `out_of_place.csv`.

    python recipes/out_of_place.py CROSSVALIDATION

For each fold, parts of 64 px of the small fields that it has not seen, with a mitotic figure
anywhere but at the rim, are put together at random to sheets of 12 x 12. Shown to stage 1 by
itself, where nothing but its look tells a figure. The share of figures found there stands
beside that in the same fields as they are.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from mitokeras.crossvalidation.workspace import Workspace
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import find_candidates
from mitokeras.detect.tiling import probability_map
from mitokeras.run.config import DetectionConfig
from mitokeras.runners.keras import KerasRunner, load_model

PART_PX, RIM_PX, SIDE, FIELDS = 64, 16, 12, 450
RADIUS_PX = 30
"""7.5 um: the `midog` protocol."""
THRESHOLDS = (0.1, 0.5, 0.7, 0.9, 0.97, 0.99)


def cut(field: StoredField, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    """A part with one figure, and where that is in it; None where that cannot be cut."""
    x, y = field.figures[0]
    least, most = RIM_PX, PART_PX - RIM_PX
    left = int(np.clip(x - rng.uniform(least, most), 0, field.width - PART_PX))
    top = int(np.clip(y - rng.uniform(least, most), 0, field.height - PART_PX))
    at = field.figures - (left, top)
    inside = at[((at >= 0) & (at < PART_PX)).all(axis=1)]
    if len(inside) != 1:
        return None
    return field.image()[top : top + PART_PX, left : left + PART_PX], inside[0]


def nearest(found: np.ndarray, xy: np.ndarray) -> float:
    return float(np.linalg.norm(found - xy, axis=1).min(initial=np.inf))


def judge(fields: list[StoredField], segmenter: KerasRunner, detection: DetectionConfig) -> dict:
    """By data set and threshold: figures found on sheets, in the fields, and of how many."""

    def found(image: np.ndarray) -> list[np.ndarray]:
        size = detection.tile_px, detection.halo_px
        probability = probability_map(image, segmenter, *size)
        least = detection.min_area_px
        return [find_candidates(probability, t, least).xy for t in THRESHOLDS]

    rng = np.random.default_rng(0)
    cut_from = [(field, part) for field in fields if (part := cut(field, rng))]
    cut_from = cut_from[: len(cut_from) // SIDE**2 * SIDE**2]
    counts: dict[str, np.ndarray] = {}
    for start in range(0, len(cut_from), SIDE**2):
        own = cut_from[start : start + SIDE**2]
        sheet = np.concatenate(
            [np.concatenate([part[0] for _, part in own[row::SIDE]], 1) for row in range(SIDE)]
        )
        on_sheet = found(sheet)
        for number, (field, (_, xy)) in enumerate(own):
            column, row = divmod(number, SIDE)
            place = xy + PART_PX * np.array([column, row])
            in_field = found(field.image())
            row_of = counts.setdefault(field.source, np.zeros((len(THRESHOLDS), 3), int))
            for i, each in enumerate(on_sheet):
                row_of[i, 0] += nearest(each, place) <= RADIUS_PX
                row_of[i, 1] += nearest(in_field[i], field.figures[0]) <= RADIUS_PX
                row_of[i, 2] += 1
    return counts


def main(root: Path) -> None:
    workspace = Workspace.open(root)
    detection = workspace.settings.run.config.detection
    rows = []
    with workspace.store() as store:
        for run in workspace.folds:
            fields = [
                field
                for field in workspace.data(store, run).of("test")
                if max(field.height, field.width) <= 2 * PART_PX and len(field.figures)
            ]
            np.random.default_rng(0).shuffle(fields)
            segmenter = KerasRunner(load_model(run.segmenter_file))
            for source, counts in judge(fields[:FIELDS], segmenter, detection).items():
                for threshold, (sheet, field, figures) in zip(THRESHOLDS, counts, strict=True):
                    shares = f"{sheet / figures:.3f}", f"{field / figures:.3f}"
                    rows.append((run.root.name, source, threshold, figures, *shares))
                    print(*rows[-1], flush=True)
    with Path(__file__).with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("fold", "data", "threshold", "figures", "on_sheets", "in_the_fields"))
        table.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
