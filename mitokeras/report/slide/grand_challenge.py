"""The candidates of a slide as the "Multiple points" of grand-challenge.org.

Written as the reference algorithms of the MIDOG challenges write them: millimetres from the
centre of the top left pixel, the classes "mitotic figure" and "non-mitotic figure", and those
below the threshold kept, so that the average precision can be computed. The platform's schema
allows no further keys, so the spacing is stated in the name.
"""

from __future__ import annotations

import json

from mitokeras.counting.prediction import Prediction
from mitokeras.report.slide.words import spacing_origin


def multiple_points(prediction: Prediction) -> bytes:
    """Write all candidates, each with the probability that stage 2 gives it.

    Returns:
        JSON, UTF-8.
    """
    image = prediction.image
    points = [
        {
            "name": "mitotic figure" if detection.accepted else "non-mitotic figure",
            "point": [
                round(detection.x * image.pixel_um[0] / 1000, 6),
                round(detection.y * image.pixel_um[1] / 1000, 6),
                0.0,
            ],
            "probability": detection.classifier_score,
        }
        for detection in prediction.detections
    ]
    record = {
        "name": f"mitotic figures, {image.spacing_um_px!r} um per pixel, {spacing_origin(image)}",
        "type": "Multiple points",
        "points": points,
        "version": {"major": 1, "minor": 0},
    }
    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode("utf-8")
