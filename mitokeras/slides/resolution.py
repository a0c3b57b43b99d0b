"""The size of a pixel: what a file's metadata state, and whether a scanner can have meant it."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitokeras.errors import ConfigError, DataError
from mitokeras.slides.ome_xml import parsed, pixels_of

OVERRIDE = "--spacing-um-px"

BELIEVED_UM_PX = 0.05, 5.0
"""Scans lie within; the resolutions of screens and print, 72 to 4800 dpi, lie beyond."""

SQUARE = 0.01
"""Pixels whose sides differ by more are not square."""

INCH_UM = 25_400.0

UNIT_UM = {
    "m": 1e6,
    "cm": 1e4,
    "centimeter": 1e4,
    "mm": 1e3,
    "millimeter": 1e3,
    "µm": 1.0,  # micro sign
    "μm": 1.0,  # the Greek letter, which some programs write
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "nm": 1e-3,
    "nanometer": 1e-3,
    "inch": INCH_UM,
    "in": INCH_UM,
}

TIFF_UNIT_UM = {2: INCH_UM, 3: 1e4}
"""The ResolutionUnit of TIFF 6.0, section 8; 1 means none."""


@dataclass(frozen=True)
class Spacing:
    """What some metadata say about the size of a pixel.

    Attributes:
        x_um: Width of a pixel, um.
        y_um: Height of a pixel, um.
        source: Where the numbers come from, such as "OME-XML".
    """

    x_um: float
    y_um: float
    source: str


def believed(stated: Spacing | None) -> Spacing | None:
    """What metadata state, if a scanner can have meant it."""
    low, high = BELIEVED_UM_PX
    if stated is None or not all(low <= side <= high for side in (stated.x_um, stated.y_um)):
        return None
    return stated


def choose(
    path: Path, stated: Spacing | None, override_um_px: float | None
) -> tuple[tuple[float, float], str]:
    """Width and height of a pixel to work with, um, and their source.

    Args:
        path: The image, for the message.
        stated: Spacing by its metadata.
        override_um_px: Spacing by the user, who is believed whatever the metadata state.

    Raises:
        DataError: There is no override, and the metadata state no spacing, one that no scanner
            has, or pixels that are not square.
        ConfigError: The override is not a positive number.
    """
    if override_um_px is not None:
        if not 0 < override_um_px < math.inf:
            raise ConfigError(f"{OVERRIDE} must be positive. Received: {override_um_px}")
        return (float(override_um_px), float(override_um_px)), OVERRIDE
    if stated is None:
        raise DataError(f"{path}: its metadata state no pixel size. Give {OVERRIDE}")
    if believed(stated) is None:
        low, high = BELIEVED_UM_PX
        raise DataError(
            f"{path}: its metadata state no pixel size of a scan, {low:g} to {high:g} um/px. "
            f"Received: {stated.x_um:g} um/px ({stated.source}). Give {OVERRIDE}"
        )
    mean = (stated.x_um + stated.y_um) / 2
    if abs(stated.x_um - stated.y_um) > SQUARE * mean:
        raise DataError(
            f"{path}: its pixels must be square. Received: {stated.x_um:g} x {stated.y_um:g} um "
            f"({stated.source}). If that is wrong, give {OVERRIDE}"
        )
    return (stated.x_um, stated.y_um), stated.source


def of_picture(info: Mapping[Any, Any]) -> Spacing | None:
    """Spacing in the header of a picture: PNG's pHYs, JPEG's density, BMP's pixels per metre.

    Args:
        info: What Pillow read of it.
    """
    try:
        x_dpi, y_dpi = info["dpi"]
    except (KeyError, TypeError, ValueError):
        return None
    return _per_unit(x_dpi, y_dpi, INCH_UM, "resolution")


def of_tiff_page(page: Any) -> Spacing | None:
    """Spacing in the resolution tags of a `tifffile.TiffPage`, with the unit that ImageJ writes.

    ImageJ leaves the TIFF's unit empty and names its own in the description.
    """
    tags = page.tags
    try:
        x, y = (_number(tags[name].value) for name in ("XResolution", "YResolution"))
        unit_um = TIFF_UNIT_UM.get(int(tags["ResolutionUnit"].value))
    except (KeyError, TypeError, ValueError):
        return None
    if unit_um is not None:
        return _per_unit(x, y, unit_um, "TIFF resolution")
    if page.is_imagej:
        lines = page.description.splitlines()
        units = [line.removeprefix("unit=") for line in lines if line.startswith("unit=")]
        unit = units[0].replace("\\u00B5", "µ") if units else ""
        if unit in UNIT_UM:
            return _per_unit(x, y, UNIT_UM[unit], "ImageJ")
    return None


def of_ome_xml(text: str, width: int, height: int) -> Spacing | None:
    """Spacing of the image of this size in the metadata of an OME-TIFF.

    Raises:
        ValueError: The text is not XML.
    """
    for pixels in pixels_of(parsed(text), width, height):
        x, y = (_physical_size(pixels, axis) for axis in "XY")
        if x is not None and y is not None:
            return Spacing(x, y, "OME-XML")
    return None


def _physical_size(pixels: ElementTree.Element, axis: str) -> float | None:
    """In um; the unit is um where none is named (OME schema 2016-06)."""
    unit = UNIT_UM.get(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
    try:
        return float(pixels.get(f"PhysicalSize{axis}", "")) * unit if unit is not None else None
    except ValueError:
        return None


def _number(value: Any) -> float:
    """A TIFF rational, which tifffile gives as (numerator, denominator), 0 if it is 1/0."""
    numerator, denominator = value
    return numerator / denominator if denominator else 0.0


def _per_unit(x: float, y: float, unit_um: float, source: str) -> Spacing | None:
    """Pixels in a length, as a spacing."""
    if not (x > 0 and y > 0):
        return None
    return Spacing(unit_um / x, unit_um / y, source)
