"""The size of a pixel, where the user or the data set states it."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from mitokeras.data.fields import ASSUMED_SPACING_UM_PX
from mitokeras.data.readers.tables import DATASET_JSON, read_dataset_json
from mitokeras.errors import ConfigError, DataError

ASSUMED_NOTE = (
    f"spacing assumed {ASSUMED_SPACING_UM_PX} um/px, as of a 40x scan: the data set states none"
)

SMALLEST_UM_PX, LARGEST_UM_PX = 0.001, 1000.0
"""No microscope gives pixels beyond; sums with them would overflow."""

_RULE = f"of {SMALLEST_UM_PX:g} to {LARGEST_UM_PX:g} um"


def stated_spacing(root: Path, given: float | None) -> float | None:
    """Spacing in um/px from the user, else from `spacing_um_px` of the folder's dataset.json.

    Raises:
        ConfigError: If the user's spacing is not between `SMALLEST_UM_PX` and `LARGEST_UM_PX`.
        DataError: If dataset.json holds no such number.
    """
    if given is not None:
        if not is_spacing(given):
            raise ConfigError(f"spacing_um_px must be {_RULE}. Received: {given}")
        return float(given)
    spacing = read_dataset_json(root).get("spacing_um_px")
    if spacing is not None and not is_spacing(spacing):
        raise DataError(
            f"{root / DATASET_JSON}: spacing_um_px must be a number {_RULE}. Received: {spacing!r}"
        )
    return None if spacing is None else float(spacing)


class FieldSpacing(TypedDict):
    """What a `Field` says of its pixels."""

    spacing_um_px: float
    spacing_is_assumed: bool


def spacing_of(stated: float | None, known: float | None, notes: list[str]) -> FieldSpacing:
    """What is stated, else what is known of the scanner, else the assumed one, noted once."""
    found = stated or known
    if not found and ASSUMED_NOTE not in notes:
        notes.append(ASSUMED_NOTE)
    return {
        "spacing_um_px": found or ASSUMED_SPACING_UM_PX,
        "spacing_is_assumed": not found,
    }


def is_spacing(value: object) -> bool:
    """Whether it is a number that can be the size of a pixel."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return SMALLEST_UM_PX <= value <= LARGEST_UM_PX
