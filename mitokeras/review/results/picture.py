"""The picture of a slide with what a reader has said of it."""

from __future__ import annotations

import cv2
import numpy as np

from mitokeras.report.colours import INK, SKY, rgb
from mitokeras.report.slide import marks
from mitokeras.report.slide.legend import letter_size
from mitokeras.report.slide.overlay import FIGURE_UM, REJECTED_UM
from mitokeras.report.slide.views import View
from mitokeras.review.corrected import Corrected


def marked(view: View, corrected: Corrected) -> np.ndarray:
    """Draw the counted figures, what is not counted, the region, the hotspot and a scale.

    Returns:
        RGB, uint8, of the size of the picture.
    """
    image = np.ascontiguousarray(view.image).copy()
    pen = max(2, round(max(image.shape[:2]) / 800))
    ring = max(FIGURE_UM / view.um_px, 6.0 * pen)
    cross = max(REJECTED_UM / view.um_px, 2.0 * pen)
    for outline in corrected.region:
        corners = np.rint([view.place(x, y) for x, y in outline]).astype(np.int32)
        for colour, width in ((INK, 2 * pen + 1), (SKY, pen)):
            cv2.polylines(image, [corners], True, rgb(colour), width, cv2.LINE_AA)
    for one in corrected.figures:
        if not one.counted:
            marks.mark_rejected(image, view.place(one.x, one.y), cross, pen - 1)
    if circle := corrected.reviewed.hotspot:
        at = view.place_mm(circle.x_mm, circle.y_mm)
        marks.mark_circle(image, at, view.radius(circle), pen + 1)
    for one in corrected.figures:
        if one.counted:
            marks.mark_figure(image, view.place(one.x, one.y), ring, pen)
    marks.draw_scale_bar(image, view.um_px, letter_size(image.shape[1]))
    return image
