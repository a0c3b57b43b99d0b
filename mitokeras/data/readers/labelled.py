"""Bringing frames and label files together where each may lack the other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from mitokeras.data.fields import DataSet, Field
from mitokeras.data.readers.files import listing


def labelled_dataset(
    layout: str, labelled: Sequence[Field], images: Collection[Path], notes: Sequence[str]
) -> DataSet:
    """The data set of all labelled fields, told apart by whether their image is there.

    An image without labels is not read, and a note counts them: that nobody labelled it does not
    say that it holds no mitosis.

    Args:
        layout: Name of the layout.
        labelled: All fields with labels; `image` is where it is or would be.
        images: All images that are there.
        notes: What else is to be said.
    """
    present = set(images)
    fields = tuple(field for field in labelled if field.image in present)
    missing = tuple(field for field in labelled if field.image not in present)
    unlabelled = sorted(present - {field.image for field in fields})
    notes = list(notes)
    if missing:
        names = listing(field.image for field in missing)
        notes.append(f"{len(missing)} of {len(labelled)} labelled frames have no image: {names}")
    if unlabelled:
        notes.append(
            f"{len(unlabelled)} of {len(present)} images have no labels and are not read: "
            f"{listing(unlabelled)}"
        )
    return DataSet(layout, fields, tuple(notes), missing)
