"""The reviewed figures as the "Multiple points" of grand-challenge.org."""

from __future__ import annotations

import json

from mitokeras.report.slide.words import spacing_origin
from mitokeras.review.corrected import Corrected
from mitokeras.review.results.words import kind_of


def reviewed_points(corrected: Corrected) -> bytes:
    """Write all figures, in millimetres from the centre of the top left pixel.

    There are no probabilities: a reader gives none. The name of a point says whose word it is.

    Returns:
        JSON, UTF-8.
    """
    image = corrected.image
    width_um, height_um = image.pixel_um
    points = [
        {
            "name": kind_of(one).lower(),
            "point": [round(one.x * width_um / 1000, 6), round(one.y * height_um / 1000, 6), 0.0],
        }
        for one in corrected.figures
    ]
    record = {
        "name": f"mitotic figures, reviewed by {corrected.reviewer}, {image.spacing_um_px!r} um "
        f"per pixel, {spacing_origin(image)}",
        "type": "Multiple points",
        "points": points,
        "version": {"major": 1, "minor": 0},
    }
    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode("utf-8")
