"""MIDOG, MIDOG++ and COCO: one JSON file of boxes for all images.

Sources: Aubreville et al., Sci Data 10:484, 2023 (MIDOG++); github.com/DeepMicroscopy/MIDOGpp, with
the scanner of each image; https://cocodataset.org/#format-data.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mitokeras.data.fields import DataSet, Field, Mark
from mitokeras.data.readers.boxes import MEANING, Boxes, are_constant, centres_and_sizes
from mitokeras.data.readers.case_names import case_before_frame_number, case_of
from mitokeras.data.readers.case_notes import notes_on_guessed
from mitokeras.data.readers.files import IMAGE_SUFFIXES, find_files, named_file, split_of
from mitokeras.data.readers.labelled import labelled_dataset
from mitokeras.data.readers.labels import labels_note, objects, subtype_of
from mitokeras.data.readers.places import LARGEST_PX, check_pixels
from mitokeras.data.readers.spacing import spacing_of, stated_spacing
from mitokeras.data.readers.tables import DATASET_JSON, read_dataset_json, read_json
from mitokeras.errors import DataError

LOOKS_FOR = "a COCO-like JSON file with images, annotations and categories"

HAMAMATSU_IDS = (range(1, 101), range(350, 405), range(505, 554))
HAMAMATSU_UM_PX = 0.23
OTHER_SCANNERS_UM_PX = 0.25
"""MIDOG++: Hamamatsu XR and S360 by these image ids; Aperio CS2 and 3DHistech Pannoramic Scan II
elsewhere. The paper rounds as here."""

FOLDERS = (".", "databases", "annotations")
"""Where the file lies: databases/ in the repository of MIDOG++, annotations/ in COCO."""

NEEDED: dict[str, dict[str, type | tuple[type, ...]]] = {
    "images": {"id": (int, str), "file_name": str},
    "annotations": {"image_id": (int, str), "category_id": (int, str), "bbox": list},
    "categories": {"id": (int, str), "name": str},
}

COCO_KEYS = frozenset({"area", "iscrowd", "segmentation"})


@dataclass(frozen=True)
class _File:
    """The label file: entries by their id as text, since some programs write 1 and "1"."""

    path: Path
    images: dict[str, dict[str, Any]]
    categories: dict[str, str]
    annotations: list[dict[str, Any]]
    description: str

    @property
    def is_midog(self) -> bool:
        return "MIDOG" in f"{self.description} {self.path.stem}".upper()

    @property
    def is_midogpp(self) -> bool:
        return "MIDOG++" in self.description


def recognises(root: Path) -> bool:
    """Whether a JSON file in the folder is COCO-like, or broken."""
    return any(_may_be_coco_like(path) for path in _json_files(root))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """The images that the file lists, each a field.

    Of MIDOG, an image without any annotation is not read: in MIDOG++ those are the 50 images of a
    scanner whose labels the challenge kept; and each image is a case. In other files such an image
    holds no mitosis, and the case is its sub-folder, else taken from its name.
    """
    file = _file(root)
    stated = stated_spacing(root, spacing_um_px)
    marks, notes = _marks(file, read_dataset_json(root).get("bbox"))
    labelled, present = [], set()
    for key, image in file.images.items():
        place, is_there = _place(file.path, root, image["file_name"])
        if is_there:
            present.add(place)
        if key not in marks and file.is_midog:
            continue
        labelled.append(
            Field(
                image=place,
                case=(
                    place.stem if file.is_midog else case_of(place, root, case_before_frame_number)
                ),
                **spacing_of(stated, _known_spacing(file, key), notes),
                **objects(marks.get(key, ()), str(file.path)),
                split=split_of(place, root) if is_there else None,
                stated_size_px=_stated_size(image),
            )
        )
    if not file.is_midog:
        notes += notes_on_guessed({field.image: field.case for field in labelled})
        empty = len(file.images) - len(marks)
        if empty:
            notes.append(
                f"{empty} of {len(file.images)} images have no annotation, and so no mitotic "
                "figures"
            )
    known = {path.resolve() for path in present}
    others = {path for path in find_files(root, IMAGE_SUFFIXES) if path.resolve() not in known}
    return labelled_dataset("midog", labelled, present | others, notes)


def _known_spacing(file: _File, image_id: str) -> float | None:
    if not file.is_midogpp:
        return None
    number = int(image_id) if image_id.isdecimal() else 0
    is_hamamatsu = any(number in ids for ids in HAMAMATSU_IDS)
    return HAMAMATSU_UM_PX if is_hamamatsu else OTHER_SCANNERS_UM_PX


def _stated_size(image: dict[str, Any]) -> tuple[float, float] | None:
    width, height = (_number(image.get(side)) or 0 for side in ("width", "height"))
    return (width, height) if width > 0 and height > 0 else None


def _place(path: Path, root: Path, name: str) -> tuple[Path, bool]:
    """Where an image is, or would be, and whether it is there."""
    place = named_file(path, name, (path.parent, path.parent / "images", root / "images", root))
    return (place, True) if place else (root / "images" / name.replace("\\", "/"), False)


def _json_files(root: Path) -> list[Path]:
    paths = [path for folder in FOLDERS for path in sorted((root / folder).glob("*.json"))]
    return [path for path in paths if path.name != DATASET_JSON and path.is_file()]


def _may_be_coco_like(path: Path) -> bool:
    """Whether it is COCO-like, or broken JSON, of which reading it will then tell."""
    try:
        content = read_json(path)
    except DataError:
        return True
    return isinstance(content, dict) and {"images", "annotations"} <= content.keys()


def _file(root: Path) -> _File:
    """The one label file, each entry with the keys that are needed."""
    files = _json_files(root)
    paths = [path for path in files if _may_be_coco_like(path)]
    if len(paths) != 1:
        names = ", ".join(path.name for path in paths or files) or "no JSON file"
        raise DataError(f"{root}: needs one file that is {LOOKS_FOR}. Received: {names}")
    path, content = paths[0], read_json(paths[0])
    for key, types in NEEDED.items():
        entries = content.get(key)
        if not isinstance(entries, list):
            raise DataError(f"{path}: must be COCO-like, with a list of {key}")
        for entry in entries:
            if not isinstance(entry, dict) or not all(
                isinstance(entry.get(name), kind) for name, kind in types.items()
            ):
                raise DataError(
                    f"{path}: each of {key} needs {', '.join(types)}. Received: {entry}"
                )
    for key, name in (("images", "id"), ("images", "file_name"), ("categories", "id")):
        values = [str(entry[name]).replace("\\", "/") for entry in content[key]]
        if len(set(values)) != len(values):
            raise DataError(f"{path}: each of {key} needs its own {name}")
    info = content.get("info")
    return _File(
        path,
        {str(image["id"]): image for image in content["images"]},
        {str(category["id"]): category["name"] for category in content["categories"]},
        content["annotations"],
        str(info.get("description")) if isinstance(info, dict) else "",
    )


def _marks(file: _File, convention: object) -> tuple[dict[str, list[Mark]], list[str]]:
    """Marks by image id; boxes of one constant size become points."""
    for annotation in file.annotations:
        if (
            str(annotation["image_id"]) not in file.images
            or str(annotation["category_id"]) not in file.categories
        ):
            raise DataError(
                f"{file.path}: no image or category of this annotation. Got: {annotation}"
            )
        if annotation.get("iscrowd"):
            raise DataError(f"{file.path}: iscrowd must be 0, of one object. Got: {annotation}")
    if not file.annotations:
        return {}, []
    boxes = _boxes(file)
    centres, sizes, read_as = centres_and_sizes(boxes, file.path, convention)
    are_points = are_constant(sizes)
    reaching = (centres > -sizes / 2) & (centres < boxes.image_sizes - 1 + sizes / 2)
    onto = np.clip(centres, 0, boxes.image_sizes - 1)  # NaN where no size is stated
    inside = np.where(reaching, onto, centres)
    marks: dict[str, list[Mark]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for annotation, (x, y), (width, height) in zip(
        file.annotations, inside.tolist(), sizes.tolist(), strict=True
    ):
        label = file.categories[str(annotation["category_id"])]
        subtype = subtype_of(label, "", str(file.path))
        size = None if are_points else (width, height)
        marks[str(annotation["image_id"])].append(Mark(x, y, size, label=label, subtype=subtype))
        counts[label] += 1
    notes = [*labels_note(counts), f"{len(sizes)} boxes read as {MEANING[read_as]}"]
    moved = int((inside != centres).any(axis=1).sum())
    if moved:
        notes.append(f"{moved} boxes have their centre beyond the border, and are moved onto it")
    return dict(marks), notes


def _boxes(file: _File) -> Boxes:
    for annotation in file.annotations:
        box = annotation["bbox"]
        if len(box) != 4 or any(_number(value) is None for value in box):
            raise DataError(f"{file.path}: bbox must be four numbers of pixels. Got: {box}")
    images = [file.images[str(annotation["image_id"])] for annotation in file.annotations]
    sizes = [[_above_0(image.get(side)) for side in ("width", "height")] for image in images]
    areas = [_above_0(annotation.get("area")) for annotation in file.annotations]
    values = np.array([annotation["bbox"] for annotation in file.annotations], np.float64)
    check_pixels(file.path, values)
    return Boxes(
        values,
        image_sizes=np.array(sizes, np.float64),
        areas=np.array(areas, np.float64),
        are_coco=any(COCO_KEYS & annotation.keys() for annotation in file.annotations),
        are_midog=file.is_midog,
    )


def _above_0(value: object) -> float:
    """A number of pixels; NaN where it says nothing."""
    found = _number(value)
    return found if found and found > 0 else np.nan


def _number(value: object) -> float | None:
    """A number of pixels, None for anything else and for what no image has."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < LARGEST_PX else None
