"""What the HTML pages share: the house look, and images inside the page."""

from __future__ import annotations

import base64
from functools import cache

import cv2
import jinja2
import numpy as np

from mitokeras.report.numbers import about_text, duration_text, interval_text, number_text
from mitokeras.report.score_table import gain_text

JPEG_QUALITY = 90

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}


@cache
def page_templates() -> jinja2.Environment:
    """The templates of this folder; all that is put in is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mitokeras", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number_text, interval=interval_text, duration=duration_text)
    environment.filters.update(about=about_text, gain_text=gain_text)
    return environment


def image_kind(content: bytes) -> str | None:
    """Tell a PNG ("png") or JPEG ("jpeg") file by its first bytes; None for anything else."""
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)


def jpeg(image: np.ndarray) -> bytes:
    """Encode an image, RGB, uint8, shape (height, width, 3)."""
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    return encoded.tobytes()


def data_uri(content: bytes) -> str:
    """Write a PNG or JPEG file as the address of an image that lies in the page itself."""
    encoded = base64.b64encode(content).decode("ascii")
    return f"data:image/{image_kind(content)};base64,{encoded}"
