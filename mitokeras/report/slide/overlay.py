"""The picture of a slide with what was found on it."""

from __future__ import annotations

import io
from collections.abc import Iterator

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
    pen, ring = _pen(view), _ring(view)
    cross = max(REJECTED_UM / view.um_px, 2.0 * pen)
    for accepted in (False, True):
        if accepted and prediction.count.hotspot:
            circle = prediction.count.hotspot
            at = view.place_mm(circle.x_mm, circle.y_mm)
            marks.mark_circle(image, at, view.radius(circle), pen + 1)
        for detection in prediction.detections:
            if detection.accepted is accepted:
                at = view.place(detection.x, detection.y)
                if not accepted:
                    marks.mark_rejected(image, at, cross, pen - 1)
                elif detection.subtype == "atypical":
                    marks.mark_atypical(image, at, ring, pen)
                else:
                    marks.mark_figure(image, at, ring, pen)
    marks.draw_scale_bar(image, view.um_px, letter_size(image.shape[1]))
    return image


def numbered(picture: np.ndarray, view: View, prediction: Prediction) -> np.ndarray:
    """Write the numbers of the figures beside their rings, as the other outputs have them.

    A number that would lie on another, of a higher score, is left out.

    Args:
        picture: As `marked` gives it; not changed.
        view: What it was drawn over.
        prediction: What was found.
    """
    image = picture.copy()
    taken = np.zeros(image.shape[:2], bool)
    figures = [pair for pair in enumerate(prediction.detections, 1) if pair[1].accepted]
    figures.sort(key=lambda pair: -pair[1].classifier_score)
    letter_px = letter_size(image.shape[1])
    for number, detection in figures:
        x, y = view.place(detection.x, detection.y)
        if not (0 <= x < image.shape[1] and 0 <= y < image.shape[0]):
            continue
        words = marks.text_image(f" {number} ", letter_px)
        for box in _beside((x, y), 0.7 * _ring(view), words.shape, taken.shape):
            if not taken[box].any():
                taken[box] = True
                image[box] = words
                break
    return image


def _beside(
    at: tuple[float, float], off: float, size: tuple[int, ...], room: tuple[int, ...]
) -> Iterator[tuple[slice, slice]]:
    """The places of a text about a ring that lie in the picture, upper right first."""
    height, width = size[:2]
    for left in (at[0] + off, at[0] - off - width):
        for top in (at[1] - off - height, at[1] + off):
            x, y = round(left), round(top)
            if 0 <= x <= room[1] - width and 0 <= y <= room[0] - height:
                yield slice(y, y + height), slice(x, x + width)


def _pen(view: View) -> int:
    """Width of a line that is still one when a page shows the picture at half its size."""
    return max(2, round(max(view.image.shape[:2]) / 800))


def _ring(view: View) -> float:
    """Radius of the ring around a figure, pixels of the picture."""
    return max(FIGURE_UM / view.um_px, 6.0 * _pen(view))


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
