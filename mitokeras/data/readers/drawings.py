"""Label files of viewers: one an image or slide, of the same name.

Inside an area of a class for it every mitotic figure is labelled; outside only what is labelled is
known.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import DataSet, Field
from mitokeras.data.known import KNOWN_RADIUS_UM, is_inside
from mitokeras.data.readers.case_names import case_before_frame_number, case_of, patient_of
from mitokeras.data.readers.case_notes import notes_on_guessed
from mitokeras.data.readers.cuts import cut, moved
from mitokeras.data.readers.drawing import LARGEST_OBJECT_UM, Drawing
from mitokeras.data.readers.files import by_key, find_files, split_of
from mitokeras.data.readers.labelled import labelled_dataset
from mitokeras.data.readers.labels import labels_note, objects
from mitokeras.data.readers.places import LARGEST_PX, check_pixels
from mitokeras.data.readers.slide_facts import SlideFacts, facts_of
from mitokeras.data.readers.slide_folder import slides_elsewhere
from mitokeras.data.readers.spacing import spacing_of, stated_spacing
from mitokeras.slides.opening import SUFFIXES

ReadFile = Callable[[Path, Drawing], None]
"""Reads one file into a drawing."""


def by_image(files: Iterable[Path]) -> dict[str, Path]:
    """Label files by the name of their image without suffix: of `a.xml` and of `a.png.xml`."""
    return by_key(files, _image_stem)


def read_drawings(
    layout: str,
    root: Path,
    spacing_um_px: float | None,
    files: Mapping[str, Path],
    read_file: ReadFile,
    known_um_px: Callable[[Path], float | None] = lambda _: None,
    from_scan_corner: bool = False,
) -> DataSet:
    """The images and slides that have a label file of their name.

    They lie below the folder, or where `slides_elsewhere` looks. Slides are cut about
    what is labelled.

    Args:
        layout: Name of the layout.
        root: The data set's folder.
        spacing_um_px: What the user gives.
        files: From `by_image`.
        read_file: Reads one of them.
        known_um_px: The size of a pixel that a file states.
        from_scan_corner: Whether the viewer counts from where the scanned area begins.
    """
    stated = stated_spacing(root, spacing_um_px)
    images = by_key(find_files(root, SUFFIXES), lambda path: path.stem)
    elsewhere = slides_elsewhere(root, set(files) - set(images), beside=not images)
    images |= elsewhere
    drawings: list[Drawing] = []
    labelled: list[Field] = []
    facts: dict[Path, SlideFacts] = {}
    notes: list[str] = []
    for stem, path in files.items():
        image = images.get(stem, path.with_name(f"{stem}.png"))
        about = facts_of(image)
        is_slide = about is not None and about.is_slide
        known = known_um_px(path) or (None if about is None else about.um_px)
        spacing = spacing_of(stated, known, notes)
        drawing = Drawing(spacing["spacing_um_px"])
        read_file(path, drawing)
        field = Field(
            image=image,
            case=_case(image, root, is_slide),
            **spacing,
            **objects(drawing.marks, str(path)),
            split=split_of(image, root) if image.is_relative_to(root) else None,
            labelled=_labelled(drawing, about),
            complete=bool(drawing.labelled) or not is_slide,
        )
        if about is not None:
            facts[image] = about
            if from_scan_corner:
                field = moved(field, *about.scan_corner)
        drawings.append(drawing)
        labelled.append(field)
    places = [place for drawing in drawings for place in drawing.places]
    check_pixels(root, np.concatenate([np.zeros((0, 2)), *places]))
    notes += labels_note(Counter(mark.label for each in drawings for mark in each.marks))
    slides = {image for image, about in facts.items() if about.is_slide}
    notes += notes_on_guessed({f.image: f.case for f in labelled if f.image not in slides})
    notes += _notes_on_areas(drawings, labelled)
    folders = sorted({str(image.parent) for image in elsewhere.values()})
    if folders:
        notes.append(f"{len(elsewhere)} images are not in the folder, but in {', '.join(folders)}")
    dataset = labelled_dataset(layout, labelled, images.values(), notes)
    return _cut(dataset, facts)


def _image_stem(path: Path) -> str:
    inner = Path(path.stem)
    return inner.stem if inner.suffix.lower() in SUFFIXES else path.stem


def _case(image: Path, root: Path, is_slide: bool) -> str:
    if is_slide:
        return patient_of(image.stem) or image.stem
    folder = root if image.is_relative_to(root) else image.parent
    return case_of(image, folder, case_before_frame_number)


def _labelled(drawing: Drawing, about: SlideFacts | None) -> BaseGeometry | None:
    """Where all is labelled; None for the whole image, or for nothing of a slide."""
    is_slide = about is not None and about.is_slide
    if not drawing.labelled and (is_slide or not drawing.ignored):
        return None
    width, height = (about.width_px, about.height_px) if about else (LARGEST_PX, LARGEST_PX)
    whole = shapely.box(-0.5, -0.5, width - 0.5, height - 0.5)
    area = shapely.union_all(drawing.labelled) if drawing.labelled else whole
    return shapely.difference(area, shapely.union_all(drawing.ignored))


def _cut(dataset: DataSet, facts: Mapping[Path, SlideFacts]) -> DataSet:
    """Slides and large images, of which not all is labelled, in parts."""
    fields: list[Field] = []
    for field in dataset.fields:
        about = facts.get(field.image)
        if about is None or (field.complete and field.labelled is None):
            fields.append(field)
        else:
            fields += cut(field, about.width_px, about.height_px)
    parts = sum(field.window is not None for field in fields)
    note = f"{parts} fields are cut out of larger images, about what is labelled"
    notes = (*dataset.notes, note) if parts else dataset.notes
    return dataclasses.replace(dataset, fields=tuple(fields), notes=notes)


def _notes_on_areas(drawings: Sequence[Drawing], fields: Sequence[Field]) -> list[str]:
    notes = []
    labelled = sum(len(drawing.labelled) for drawing in drawings)
    if labelled:
        images = sum(bool(drawing.labelled) for drawing in drawings)
        notes.append(
            f"{labelled} areas in {images} of {len(drawings)} images are labelled whole; outside "
            f"of them only what is labelled is known, and {_outside(fields)} mitotic figures there "
            "are learned from and not scored"
        )
    ignored = sum(len(drawing.ignored) for drawing in drawings)
    if ignored:
        notes.append(f"{ignored} areas are to be ignored: nothing is known there")
    if any(drawing.unclear for drawing in drawings):
        names = sum((drawing.unclear for drawing in drawings), Counter[str]())
        listed = ", ".join(f"{n} {name or 'without a class'}" for name, n in names.most_common(3))
        notes.append(
            f"{names.total()} annotations over {LARGEST_OBJECT_UM:g} um are left out ({listed}"
            f"{', ...' if len(names) > 3 else ''}): a class Region says that all in it is "
            "labelled; an image without one counts as labelled in all of it"
        )
    partly = sum(not field.complete for field in fields)
    if partly:
        notes.append(
            f"{partly} whole slides have no area that is labelled whole (class Region): only what "
            f"lies within {KNOWN_RADIUS_UM:g} um of a label is known, and no false figure counts"
        )
    return notes


def _outside(fields: Sequence[Field]) -> int:
    """Mitotic figures beyond the labelled areas of their image."""
    return sum(
        int((~is_inside(np.array([(m.x, m.y) for m in field.figures]), field.labelled)).sum())
        for field in fields
    )
