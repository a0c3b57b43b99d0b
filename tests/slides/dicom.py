"""Writing a slide as DICOM files, one a level, as scanners export it (PS3.3, A.32.8)."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.slides import TILE_PX, cut, encode, shrink

WSI_STORAGE = "1.2.840.10008.5.1.4.1.1.77.1.6"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
LONG_FORM = ("OB", "SQ", "UN")
ITEM, ITEMS_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0" + bytes(4)


def write_dicom(
    folder: Path,
    image: np.ndarray,
    spacing_um_px: float | tuple[float, float] = 0.25,
    levels: Sequence[int] = (4,),
    series: str = "1.2.3",
) -> list[Path]:
    """Write level 0 as 1.dcm, the next as 2.dcm and so on, tiles in JPEG.

    `spacing_um_px` may be (x, y).
    """
    sides_um = spacing_um_px if isinstance(spacing_um_px, tuple) else (spacing_um_px,) * 2
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, factor in enumerate((1, *levels), start=1):
        level = shrink(image, factor)
        paths.append(folder / f"{number}.dcm")
        spacing_mm = sides_um[0] * factor / 1000, sides_um[1] * factor / 1000
        paths[-1].write_bytes(_file(level, spacing_mm, factor > 1, series, number))
    return paths


def _file(
    image: np.ndarray, spacing_mm: tuple[float, float], resampled: bool, series: str, number: int
) -> bytes:
    height, width = image.shape[:2]
    frames = [encode(tile) for tile in cut(image, TILE_PX)]
    sop = f"{series}.{number}"
    kind = "DERIVED\\PRIMARY\\VOLUME\\RESAMPLED" if resampled else "ORIGINAL\\PRIMARY\\VOLUME\\NONE"
    between_columns, between_rows = spacing_mm
    measures = _element(0x0028, 0x0030, "DS", f"{between_rows:.8f}\\{between_columns:.8f}")
    groups = _element(0x0028, 0x9110, "SQ", _item(measures))
    meta = [
        _element(0x0002, 0x0001, "OB", b"\0\1"),
        _element(0x0002, 0x0002, "UI", WSI_STORAGE),
        _element(0x0002, 0x0003, "UI", sop),
        _element(0x0002, 0x0010, "UI", JPEG_BASELINE),
        _element(0x0002, 0x0012, "UI", "1.2.3.4"),
    ]
    data = [
        _element(0x0008, 0x0008, "CS", kind),
        _element(0x0008, 0x0016, "UI", WSI_STORAGE),
        _element(0x0008, 0x0018, "UI", sop),
        _element(0x0008, 0x0060, "CS", "SM"),
        _element(0x0020, 0x000D, "UI", f"{series}.100"),
        _element(0x0020, 0x000E, "UI", series),
        _element(0x0020, 0x9311, "CS", "TILED_FULL"),
        _element(0x0028, 0x0002, "US", struct.pack("<H", 3)),
        _element(0x0028, 0x0004, "CS", "YBR_FULL_422"),
        _element(0x0028, 0x0006, "US", struct.pack("<H", 0)),
        _element(0x0028, 0x0008, "IS", str(len(frames))),
        _element(0x0028, 0x0010, "US", struct.pack("<H", TILE_PX)),
        _element(0x0028, 0x0011, "US", struct.pack("<H", TILE_PX)),
        _element(0x0028, 0x0100, "US", struct.pack("<H", 8)),
        _element(0x0028, 0x0101, "US", struct.pack("<H", 8)),
        _element(0x0028, 0x0102, "US", struct.pack("<H", 7)),
        _element(0x0028, 0x0103, "US", struct.pack("<H", 0)),
        _element(0x0048, 0x0006, "UL", struct.pack("<I", width)),
        _element(0x0048, 0x0007, "UL", struct.pack("<I", height)),
        _element(0x5200, 0x9229, "SQ", _item(groups)),
        struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF),
        _item(b""),
        *(_item(frame) for frame in frames),
        ITEMS_END,
    ]
    meta_length = _element(0x0002, 0x0000, "UL", struct.pack("<I", len(b"".join(meta))))
    return bytes(128) + b"DICM" + meta_length + b"".join(meta) + b"".join(data)


def _element(group: int, element: int, kind: str, value: str | bytes) -> bytes:
    """A data element, explicit VR, little endian (PS3.5, 7.1.2)."""
    data = value.encode() if isinstance(value, str) else value
    data += (b"\0" if kind in ("UI", "OB") else b" ") * (len(data) % 2)
    form = "<xxI" if kind in LONG_FORM else "<H"
    return struct.pack("<HH2s", group, element, kind.encode()) + struct.pack(form, len(data)) + data


def _item(data: bytes) -> bytes:
    data += b"\0" * (len(data) % 2)
    return ITEM + struct.pack("<I", len(data)) + data
