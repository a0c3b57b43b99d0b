"""The picture of a slide with what was found on it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, PngImagePlugin

from mitokeras.counting.prediction import Prediction
from mitokeras.report.slide import marks
from mitokeras.report.slide.legend import legend, letter_size
from mitokeras.report.slide.views import View
from mitokeras.report.slide.words import NOTICE, spacing_origin

LONGEST_PX = 1600
"""Length of the longer side of the whole slide."""

FIGURE_UM = 11.0
"""Radius of the ring around a figure where the picture shows cells."""

REJECTED_UM = 6.0
"""Half the side of the cross on a rejected candidate."""

_LEAST_WIDTH = 640
# With zlib's defaults a field takes longer to write than to predict, for 4 % fewer bytes.
_COMPRESSION = {"compress_level": 1, "compress_type": 3}


def marked(view: View, prediction: Prediction) -> np.ndarray:
    """Draw the candidates, the hotspot and a scale bar over a picture of the slide.

    Returns:
        RGB, uint8, of the size of the picture.
    """
    image = np.ascontiguousarray(view.image).copy()
    # So that a mark still is a mark when a page shows the picture at half its size.
    pen = max(2, round(max(image.shape[:2]) / 800))
    ring = max(FIGURE_UM / view.um_px, 6.0 * pen)
    cross = max(REJECTED_UM / view.um_px, 2.0 * pen)
    for accepted in (False, True):
        if accepted and prediction.count.hotspot:
            circle = prediction.count.hotspot
            at = view.place_mm(circle.x_mm, circle.y_mm)
            marks.mark_circle(image, at, view.radius(circle), pen + 1)
        for detection in prediction.detections:
            if detection.accepted is accepted:
                at = view.place(detection.x, detection.y)
                if accepted:
                    marks.mark_figure(image, at, ring, pen)
                else:
                    marks.mark_rejected(image, at, cross, pen - 1)
    marks.draw_scale_bar(image, view.um_px, letter_size(image.shape[1]))
    return image


def overlay_png(view: View, picture: np.ndarray, prediction: Prediction) -> bytes:
    """Put a legend under a marked picture and write both as a PNG.

    The file holds the full name of the image, the spacing and where it comes from as text too.

    Args:
        view: The slide without marks.
        picture: The same with them.
        prediction: What was found.
    """
    height, width = picture.shape[:2]
    under = legend(view, prediction, max(width, _LEAST_WIDTH))
    canvas = np.full((height + under.shape[0], under.shape[1], 3), 255, dtype=np.uint8)
    canvas[:height, :width] = picture
    canvas[height:] = under
    file = io.BytesIO()
    Image.fromarray(canvas).save(file, format="PNG", pnginfo=_texts(prediction), **_COMPRESSION)
    return file.getvalue()


def _texts(prediction: Prediction) -> PngImagePlugin.PngInfo:
    image = prediction.image
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("Title", image.name)
    texts.add_itxt("Spacing", f"{image.spacing_um_px!r} um per pixel, {spacing_origin(image)}")
    texts.add_itxt("Model", prediction.model.name)
    texts.add_itxt("Disclaimer", NOTICE)
    return texts
