"""What is drawn over a picture of tissue: rings, diamonds, crosses, circles and a scale bar.

Every mark has a white or dark edge beside its colour, and each kind a shape of its own, so that
it is seen on pale and dark tissue and told apart in grey as well.
"""

from __future__ import annotations

import math
import unicodedata
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mitokeras.report.colours import BLUE, GREY, INK, VERMILION, WHITE, YELLOW, rgb
from mitokeras.report.numbers import round_length_um

_SHIFT = 4  # OpenCV takes sixteenths of a pixel

Point = tuple[float, float]


def mark_figure(image: np.ndarray, at: Point, radius: float, width: int) -> None:
    """Draw a ring around an accepted figure: yellow between two dark lines."""
    _circle(image, at, radius, INK, 2 * width + 1)
    _circle(image, at, radius, YELLOW, width)


def mark_atypical(image: np.ndarray, at: Point, radius: float, width: int) -> None:
    """Draw a diamond around a figure that is called atypical: vermilion between two white lines.

    Args:
        image: What is drawn on.
        at: Middle.
        radius: Of the ring that another figure has; the diamond holds as much.
        width: Of the coloured line.
    """
    x, y = at
    reach = 1.25 * radius
    corners = np.array(
        [
            _fixed(corner)
            for corner in ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
        ]
    )
    for colour, thickness in ((WHITE, 2 * width + 1), (VERMILION, width)):
        cv2.polylines(image, [corners], True, rgb(colour), thickness, cv2.LINE_AA, _SHIFT)


def mark_rejected(image: np.ndarray, at: Point, radius: float, width: int) -> None:
    """Draw a faint cross, its middle left open, on a candidate that stage 2 turned down."""
    x, y = at
    for colour, thickness in ((WHITE, width + 2), (GREY, width)):
        for dx, dy in ((1, 1), (1, -1), (-1, -1), (-1, 1)):
            near, far = 0.35 * radius, 0.75 * radius
            start, end = (
                _fixed((x + near * dx, y + near * dy)),
                _fixed((x + far * dx, y + far * dy)),
            )
            cv2.line(image, start, end, rgb(colour), thickness, cv2.LINE_AA, _SHIFT)


def mark_circle(image: np.ndarray, at: Point, radius: float, width: int) -> None:
    """Draw the border of an area that figures were counted in: blue between two white lines."""
    _circle(image, at, radius, WHITE, 2 * width + 1)
    _circle(image, at, radius, BLUE, width)


def draw_scale_bar(image: np.ndarray, um_px: float, letter_px: int) -> None:
    """Draw a bar of a round length into the lower left corner, on white."""
    length_um = round_length_um(image.shape[1] * um_px / 4)
    bar = max(1, round(length_um / um_px))
    text = f"{length_um / 1000:g} mm" if length_um >= 1000 else f"{length_um:g} um"
    words = text_image(text, letter_px)
    pad = letter_px // 2
    thick = max(2, letter_px // 5)
    height = 3 * pad + words.shape[0] + thick
    width = 2 * pad + max(bar, words.shape[1])
    if height > image.shape[0] or width > image.shape[1]:
        return
    box = image[image.shape[0] - height :, :width]
    box[:] = 255
    box[pad : pad + words.shape[0], pad : pad + words.shape[1]] = words
    box[-pad - thick : -pad, pad : pad + bar] = rgb(INK)


def text_image(text: str, letter_px: int, colour: str = INK) -> np.ndarray:
    """Write one line on white; letters that are not ASCII become their base letter or "?".

    Args:
        text: Any.
        letter_px: Size of the letters.
        colour: Colour of the letters.

    Returns:
        RGB, uint8, as high as a line.
    """
    font = _font(letter_px)
    text = _ascii(text)
    ascent, descent = font.getmetrics()
    canvas = Image.new("RGB", (math.ceil(font.getlength(text)) + 1, ascent + descent), WHITE)
    ImageDraw.Draw(canvas).text((0, 0), text, fill=colour, font=font)
    return np.array(canvas)


def text_width(text: str, letter_px: int) -> float:
    """Width of a line that `text_image` writes, pixels."""
    return float(_font(letter_px).getlength(_ascii(text)))


def _ascii(text: str) -> str:
    # Pillow's own font, the only one that is there on every machine, has no other letters.
    base = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else "?" for c in base)


@cache
def _font(letter_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(letter_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType")
    return font


def _circle(image: np.ndarray, at: Point, radius: float, colour: str, width: int) -> None:
    fixed = round(radius * (1 << _SHIFT))
    cv2.circle(image, _fixed(at), fixed, rgb(colour), width, cv2.LINE_AA, _SHIFT)


def _fixed(at: Point) -> tuple[int, int]:
    x, y = at
    return round(x * (1 << _SHIFT)), round(y * (1 << _SHIFT))
