"""A table labels.csv of points or boxes, beside the images; perhaps masks as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mitokeras.data.fields import DataSet, Field, Mark, Split
from mitokeras.data.readers.case_names import case_before_frame_number, case_of
from mitokeras.data.readers.case_notes import notes_on_guessed
from mitokeras.data.readers.cases import parse_split
from mitokeras.data.readers.files import is_there, named_file
from mitokeras.data.readers.labels import kind_of, labels_note, objects, subtype_of
from mitokeras.data.readers.pairs import by_place, pair_masks
from mitokeras.data.readers.spacing import spacing_of, stated_spacing
from mitokeras.data.readers.tables import number, read_table
from mitokeras.errors import DataError

LOOKS_FOR = "labels.csv with the columns image, x, y, label"

NUMBERS = ("x", "y", "box_w", "box_h")

CORNER_COLUMNS = frozenset({"w", "h", "width", "height"})
"""Columns beside which (x, y) may be the corner of a box."""


@dataclass
class _Frame:
    """What the rows of the table say of one image."""

    image: Path
    rows: int = 0
    case: str = ""
    split: Split | None = None
    marks: list[Mark] = field(default_factory=list)


def recognises(root: Path) -> bool:
    """Whether the folder holds labels.csv."""
    return is_there(root / "labels.csv")


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """All images of images/, and those that labels.csv names elsewhere.

    Columns: image (a path from the data set's folder, or a name in images/), x, y, label; if the
    object has a box, box_w and box_h about (x, y); for a mitotic figure, subtype (normal or
    atypical); case; split. A row whose x, y and label are
    empty says that its image has no object. An image without any row has none either; its case
    is its sub-folder, else taken from its name.

    Where masks/ lies beside images/, the masks give the mitotic figures, and labels.csv the rest.
    """
    table = root / "labels.csv"
    folder = root / "images"
    stated = stated_spacing(root, spacing_um_px)
    images = by_place(folder).values() if folder.is_dir() else ()
    masks = pair_masks(folder, root / "masks") if (root / "masks").is_dir() else {}
    frames = {path.resolve(): _Frame(path) for path in images}
    for line, row in read_table(table, ("image", "x", "y", "label"), NUMBERS):
        _add_row(frames, root, f"{table}, line {line}", row)
    notes = _notes(frames, root, has_masks=bool(masks))
    spacing = spacing_of(stated, None, notes)
    fields = []
    for frame in frames.values():
        path = frame.image
        found = objects(frame.marks, str(table))
        if path in masks:
            found["figures"] = ()
        fields.append(
            Field(
                image=path,
                case=frame.case or _guessed_case(path, root),
                **spacing,
                **found,
                mask=masks.get(path),
                split=frame.split,
            )
        )
    return DataSet("points", tuple(fields), tuple(notes))


def _add_row(frames: dict[Path, _Frame], root: Path, where: str, row: Mapping[str, str]) -> None:
    image = _image(root, where, row["image"])
    frame = frames.setdefault(image.resolve(), _Frame(image))
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
    kind_of(row["label"], where)
    frame.marks.append(_mark(where, row))


def _guessed_case(image: Path, root: Path) -> str:
    return case_of(image, root, case_before_frame_number)


def _image(root: Path, where: str, name: str) -> Path:
    image = named_file(where, name, (root, root / "images"))
    if image is None:
        raise DataError(
            f"{where}: its image must be there, in the data set's folder. "
            f"Received: {name or 'none'}"
        )
    return image


def _mark(where: str, row: Mapping[str, str]) -> Mark:
    x, y = number(row["x"], where, "x"), number(row["y"], where, "y")
    box = [row.get("box_w", ""), row.get("box_h", "")]
    subtype = subtype_of(row["label"], row.get("subtype", ""), where)
    if not any(box):
        corner = sorted(name for name in CORNER_COLUMNS if row.get(name))
        if corner:
            raise DataError(
                f"{where}: (x, y) must be the centre, and box_w and box_h the size of a box about "
                f"it; an image's size is not read. Received a column {corner[0]}"
            )
        return Mark(x, y, label=row["label"], subtype=subtype)
    width, height = number(box[0], where, "box_w"), number(box[1], where, "box_h")
    if width <= 0 or height <= 0:
        raise DataError(f"{where}: box_w and box_h must be above 0. Received: {width}, {height}")
    return Mark(x, y, size_px=(width, height), label=row["label"], subtype=subtype)


def _notes(frames: Mapping[Path, _Frame], root: Path, has_masks: bool) -> list[str]:
    notes = labels_note(Counter(mark.label for frame in frames.values() for mark in frame.marks))
    if has_masks:
        notes.append("the masks give the mitotic figures, labels.csv only the look-alikes")
    guessed = {
        frame.image: _guessed_case(frame.image, root) for frame in frames.values() if not frame.case
    }
    notes += notes_on_guessed(
        guessed, f"{len(guessed)} of {len(frames)} images have no case in labels.csv: "
    )
    without_rows = sum(not frame.rows for frame in frames.values())
    if without_rows:
        notes.append(
            f"{without_rows} of {len(frames)} images have no row in labels.csv, and so no "
            f"{'look-alikes' if has_masks else 'mitotic figures'}"
        )
    return notes
