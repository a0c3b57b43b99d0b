"""Pictures of what a cross-validated detector gets right and wrong, for README and model card.

    python recipes/draw_pictures.py CROSSVALIDATION [BUNDLES]

CROSSVALIDATION is a folder of `mitokeras crossvalidate`; BUNDLES one of its folders in `exports`,
whose networks are then taken. Every picture shows a whole field of a completely labelled data set
to a detector that has not seen its case; patches are too small to show.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from mitokeras.crossvalidation.workspace import Workspace
from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import cut_crops
from mitokeras.detector import Detector
from mitokeras.report.run.overlays import MarkedPoint, overlay_figure
from mitokeras.report.run.style import save_png
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.thresholds import LEAST_AREA_MM2
from mitokeras.train.answers import marked_points

ROOT = Path(__file__).parent.parent
GALLERY = ROOT / "docs" / "images"
FAILURES = Path(__file__).parent / "pictures"

WIDTH_PX = 1400
CROP_PX, ZOOM, COLUMNS, MOST = 96, 1.5, 8, 16
NEAR_PX = 30


Shown = tuple[StoredField, ScoredField, list[MarkedPoint]]


def held_out(workspace: Workspace, store: Store, bundles: Path | None) -> Iterator[Shown]:
    """Each completely labelled whole field with what was found in it."""
    for run in workspace.folds:
        detector = Detector.load(run.root if bundles is None else bundles / run.root.name)
        protocol = get_protocol(detector.spec.protocol)
        for field in workspace.data(store, run).complete("test"):
            if field.area_mm2 < LEAST_AREA_MM2:
                continue
            scored = ScoredField.of(field, detector.detect(field.image()))
            yield field, scored, marked_points(scored, scored.radius_px(protocol))


def draw_gallery(field: StoredField, scored: ScoredField, points: list[MarkedPoint]) -> None:
    shown = [
        point
        for point in points
        if point.kind != "rejected"
        or (np.hypot(*(field.figures - (point.x, point.y)).T) <= NEAR_PX).any()
    ]
    figure = overlay_figure(
        field.image(),
        shown,
        title=field.name.partition(".")[0],
        spacing_um_px=field.spacing_um_px,
        radius_px=scored.radius_px(get_protocol("midog")),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "overlay.png"
        save_png(figure, path)
        drawn = cv2.imread(str(path))
    scale = WIDTH_PX / drawn.shape[1]
    drawn = cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    name = f"gallery_{field.case.rpartition('/')[2]}.jpg".lower()
    write(GALLERY / name, drawn)


def draw_sheet(crops: list[np.ndarray], path: Path) -> None:
    """Crops in rows, each framed by white."""
    cells = [
        cv2.copyMakeBorder(
            cv2.resize(crop, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_CUBIC),
            3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(255, 255, 255),
        )
        for crop in crops[:MOST]
    ]  # fmt: skip
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % COLUMNS)
    rows = [np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]
    write(path, np.vstack(rows)[..., ::-1])


def write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), pixels, (cv2.IMWRITE_JPEG_QUALITY, 82))
    print(path)


def main(root: Path, bundles: Path | None) -> None:
    workspace = Workspace.open(root)
    false, lookalikes, missed = [], [], []
    richest: dict[str, tuple[tuple[int, int], Shown]] = {}
    with workspace.store() as store:
        for field, scored, points in held_out(workspace, store, bundles):
            hits = sum(point.kind == "true_positive" for point in points)
            richness = (hits, len(field.figures))
            if field.case not in richest or richness > richest[field.case][0]:
                richest[field.case] = (richness, (field, scored, points))
            for point in points:
                if point.kind not in ("false_positive", "missed"):
                    continue
                crop = cut_crops(field.image(), np.array([[point.x, point.y]]), CROP_PX)[0]
                near = np.hypot(*(field.lookalikes - (point.x, point.y)).T) <= NEAR_PX
                if point.kind == "missed":
                    missed.append(crop)
                else:
                    (lookalikes if near.any() else false).append((point.classifier_score, crop))
        for _, found in richest.values():
            draw_gallery(*found)
    for name, crops in (("false_nuclei", false), ("false_lookalikes", lookalikes)):
        if crops:
            best_first = sorted(crops, key=lambda one: -(one[0] or 0))
            draw_sheet([crop for _, crop in best_first], FAILURES / f"{name}.jpg")
    if missed:
        draw_sheet(missed[:: -(-len(missed) // MOST)], FAILURES / "missed.jpg")
    print(f"{len(false)} false, {len(lookalikes)} on labelled look-alikes, {len(missed)} missed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
