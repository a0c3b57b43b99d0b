"""The lines under the picture of a slide: what the marks mean, the counts and the spacing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mitokeras.counting.prediction import Prediction
from mitokeras.report.slide import marks
from mitokeras.report.slide.atypical_words import atypical_text
from mitokeras.report.slide.views import View
from mitokeras.report.slide.words import (
    NOTICE,
    remarks,
    score_text,
    slide_doubts,
    spacing_origin,
    threshold_text,
)
from mitokeras.text import count_of


def legend(view: View, prediction: Prediction, width: int) -> np.ndarray:
    """Write the legend.

    Args:
        view: The picture that it goes under.
        prediction: What was found.
        width: Width of the legend, pixels.

    Returns:
        RGB, uint8, dark on white.
    """
    letter_px = letter_size(width)
    pad = letter_px // 2
    room = width - 2 * pad
    image = prediction.image
    spacing = f"{image.spacing_um_px:.4g} um per pixel, {spacing_origin(image)}"
    doubtful = [
        line
        for doubt in slide_doubts(prediction)
        for line in _wrapped(f"Warning: {doubt}", room, letter_px)
    ]
    lines = [
        *_in_lines(_entries(view, prediction, letter_px), room, gap=letter_px),
        *_wrapped(atypical_text(prediction), room, letter_px),
        *_wrapped(f"{threshold_text(prediction)}, {score_text(prediction.count)}", room, letter_px),
        *_wrapped(f"{image.name}: {spacing}", room, letter_px),
        *doubtful,
        *_wrapped(NOTICE, room, letter_px),
    ]
    height = sum(line.shape[0] for line in lines) + 2 * pad
    canvas = np.full((height, width, 3), 255, dtype=np.uint8)
    top = pad
    for line in lines:
        canvas[top : top + line.shape[0], pad : pad + line.shape[1]] = line
        top += line.shape[0]
    return canvas


def letter_size(width_px: int) -> int:
    """Height of the letters for a picture of this width, pixels."""
    return min(max(width_px // 70, 14), 36)


def _entries(view: View, prediction: Prediction, letter_px: int) -> Iterator[np.ndarray]:
    """Draw each kind of mark with what it means and how many there are."""
    side = round(1.4 * letter_px)
    middle, pen = ((side - 1) / 2, (side - 1) / 2), max(2, letter_px // 12)

    def entry(sample: np.ndarray, words: str) -> np.ndarray:
        return _beside(sample, marks.text_image(f" {words}", letter_px))

    figures = prediction.count.figures
    beside = remarks(prediction.count)
    sample = np.full((side, side, 3), 255, dtype=np.uint8)
    marks.mark_figure(sample, middle, 0.33 * side, pen)
    yield entry(sample, _with(count_of(figures, "mitotic figure"), beside.figures))

    if prediction.atypical is not None:
        sample = np.full((side, side, 3), 255, dtype=np.uint8)
        marks.mark_atypical(sample, middle, 0.3 * side, pen)
        yield entry(sample, f"{prediction.atypical.figures} of them called atypical")

    rejected = len(prediction.detections) - figures
    sample = np.full((side, side, 3), 255, dtype=np.uint8)
    marks.mark_rejected(sample, middle, 0.3 * side, pen - 1)
    yield entry(sample, count_of(rejected, "rejected candidate"))

    circle = prediction.count.hotspot
    if circle is not None:
        words = _with(f"hotspot of {circle.area_mm2:g} mm2: {circle.figures}", beside.hotspot)
        if view.shows_border(circle):
            sample = np.full((side, side, 3), 255, dtype=np.uint8)
            marks.mark_circle(sample, middle, 0.36 * side, pen + 1)
            yield entry(sample, words)
        else:
            yield marks.text_image(f"{words} (its circle is larger than the image)", letter_px)


def _with(words: str, remark: str) -> str:
    return f"{words}, {remark}" if remark else words


def _in_lines(parts: Iterator[np.ndarray], room: int, gap: int) -> Iterator[np.ndarray]:
    """Set parts beside one another, a new line where one does not fit."""
    line = next(parts)
    between = np.full((1, gap, 3), 255, dtype=np.uint8)
    for part in parts:
        if line.shape[1] + gap + part.shape[1] <= room:
            line = _beside(line, between, part)
        else:
            yield line[:, :room]
            line = part
    yield line[:, :room]


def _wrapped(text: str, room: int, letter_px: int) -> Iterator[np.ndarray]:
    """Write a text in as many lines as it needs, broken at a space where a line has one."""
    while text:
        fits = (n for n in range(len(text), 1, -1) if marks.text_width(text[:n], letter_px) < room)
        end = next(fits, 1)
        if end < len(text):
            end = text.rfind(" ", 0, end) + 1 or end
        yield marks.text_image(text[:end], letter_px)
        text = text[end:]


def _beside(*images: np.ndarray) -> np.ndarray:
    """Set images in a row, middles on one line, on white."""
    height = max(image.shape[0] for image in images)
    row = np.full((height, sum(image.shape[1] for image in images), 3), 255, dtype=np.uint8)
    left = 0
    for image in images:
        top = (height - image.shape[0]) // 2
        row[top : top + image.shape[0], left : left + image.shape[1]] = image
        left += image.shape[1]
    return row
