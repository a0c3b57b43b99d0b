"""Numbers as they are written in figures and pages."""

from __future__ import annotations

import math
from collections.abc import Sequence

UNDEFINED = "\u2013"
"""Stands for a rate that divides by nothing, or a score that was never given."""


def number_text(value: float | None, digits: int = 2) -> str:
    if value is None or not math.isfinite(value):
        return UNDEFINED
    return f"{value:,.{digits}f}"


def about_text(value: float) -> str:
    """A number of which two digits mean something: 0.024, 3.1, 33, 1,091."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.2g}"


def interval_text(bounds: Sequence[float | None] | None, digits: int = 3) -> str:
    """Write [low, high] as "low to high", and nothing where a bound is undefined."""
    texts = [number_text(bound, digits) for bound in bounds or ()]
    return "" if UNDEFINED in texts else " to ".join(texts)


def listed_text(value: float | Sequence[float] | None) -> str:
    """One number or several, as short as they are; nothing where there is none."""
    values = value if isinstance(value, Sequence) else (value,)
    return ", ".join(f"{one:g}" for one in values if one is not None)


def duration_text(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes == 0:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def round_length_um(most_um: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50 ... (and of a tenth of these) that is not above."""
    power = 10.0 ** math.floor(math.log10(most_um))
    return max(step * power for step in (1, 2, 5) if step * power <= most_um)
