"""What every output says in the same words."""

from __future__ import annotations

from mitokeras.counting.prediction import ImageFacts
from mitokeras.slides.resolution import OVERRIDE

NOTICE = "Research software. Not a medical device."


def spacing_overridden(image: ImageFacts) -> bool:
    """Whether the user gave it in place of what the file says."""
    return image.spacing_source == OVERRIDE


def spacing_origin(image: ImageFacts) -> str:
    """Say where the spacing comes from."""
    return f"set by hand ({OVERRIDE})" if spacing_overridden(image) else image.spacing_source
