"""Decoding a field: its RGB image, its mask and the centres of its objects.

How labels become a mask:

- a mask file: what is not 0 in it (over 127 in a JPEG, whose compression leaves traces);
- a list of pixels: those pixels;
- a box or a point: a disc of `POINT_RADIUS_UM`, so that a large figure has no more pixels to learn
  from than a small one, and one data set's figures no more than another's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mitokeras.data.fields import SUBTYPES, Field, LoadedField, Mark
from mitokeras.data.headers import JPEG_START, PNG_START, stated_size
from mitokeras.errors import DataError, reason_of

POINT_RADIUS_UM = 3.5
"""Radius of the disc that stands for a mitosis known by its centre only. Of the radii 2.5, 3.0, ...
5.0 um it has the highest median Dice, 0.76, with the 226 mitoses that ICPR 2012 outlines, about
their centres; their median area is 31 um2, the disc's 38 um2."""

SUBTYPE = np.dtype(f"U{max(map(len, SUBTYPES))}")

LARGEST_IMAGE_PX = 2**28
"""16384 x 16384; decoded as a whole, it takes up to 2 GB. Larger pictures want a tiled TIFF."""
LARGEST_FILE_BYTES = 2**32

JPEG_END, PNG_END = b"\xff\xd9", b"IEND"
END_BYTES = 1024
"""The end mark must be within so many bytes of the end, since some writers append data."""

JPEG_MASK_LEVEL = 127


def load_field(field: Field) -> LoadedField:
    """Decode a field and check that its labels fit its image.

    Two mitoses whose pseudo-masks touch stay two entries of `figures`. In a mask file, each
    8-connected component is one mitosis.

    Raises:
        DataError: If a file cannot be decoded, the image is not 8-bit colour, the mask is of
            another size, or a label lies outside the image.
    """
    image = decode_image(field.image)
    shape = image.shape[0], image.shape[1]
    lookalikes = _centres(field.lookalikes, field.image, shape)
    nuclei = _centres(field.nuclei, field.image, shape)
    if field.mask is not None:
        mask = decode_mask(field.mask, shape)
        _, _, _, centroids = cv2.connectedComponentsWithStats(mask, connectivity=8)
        figures = centroids[1:].astype(np.float64)  # the first is the background
        subtypes = np.full(len(figures), "", SUBTYPE)
    else:
        figures = _centres(field.figures, field.image, shape)
        subtypes = np.array([mark.subtype for mark in field.figures], SUBTYPE)
        mask = np.zeros(shape, np.uint8)
        for mark in field.figures:
            _draw(mask, mark, field)
    return LoadedField(image, mask, figures, lookalikes, nuclei, subtypes)


def decode_image(path: Path) -> np.ndarray:
    """Decode an image to RGB, uint8, shape (height, width, 3), as stored (no EXIF rotation).

    An opaque alpha channel is dropped.

    Raises:
        DataError: If the file is missing, cut off, not a PNG, JPEG, BMP or TIFF, too large, grey,
            deeper than 8 bits per channel, or see-through.
    """
    image, _ = _decode(path)
    if image.dtype != np.uint8:
        raise DataError(f"{path}: an image must have 8 bits a channel. Received: {image.dtype}")
    if image.ndim != 3 or image.shape[2] not in (3, 4):
        raise DataError(f"{path}: an image must be in colour. Received: a grey image")
    if image.shape[2] == 4 and not (image[..., 3] == 255).all():
        raise DataError(f"{path}: an image must be opaque. Received: an alpha channel below 255")
    return cv2.cvtColor(image[..., :3], cv2.COLOR_BGR2RGB)


def decode_mask(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Decode a mask to 0 and 1, uint8, of the shape (height, width) that its image has.

    Any non-zero value of any colour is 1 (in a JPEG, any above 127); alpha is not looked at.

    Raises:
        DataError: If the file cannot be decoded or has another size.
    """
    mask, is_jpeg = _decode(path)
    if mask.shape[:2] != shape:
        raise DataError(
            f"{path}: a mask must have the size of its image, {shape[1]} x {shape[0]} px. "
            f"Received: {mask.shape[1]} x {mask.shape[0]} px"
        )
    channels = mask.reshape(*shape, -1)[..., :3]
    marked = np.max(channels, axis=2) > (JPEG_MASK_LEVEL if is_jpeg else 0)
    return marked.astype(np.uint8)


def _decode(path: Path) -> tuple[np.ndarray, bool]:
    """Pixels as OpenCV gives them, and whether the file is a JPEG.

    The bytes are read here, since OpenCV opens no path with letters beyond the code page on
    Windows.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise DataError(
                f"{path}: an image file must have at most {LARGEST_FILE_BYTES} bytes. "
                f"Received: {size}"
            )
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    _check_complete(path, data)
    _check_size(path, data)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise DataError(f"{path}: cannot be decoded: {error.err}") from error
    if image is None:
        raise DataError(f"{path}: cannot be decoded: not an image, damaged or cut off")
    return image, data.startswith(JPEG_START)


def _check_complete(path: Path, data: bytes) -> None:
    """Refuse a cut-off file, of which some versions of OpenCV make a picture that is half grey."""
    if not data:
        raise DataError(f"{path}: cannot be decoded: the file is empty")
    for start, end in ((JPEG_START, JPEG_END), (PNG_START, PNG_END)):
        if data.startswith(start) and end not in data[-END_BYTES:]:
            raise DataError(f"{path}: cannot be decoded: the file is cut off")


def _check_size(path: Path, data: bytes) -> None:
    """Refuse what claims to be too large before anything is decoded, and formats without a use."""
    try:
        size = stated_size(data)
    except Exception as error:  # tifffile checks little, and raises what comes
        raise DataError(
            f"{path}: cannot be decoded: its header is damaged: {reason_of(error)}"
        ) from error
    if size is None:
        raise DataError(f"{path}: cannot be decoded: not an image: no PNG, JPEG, BMP or TIFF")
    width, height = size
    if width * height > LARGEST_IMAGE_PX:
        raise DataError(
            f"{path}: an image must have at most {LARGEST_IMAGE_PX} px. "
            f"Received: {width} x {height} px"
        )


def _centres(marks: Sequence[Mark], path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Centres (x, y), float64, shape (n, 2), all within the image's pixels."""
    centres = np.array([(mark.x, mark.y) for mark in marks], np.float64).reshape(-1, 2)
    limits = np.array([shape[1], shape[0]]) - 0.5
    outside = ((centres < -0.5) | (centres > limits)).any(axis=1)
    if outside.any():
        x, y = centres[outside][0]
        raise DataError(
            f"{path}: labels must lie within its {shape[1]} x {shape[0]} px. "
            f"Received: ({x:g}, {y:g})"
        )
    return centres


def _draw(mask: np.ndarray, mark: Mark, field: Field) -> None:
    height, width = mask.shape
    if mark.pixels is not None:
        x, y = mark.pixels.T
        if min(x.min(), y.min()) < 0 or x.max() >= width or y.max() >= height:
            raise DataError(
                f"{field.image}: labels must lie within its {width} x {height} px. Received: "
                f"pixels from ({x.min()}, {y.min()}) to ({x.max()}, {y.max()})"
            )
        mask[y, x] = 1
        return
    radius = POINT_RADIUS_UM / field.spacing_um_px
    left, right = math.ceil(mark.x - radius), math.floor(mark.x + radius)
    top, bottom = math.ceil(mark.y - radius), math.floor(mark.y + radius)
    rows = np.arange(max(top, 0), min(bottom, height - 1) + 1)
    columns = np.arange(max(left, 0), min(right, width - 1) + 1)
    inside = (columns - mark.x) ** 2 + (rows[:, None] - mark.y) ** 2 <= radius**2
    mask[rows[:, None], columns] |= inside
    # However coarse the pixels, that of its centre is in the mask.
    mask[min(round(mark.y), height - 1), min(round(mark.x), width - 1)] = 1
