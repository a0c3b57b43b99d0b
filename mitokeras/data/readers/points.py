"""A table labels.csv of points or boxes, beside the images; perhaps masks as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mitokeras.data.fields import ASSUMED_SPACING_UM_PX, DataSet, Field, Mark, Split
from mitokeras.data.readers.cases import parse_split
from mitokeras.data.readers.files import (
    IMAGE_SUFFIXES,
    by_stem,
    case_before_frame_number,
    find_files,
    is_file_below,
)
from mitokeras.data.readers.labels import MEANING, kind_of, subtype_of
from mitokeras.data.readers.pairs import pair_masks
from mitokeras.data.readers.spacing import ASSUMED_NOTE, stated_spacing
from mitokeras.data.readers.tables import number, read_table
from mitokeras.errors import DataError

LOOKS_FOR = "labels.csv with the columns image, x, y, label"


@dataclass
class _Frame:
    """What the rows of the table say of one image."""

    rows: int = 0
    case: str = ""
    split: Split | None = None
    figures: list[Mark] = field(default_factory=list)
    lookalikes: list[Mark] = field(default_factory=list)
    nuclei: list[Mark] = field(default_factory=list)


def recognises(root: Path) -> bool:
    """Whether the folder holds labels.csv."""
    return (root / "labels.csv").is_file()


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """All images of images/, and those that labels.csv names elsewhere.

    Columns: image (a path from the data set's folder, or a name in images/), x, y, label; if the
    object has a box, box_w and box_h about (x, y); for a mitotic figure, subtype (normal or
    atypical); case; split. A row whose x, y and label are
    empty says that its image has no object. An image without any row has none either; its case
    is its file name before the last `-` or `_` and a number, else the whole name.

    Where masks/ lies beside images/, the masks give the mitotic figures, and labels.csv the rest.
    """
    table = root / "labels.csv"
    folder = root / "images"
    spacing = stated_spacing(root, spacing_um_px)
    images = find_files(folder, IMAGE_SUFFIXES) if folder.is_dir() else []
    by_stem(images)
    masks = pair_masks(folder, root / "masks") if (root / "masks").is_dir() else {}
    frames = {path: _Frame() for path in images}
    counts: Counter[str] = Counter()
    for line, row in read_table(table, ("image", "x", "y", "label")):
        _add_row(frames, counts, root, f"{table}, line {line}", row)
    notes = _notes(frames, counts, has_masks=bool(masks)) + ([] if spacing else [ASSUMED_NOTE])
    fields = tuple(
        Field(
            image=path,
            case=frame.case or case_before_frame_number(path.stem),
            spacing_um_px=spacing or ASSUMED_SPACING_UM_PX,
            figures=() if path in masks else tuple(frame.figures),
            lookalikes=tuple(frame.lookalikes),
            nuclei=tuple(frame.nuclei),
            mask=masks.get(path),
            split=frame.split,
        )
        for path, frame in frames.items()
    )
    return DataSet("points", fields, tuple(notes))


def _add_row(
    frames: dict[Path, _Frame],
    counts: Counter[str],
    root: Path,
    where: str,
    row: Mapping[str, str],
) -> None:
    frame = frames.setdefault(_image(root, where, row["image"]), _Frame())
    frame.rows += 1
    case, split = row.get("case", ""), parse_split(row.get("split", ""), where)
    if frame.rows > 1 and (case, split) != (frame.case, frame.split):
        raise DataError(
            f"{where}: all rows of an image need the same case and split. "
            f"Received: {case or 'none'}, {split or 'none'}"
        )
    frame.case, frame.split = case, split
    if not (row["x"] or row["y"] or row["label"]):
        return
    if not row["label"]:
        raise DataError(f"{where}: needs a label. Received none")
    mark = _mark(where, row)
    counts[mark.label] += 1
    kind = kind_of(mark.label)
    if kind == "figure":
        frame.figures.append(mark)
    elif kind == "lookalike":
        frame.lookalikes.append(mark)
    elif kind == "nucleus":
        frame.nuclei.append(mark)


def _image(root: Path, where: str, name: str) -> Path:
    name = name.replace("\\", "/")
    for folder in (root, root / "images"):
        if is_file_below(name, folder):
            return folder / name
    raise DataError(
        f"{where}: its image must be there, in the data set's folder. Received: {name or 'none'}"
    )


def _mark(where: str, row: Mapping[str, str]) -> Mark:
    x, y = number(row["x"], where, "x"), number(row["y"], where, "y")
    box = [row.get("box_w", ""), row.get("box_h", "")]
    subtype = subtype_of(row["label"], row.get("subtype", ""), where)
    if not any(box):
        return Mark(x, y, label=row["label"], subtype=subtype)
    width, height = number(box[0], where, "box_w"), number(box[1], where, "box_h")
    if width <= 0 or height <= 0:
        raise DataError(f"{where}: box_w and box_h must be above 0. Received: {width}, {height}")
    return Mark(x, y, size_px=(width, height), label=row["label"], subtype=subtype)


def _notes(frames: Mapping[Path, _Frame], counts: Counter[str], has_masks: bool) -> list[str]:
    notes = []
    if counts:
        kinds = (f"{count} {name} ({MEANING[kind_of(name)]})" for name, count in counts.items())
        notes.append(f"labels: {', '.join(kinds)}")
    if has_masks:
        notes.append("the masks give the mitotic figures, labels.csv only the look-alikes")
    without_case = [path for path, frame in frames.items() if not frame.case]
    if without_case:
        cases = {case_before_frame_number(path.stem) for path in without_case}
        notes.append(
            f"{len(without_case)} of {len(frames)} images have no case in labels.csv: "
            f"{len(cases)} cases taken from their file names"
        )
    without_rows = sum(not frame.rows for frame in frames.values())
    if without_rows:
        notes.append(
            f"{without_rows} of {len(frames)} images have no row in labels.csv, and so no "
            f"{'look-alikes' if has_masks else 'mitotic figures'}"
        )
    return notes
