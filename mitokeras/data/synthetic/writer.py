"""A folder of synthetic fields."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from mitokeras.data.synthetic.field import SyntheticField, draw_field
from mitokeras.disk.files import atomic_folder, write_json
from mitokeras.errors import DataError

GENERATOR_VERSION = 1
SPACING_UM_PX = 0.25
COLUMNS = ("image", "x", "y", "label", "box_w", "box_h", "case", "phase")


def _number(*keys: int) -> int:
    """A seed that belongs to the keys."""
    return int(np.random.SeedSequence(keys).generate_state(1)[0])


def _write_image(path: Path, pixels: np.ndarray) -> None:
    if not cv2.imwrite(str(path), pixels):
        raise OSError(f"{path}: the image could not be written")


def _write_field(folder: Path, name: str, field: SyntheticField, case: str) -> list[list[object]]:
    """Write image and mask; the rows of labels.csv that belong to them."""
    _write_image(folder / "images" / f"{name}.png", field.image[..., ::-1])
    _write_image(folder / "masks" / f"{name}.png", field.mask * 255)
    return [
        [f"images/{name}.png", o.x, o.y, o.label, o.w, o.h, case, o.phase or ""]
        for o in field.objects
    ]


def write_synthetic(
    out: Path, fields: int, *, seed: int, field_px: int = 1024, cases: int | None = None
) -> Path:
    """Write a data set of synthetic fields: images, masks, labels.csv and dataset.json.

    Field number i depends on the seed, i and its case only, so a larger set holds the smaller
    one, given the same number of cases. The looks of the cases depend on the seed as well: sets
    of two seeds come from different laboratories.

    Args:
        out: New or empty folder; it appears complete or not at all.
        fields: Number of fields.
        seed: Seed of the whole set.
        field_px: Height and width of a field.
        cases: Number of laboratories, over which the fields are spread evenly; None for one per
            four fields, at least three.

    Returns:
        `out`.

    Raises:
        DataError: `out` exists and is not an empty folder, a count is below 1, or the seed is
            negative.
    """
    out = Path(out)
    cases = min(fields, max(3, fields // 4)) if cases is None else cases
    if min(fields, field_px, cases, seed + 1) < 1:
        raise DataError(
            f"{out}: fields, field_px and cases must be 1 or more, seed 0 or more. "
            f"Received: fields={fields}, field_px={field_px}, cases={cases}, seed={seed}"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out}: synthetic fields need a new or empty folder. It is in use")
    with atomic_folder(out) as folder:
        _write_all(folder, fields, seed, field_px, cases)
    return out


def _write_all(folder: Path, fields: int, seed: int, field_px: int, cases: int) -> None:
    for name in ("images", "masks"):
        (folder / name).mkdir()
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for i in range(fields):
            case = i % cases + 1
            field = draw_field(
                field_px, field_px, seed=_number(seed, 1, i), case=_number(seed, 0, case)
            )
            table.writerows(_write_field(folder, f"field_{i + 1:04d}", field, f"case_{case:02d}"))
    about = {
        "name": "synthetic",
        "spacing_um_px": SPACING_UM_PX,
        "generator": f"mitokeras.data.synthetic {GENERATOR_VERSION}",
        "seed": seed,
        "fields": fields,
        "field_px": field_px,
        "cases": cases,
    }
    write_json(folder / "dataset.json", about)
