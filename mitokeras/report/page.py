"""What the HTML pages share: the house look, and images inside the page."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

import cv2
import jinja2
import numpy as np

from mitokeras.errors import DataError
from mitokeras.report.numbers import about_text, duration_text, interval_text, number_text
from mitokeras.report.score_table import gain_text

JPEG_QUALITY = 90

LARGE_PNG_BYTES = 500_000
"""A larger PNG shows tissue, and goes into the page as a JPEG of about a fifth of the size."""

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


def page_image(path: Path) -> dict[str, str | int]:
    """Give the data URI of a figure, and its width in the page: two of its pixels for one.

    Raises:
        DataError: It is no whole PNG or JPEG file.
    """
    content = path.read_bytes()
    kind = image_kind(content)
    pixels = None
    if kind is not None:
        pixels = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise DataError(f"{path}: a figure of a report must be a whole PNG or JPEG file")
    if kind == "png" and len(content) > LARGE_PNG_BYTES:
        content = jpeg(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    return {"source": data_uri(content), "width": pixels.shape[1] // 2}
