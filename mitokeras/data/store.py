"""The store: all fields of a run in one HDF5 file, ready to be cut into patches.

Each field is a group with `image` (height, width, 3), `mask` (height, width; 1 on mitotic figures,
`UNLABELLED` where nothing is known), both uint8 and chunked so that a patch reads little more than
itself, `figures`, `lookalikes` and `nuclei` (n, 2) and the figures' `subtypes` (n,), at the run's
spacing and with its stain policy applied. Every chunk has a checksum, and so has the rest: HDF5's
newer format has them, but for its heap of strings of any length, so that texts have a fixed one.
The file takes its name only when it is whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import UNLABELLED, Field, LoadedField, Split
from mitokeras.data.known import KNOWN_RADIUS_UM, area_mask, discs, resized
from mitokeras.data.loading import load_field
from mitokeras.data.resize import resize, resize_factor
from mitokeras.data.sink import Sink
from mitokeras.data.stain import MacenkoNormalizer
from mitokeras.data.stored_field import StoredField
from mitokeras.data.views import View
from mitokeras.disk.files import atomic_path, sha256_of
from mitokeras.errors import DataError

FORMAT_VERSION = 5
CHUNK_PX = 128
HDF5_FORMAT = "v110"


def write_store(
    fields: Iterable[Field],
    path: Path,
    spacing_um_px: float,
    normalizer: MacenkoNormalizer | None,
) -> None:
    """Decode, resample, normalise and store fields.

    Args:
        fields: The fields of a run.
        path: The HDF5 file; written beside and renamed when whole.
        spacing_um_px: All fields are brought to it.
        normalizer: Stain normaliser, or None.

    Raises:
        DataError: A field cannot be read, its spacing is too far off, or no field has a figure.
    """
    digest = hashlib.sha256()
    file_sha256 = cache(sha256_of)  # many fields may be of one slide
    figures = soft_masks = marked_lookalikes = 0
    with atomic_path(path) as partial, Sink(partial, "w+b") as sink:
        with h5py.File(sink, "w", libver=(HDF5_FORMAT, HDF5_FORMAT)) as file:
            for index, field in enumerate(fields):
                pixels = load_field(field)
                imprint = field.imprint or View.at(pixels.image, field.spacing_um_px).imprint
                loaded = _prepare(field, pixels, spacing_um_px, normalizer)
                figures += len(loaded.figures)
                soft_masks += pixels.has_soft_mask
                marked_lookalikes += pixels.marked_lookalikes
                group = file.create_group(f"fields/{index:06d}")
                texts = {
                    "name": field.name,
                    "image_sha256": file_sha256(field.image),
                    "labels_sha256": _labels_sha256(field),
                    "case": field.case,
                    "prescribed": field.split or "",
                    "source": field.source,
                }
                for key, text in texts.items():
                    _set_text(group, key, text)
                group.attrs["complete"] = field.complete
                _write_overlaps(group, field, spacing_um_px)
                _write_known(group, field, loaded, spacing_um_px)
                _write_field(group, loaded)
                group.create_dataset("imprint/xy", data=imprint.xy)
                group.create_dataset("imprint/bits", data=imprint.bits)
                _digest_field(digest, group, loaded)
                file.flush()
                sink.check()
            if not figures:
                raise DataError(
                    "the data set must have at least one mitotic figure. Received: none"
                )
            file.attrs["format_version"] = FORMAT_VERSION
            file.attrs["spacing_um_px"] = spacing_um_px
            file.attrs["soft_masks"] = soft_masks
            file.attrs["marked_lookalikes"] = marked_lookalikes
            _set_text(file, "data_sha256", digest.hexdigest())
        sink.check()


def _prepare(
    field: Field, loaded: LoadedField, spacing_um_px: float, normalizer: MacenkoNormalizer | None
) -> LoadedField:
    factor = resize_factor(field.spacing_um_px, spacing_um_px, str(field.image))
    image = resize(loaded.image, factor)
    figures, lookalikes, nuclei, unsure = (
        (centres + 0.5) * factor - 0.5
        for centres in (loaded.figures, loaded.lookalikes, loaded.nuclei, loaded.unsure)
    )
    # The area mean of a shrunk mask is rounded, so thin figures keep their area.
    mask = (resize(loaded.mask * 255, factor) >= 128).astype(np.uint8)
    radius_px = KNOWN_RADIUS_UM / spacing_um_px
    if not field.complete or field.labelled is not None:
        known = discs(mask.shape, (*figures, *lookalikes, *nuclei), radius_px)
        if field.complete and field.labelled is not None:
            known |= area_mask(mask.shape, resized(field.labelled, factor))
        mask[~known & (mask == 0)] = UNLABELLED
    if len(unsure):
        mask[discs(mask.shape, unsure, radius_px) & (mask == 0)] = UNLABELLED
    return LoadedField(
        image=image if normalizer is None else normalizer.transform(image),
        mask=mask,
        figures=figures,
        lookalikes=lookalikes,
        nuclei=nuclei,
        subtypes=loaded.subtypes,
        unsure=unsure,
    )


def _write_field(group: h5py.Group, loaded: LoadedField) -> None:
    height, width = loaded.mask.shape
    chunk = (min(CHUNK_PX, height), min(CHUNK_PX, width))
    group.create_dataset("image", data=loaded.image, chunks=(*chunk, 3), fletcher32=True)
    group.create_dataset("mask", data=loaded.mask, chunks=chunk, fletcher32=True, compression="lzf")
    group.create_dataset("figures", data=loaded.figures)
    group.create_dataset("lookalikes", data=loaded.lookalikes)
    group.create_dataset("nuclei", data=loaded.nuclei)
    group.create_dataset("subtypes", data=loaded.subtypes.astype("S"))


def _write_overlaps(group: h5py.Group, field: Field, spacing_um_px: float) -> None:
    """What other fields show of the same tissue; nothing where none does."""
    if field.tissue:
        _set_text(group, "tissue", field.tissue)
    if field.repeats:
        factor = resize_factor(field.spacing_um_px, spacing_um_px, str(field.image))
        boxes = np.array(field.repeats, np.float64)
        group.create_dataset("repeats", data=(boxes + 0.5) * factor - 0.5)


def _write_known(
    group: h5py.Group, field: Field, loaded: LoadedField, spacing_um_px: float
) -> None:
    """Where all is labelled, if not everywhere, and where nothing is known."""
    if field.labelled is not None:
        factor = resize_factor(field.spacing_um_px, spacing_um_px, str(field.image))
        area = shapely.to_wkb(resized(field.labelled, factor))
        group.create_dataset("labelled", data=np.frombuffer(area, np.uint8))
    if len(loaded.unsure):
        group.create_dataset("unsure", data=loaded.unsure)


def _labelled(group: h5py.Group) -> BaseGeometry | None:
    return shapely.from_wkb(group["labelled"][:].tobytes()) if "labelled" in group else None


def _set_text(group: h5py.Group, key: str, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")  # names of files may be no UTF-8
    kind = h5py.string_dtype("utf-8", max(len(data), 1))  # HDF5 has no strings of no bytes
    group.attrs.create(key, np.array(data, dtype=kind))


def _text(group: h5py.Group, key: str) -> str:
    text = group.attrs[key]
    return text if isinstance(text, str) else bytes(text).decode("utf-8", "surrogatepass")


def _labels_sha256(field: Field) -> str:
    about = (field.case, field.spacing_um_px, field.split, field.source, field.complete)
    digest = hashlib.sha256(repr(about).encode())
    if field.tissue or field.repeats:
        digest.update(repr((field.tissue, field.repeats)).encode())
    if field.window or field.labelled is not None:
        digest.update(repr((field.window, shapely.to_wkt(field.labelled, -1))).encode())
    for marks in (field.figures, field.lookalikes, field.nuclei, field.unsure):
        for mark in marks:
            pixels = None if mark.pixels is None else mark.pixels.tolist()
            about_mark = (mark.x, mark.y, mark.size_px, pixels, mark.subtype)
            digest.update(repr(about_mark).encode())
        if marks is not field.unsure:
            digest.update(b"end")
    if field.mask is not None:
        digest.update(sha256_of(field.mask).encode())
    return digest.hexdigest()


def _digest_field(digest: Any, group: h5py.Group, loaded: LoadedField) -> None:
    for key in ("name", "case", "prescribed"):
        digest.update(_text(group, key).encode("utf-8", "surrogatepass"))
    for array in (loaded.image, loaded.mask, loaded.figures, loaded.lookalikes, loaded.nuclei):
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array))


class Store:
    """Reads a store; a context manager.

    Attributes:
        path: The HDF5 file.
        fields: All fields.
        spacing_um_px: Size of a pixel of all fields.
        soft_masks: Masks of which only the brighter half of their grey values was taken.
        marked_lookalikes: Look-alikes on figures of masks.
        data_sha256: Hash of all images, masks, labels and cases.

    Raises:
        DataError: The file is not a whole store of this version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Whole chunks are read once a patch; a cache for each of some thousand data sets
            # would hold gigabytes.
            self._file = h5py.File(path, "r", rdcc_nbytes=0)
        except OSError as error:
            raise DataError(f"{path}: not a store of fields: {error}") from error
        try:
            if self._file.attrs.get("format_version") != FORMAT_VERSION:
                raise DataError(f"{path}: must be a whole store of format version {FORMAT_VERSION}")
            self.spacing_um_px = float(self._file.attrs["spacing_um_px"])
            self.soft_masks = int(self._file.attrs.get("soft_masks", 0))
            self.marked_lookalikes = int(self._file.attrs.get("marked_lookalikes", 0))
            self.data_sha256 = _text(self._file, "data_sha256")
            self.fields = [
                self._describe(index, group)
                for index, group in enumerate(self._file["fields"].values())
            ]
        except DataError:
            self._file.close()
            raise
        except Exception as error:  # what comes of another structure has no base
            self._file.close()
            raise DataError(f"{path}: the store of fields is damaged: {error}") from error

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def check_source(self, fields: Sequence[Field]) -> None:
        """See that images and labels are those that the store was made of.

        Raises:
            DataError: One has changed, or there are others.
        """
        if [field.name for field in fields] != [field.name for field in self.fields]:
            raise DataError(f"{self.path}: the data set has other images since it was written")
        file_sha256 = cache(sha256_of)
        for field, stored in zip(fields, self.fields, strict=True):
            if file_sha256(field.image) != stored.image_sha256:
                raise DataError(f"{field.image}: changed since {self.path} was written")
            if _labels_sha256(field) != stored.labels_sha256:
                raise DataError(f"{field.image}: its labels changed since {self.path} was written")

    def _describe(self, index: int, group: h5py.Group) -> StoredField:
        height, width = group["mask"].shape
        return StoredField(
            index=index,
            spacing_um_px=self.spacing_um_px,
            name=_text(group, "name"),
            image_sha256=_text(group, "image_sha256"),
            labels_sha256=_text(group, "labels_sha256"),
            case=_text(group, "case"),
            prescribed=cast(Split, _text(group, "prescribed")) or None,
            source=_text(group, "source"),
            complete=bool(group.attrs["complete"]),
            height=height,
            width=width,
            figures=group["figures"][:],
            subtypes=group["subtypes"][:].astype("U"),
            lookalikes=group["lookalikes"][:],
            nuclei=group["nuclei"][:],
            tissue=_text(group, "tissue") if "tissue" in group.attrs else "",
            repeats=group["repeats"][:] if "repeats" in group else np.zeros((0, 4)),
            labelled=_labelled(group),
            unsure=group["unsure"][:] if "unsure" in group else np.zeros((0, 2)),
            _group=group,
        )
