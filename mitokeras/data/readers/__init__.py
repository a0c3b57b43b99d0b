"""Readers of data sets: one module per layout, each from a folder to a `DataSet`."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from mitokeras.data.case_splits import with_case_splits
from mitokeras.data.fields import DataSet, Field, Window
from mitokeras.data.readers import (
    amida13,
    asap,
    folders,
    gzmh,
    icpr2012,
    imagescope,
    midog,
    mitos_atypia14,
    points,
    qupath,
    reviews,
)
from mitokeras.data.readers.case_names import slide_of
from mitokeras.data.readers.duplicates import taken_once
from mitokeras.data.readers.places import check_pixels
from mitokeras.errors import ConfigError, DataError


class Layout(Protocol):
    """What a module of a layout provides."""

    LOOKS_FOR: str
    """What `recognises` looks for, for the error where no layout is recognised."""

    def recognises(self, root: Path) -> bool:
        """Whether the folder holds a data set of this layout."""

    def read(self, root: Path, spacing_um_px: float | None) -> DataSet:
        """Read it; a spacing that is given goes before one that the data set states."""


LAYOUTS: dict[str, Layout] = {
    "points": points,
    "mitos_atypia14": mitos_atypia14,
    "icpr2012": icpr2012,
    "amida13": amida13,
    "gzmh": gzmh,
    "folders": folders,
    "reviews": reviews,
    "qupath": qupath,
    "midog": midog,
    "asap": asap,
    "imagescope": imagescope,
}
"""In the order in which a folder is tried: the plainest marks first, any JSON or XML file last."""


def read_dataset(
    root: Path, layout: str | None = None, spacing_um_px: float | None = None
) -> DataSet:
    """Read a data set whose images are there, for training or evaluation.

    Args:
        root: Its folder.
        layout: One of `LAYOUTS`; recognised by the folder's content where it is None.
        spacing_um_px: Size of a pixel in micrometres, in place of what the data set states.

    Raises:
        ConfigError: If the layout is unknown, or the spacing not above 0.
        DataError: If no layout fits, a label file breaks its rules, or no image is there.

    Example:
        >>> from mitokeras.data.synthetic.writer import write_synthetic
        >>> folder = write_synthetic(Path("drawn"), 2, seed=1, field_px=512)
        >>> [len(field.case) > 0 for field in read_dataset(folder).fields]
        [True, True]
    """
    dataset = read_labels(root, layout, spacing_um_px)
    if not dataset.fields:
        first = dataset.missing[0].image
        raise DataError(
            f"{root}: none of the {len(dataset.missing)} labelled images is there. "
            f"The first was looked for at {first}"
        )
    return dataset


def read_labels(
    root: Path, layout: str | None = None, spacing_um_px: float | None = None
) -> DataSet:
    """Read a data set like `read_dataset`, even where none of its images is there."""
    if layout is not None and layout not in LAYOUTS:
        raise ConfigError(f"layout must be one of {', '.join(LAYOUTS)}. Received: {layout}")
    if not root.is_dir():
        raise DataError(f"{root}: a data set must be a folder. Received: {_what_is(root)}")
    fitting = [layout] if layout else _recognise(root)
    dataset = LAYOUTS[fitting[0]].read(root, spacing_um_px)
    if not (dataset.fields or dataset.missing):
        looked_for = LAYOUTS[dataset.layout].LOOKS_FOR
        notes = f" ({'; '.join(dataset.notes)})" if dataset.notes else ""
        raise DataError(f"{root}: holds no labelled image. Looked for: {looked_for}{notes}")
    fields, missing = _sorted(dataset.fields), _sorted(dataset.missing)
    _check_places(root, (*fields, *missing))
    _check_images(fields)
    once, left_out = taken_once((*fields, *missing))
    known, of_cases = with_case_splits(once)
    return dataclasses.replace(
        dataset,
        fields=tuple(known[: len(fields)]),
        missing=tuple(known[len(fields) :]),
        notes=(
            *dataset.notes,
            *_passed_over(fitting),
            *left_out,
            *of_cases,
            *_torn_slides(fields),
        ),
    )


def _recognise(root: Path) -> list[str]:
    """The layouts that fit, one at least; the first is the one to read."""
    fitting = [name for name, layout in LAYOUTS.items() if layout.recognises(root)]
    if fitting:
        return fitting
    looked_for = "; ".join(f"{layout.LOOKS_FOR} ({name})" for name, layout in LAYOUTS.items())
    raise DataError(f"{root}: its layout is none of the known ones. Looked for: {looked_for}")


def _passed_over(fitting: Sequence[str]) -> list[str]:
    """A note on labels that lie there in other layouts; masks beside points are read with them, and
    GeoJSON beside reviews is of the predictions."""
    first, *others = fitting
    own = {"points": "folders", "reviews": "qupath"}.get(first)
    others = [name for name in others if name != own]
    if not others:
        return []
    return [
        f"the folder also looks like the layout {', '.join(others)}, whose labels are not read: "
        f"taken is {first}. Another is chosen by its name (--layout)"
    ]


def _what_is(path: Path) -> str:
    return "a file" if path.exists() else "nothing of that name"


def _sorted(fields: Sequence[Field]) -> tuple[Field, ...]:
    return tuple(sorted(fields, key=lambda field: (field.image.as_posix(), field.window or ())))


def _check_places(root: Path, fields: Sequence[Field]) -> None:
    marks = [mark for each in fields for mark in (*each.figures, *each.lookalikes, *each.nuclei)]
    check_pixels(root, np.array([(mark.x, mark.y) for mark in marks]))


def _check_images(fields: Sequence[Field]) -> None:
    """Refuse an image that is two fields, by links or by two ways to write its path."""
    known: dict[tuple[Path, Window | None], Field] = {}
    for field in fields:
        first = known.setdefault((field.image.resolve(), field.window), field)
        if first is not field:
            raise DataError(
                f"{field.image}: an image must be listed once. Received: once more, as "
                f"{first.image}"
            )


def _torn_slides(fields: Sequence[Field]) -> list[str]:
    """A note on slides whose tiles are of several cases, as in folders of classes."""
    cases = defaultdict(set)
    for field in fields:
        slide = slide_of(field.image.stem)
        if slide != field.image.stem and any(c.isdigit() for c in slide):
            cases[slide].add(field.case)
    torn = {slide: sorted(names) for slide, names in sorted(cases.items()) if len(names) > 1}
    if not torn:
        return []
    slide, names = next(iter(torn.items()))
    return [
        f"{len(torn)} slides have tiles in several cases, which then are not independent, such as "
        f"{slide} in {', '.join(names[:5])}{', ...' if len(names) > 5 else ''}"
    ]
