"""MIDOG and MIDOG++: one COCO-like JSON file of boxes for all images.

Sources: Aubreville et al., Sci Data 10:484, 2023 (MIDOG++); github.com/DeepMicroscopy/MIDOGpp, with
the scanner of each image. Unlike in COCO, a box is [x1, y1, x2, y2].
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mitokeras.data.fields import ASSUMED_SPACING_UM_PX, DataSet, Field, Mark
from mitokeras.data.readers.files import is_file_below, split_of
from mitokeras.data.readers.labelled import labelled_dataset
from mitokeras.data.readers.labels import Kind, kind_of, subtype_of
from mitokeras.data.readers.spacing import ASSUMED_NOTE, stated_spacing
from mitokeras.data.readers.tables import read_json
from mitokeras.errors import DataError

LOOKS_FOR = "a COCO-like JSON file with images, annotations and categories"

HAMAMATSU_IDS = (range(1, 101), range(350, 405), range(505, 554))
HAMAMATSU_UM_PX = 0.23
OTHER_SCANNERS_UM_PX = 0.25
"""MIDOG++: Hamamatsu XR and S360 by these image ids; Aperio CS2 and 3DHistech Pannoramic Scan II
elsewhere. The paper rounds as here."""

LARGEST_PX = 2**31
CONSTANT_PX = 1.0
"""Boxes whose sides differ by no more are of one size, drawn about a point."""


def recognises(root: Path) -> bool:
    """Whether a JSON file in the folder is COCO-like, or broken."""
    return any(_may_be_coco_like(path) for path in _json_files(root))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """The images that have annotations; an image, which is a case of its own, is a field.

    An image without any annotation is not read: in MIDOG++ those are the 50 images of a scanner
    whose labels the challenge kept.
    """
    path, content = _content(root)
    stated = stated_spacing(root, spacing_um_px)
    info = content.get("info")
    is_midogpp = isinstance(info, dict) and "MIDOG++" in str(info.get("description"))
    marks, notes = _marks(path, content)
    if not (stated or is_midogpp):
        notes.append(ASSUMED_NOTE)
    labelled, present = [], []
    for image in content["images"]:
        folders = (path.parent, path.parent / "images", root / "images")
        name = image["file_name"]
        place = next((each / name for each in folders if is_file_below(name, each)), None)
        if place:
            present.append(place)
        if image["id"] not in marks:
            continue
        spacing = _midogpp_spacing(image["id"]) if is_midogpp else ASSUMED_SPACING_UM_PX
        labelled.append(
            Field(
                image=place or folders[-1] / name,
                case=Path(name).stem,
                spacing_um_px=stated or spacing,
                figures=_of_kind(marks[image["id"]], "figure"),
                lookalikes=_of_kind(marks[image["id"]], "lookalike"),
                split=split_of(place, root) if place else None,
            )
        )
    return labelled_dataset("midog", labelled, present, notes)


def _of_kind(marks: Sequence[Mark], kind: Kind) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks if kind_of(mark.label) == kind)


def _midogpp_spacing(image_id: int) -> float:
    is_hamamatsu = any(image_id in ids for ids in HAMAMATSU_IDS)
    return HAMAMATSU_UM_PX if is_hamamatsu else OTHER_SCANNERS_UM_PX


def _json_files(root: Path) -> list[Path]:
    """JSON files in the folder or in databases/, as in the repository of MIDOG++."""
    paths = [*sorted(root.glob("*.json")), *sorted((root / "databases").glob("*.json"))]
    return [path for path in paths if path.name != "dataset.json"]


def _may_be_coco_like(path: Path) -> bool:
    """Whether it is COCO-like, or broken JSON, of which reading it will then tell."""
    try:
        content = read_json(path)
    except DataError:
        return True
    return isinstance(content, dict) and {"images", "annotations"} <= content.keys()


def _content(root: Path) -> tuple[Path, dict[str, Any]]:
    """The one label file and what is in it, each entry with the keys that are needed."""
    files = _json_files(root)
    paths = [path for path in files if _may_be_coco_like(path)]
    if len(paths) != 1:
        names = ", ".join(path.name for path in paths or files) or "no JSON file"
        raise DataError(f"{root}: needs one file that is {LOOKS_FOR}. Received: {names}")
    content = read_json(paths[0])
    needed = {
        "images": {"id": int, "file_name": str},
        "annotations": {"image_id": int, "category_id": int, "bbox": list},
        "categories": {"id": int, "name": str},
    }
    for key, types in needed.items():
        entries = content.get(key)
        if not isinstance(entries, list):
            raise DataError(f"{paths[0]}: must be COCO-like, with a list of {key}")
        for entry in entries:
            if not isinstance(entry, dict) or not all(
                isinstance(entry.get(name), kind) for name, kind in types.items()
            ):
                raise DataError(
                    f"{paths[0]}: each of {key} needs {', '.join(types)}. Received: {entry}"
                )
    for name, entries in (("id", content["images"]), ("file_name", content["images"])):
        values = [entry[name] for entry in entries]
        if len(set(values)) != len(values):
            raise DataError(f"{paths[0]}: each image needs its own {name}")
    return paths[0], content


def _marks(path: Path, content: dict[str, Any]) -> tuple[dict[int, list[Mark]], list[str]]:
    """Marks by image id; boxes of one constant size become points."""
    names = {category["id"]: category["name"] for category in content["categories"]}
    images = {image["id"]: image for image in content["images"]}
    boxes = [_box(path, annotation) for annotation in content["annotations"]]
    sides = [(x2 - x1, y2 - y1) for x1, y1, x2, y2 in boxes]
    are_points = all(
        max(values) - min(values) <= CONSTANT_PX for values in zip(*sides, strict=True)
    )
    marks: dict[int, list[Mark]] = defaultdict(list)
    moved = 0
    for annotation, box, side in zip(content["annotations"], boxes, sides, strict=True):
        if annotation["image_id"] not in images or annotation["category_id"] not in names:
            raise DataError(f"{path}: no image or category of this annotation. Got: {annotation}")
        image = images[annotation["image_id"]]
        centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        x = _onto(centre[0], side[0], image.get("width"))
        y = _onto(centre[1], side[1], image.get("height"))
        moved += (x, y) != centre
        label = names[annotation["category_id"]]
        size = None if are_points else side
        subtype = subtype_of(label, "", str(path))
        marks[image["id"]].append(Mark(x, y, size, label=label, subtype=subtype))
    notes = []
    if moved:
        notes.append(f"{moved} boxes have their centre beyond the border, and are moved onto it")
    return dict(marks), notes


def _box(path: Path, annotation: dict[str, Any]) -> list[float]:
    box = annotation["bbox"]
    are_numbers = all(isinstance(value, (int, float)) and abs(value) < LARGEST_PX for value in box)
    if len(box) != 4 or not are_numbers or not (box[2] > box[0] and box[3] > box[1]):
        raise DataError(f"{path}: bbox must be [x1, y1, x2, y2] with x2 > x1, y2 > y1. Got: {box}")
    return [float(value) for value in box]


def _onto(centre: float, side: float, length: object) -> float:
    """Move a centre onto the image that its box reaches into; loading refuses other centres."""
    if not isinstance(length, (int, float)) or not 0 < length < LARGEST_PX:
        return centre
    if not -side / 2 < centre < length - 1 + side / 2:
        return centre
    return min(max(centre, 0.0), length - 1.0)
