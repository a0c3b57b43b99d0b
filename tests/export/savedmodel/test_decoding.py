import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mitokeras.data.synthetic.field import draw_field
from mitokeras.errors import DataError
from mitokeras.export.savedmodel.decoding import decode
from mitokeras.slides.opening import open_slide

FIELD = Image.fromarray(draw_field(64, 48, seed=1, case=0).image)


def see_through(alpha: int) -> Image.Image:
    """The field, whose upper part is as opaque as that and its lower part wholly."""
    pixels = np.full((FIELD.height, FIELD.width), 255, dtype=np.uint8)
    pixels[:20] = alpha
    result = FIELD.copy()
    result.putalpha(Image.fromarray(pixels))
    return result


def of_16_bits() -> bytes:
    pixels = np.asarray(FIELD)[..., ::-1].astype(np.uint16) * 257
    return cv2.imencode(".png", pixels)[1].tobytes()


def nowhere_opaque() -> Image.Image:
    result = FIELD.copy()
    result.putalpha(0)
    return result


def file(image: Image.Image, name: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


@tf.function(input_signature=[tf.TensorSpec((), tf.string)])
def in_graph(image_bytes: tf.Tensor) -> tf.Tensor:
    return decode(image_bytes)


@pytest.mark.parametrize(
    ("data", "apart"),
    [
        (file(FIELD, "PNG"), 0),
        (file(FIELD.quantize(64), "PNG"), 0),
        (file(FIELD.quantize(16), "PNG", bits=4), 0),
        (file(FIELD.quantize(64), "PNG", transparency=3), 0),
        (file(FIELD.quantize(16), "PNG", bits=4, transparency=3), 0),
        (file(FIELD, "PNG", transparency=FIELD.getpixel((0, 0))), 0),
        (file(see_through(0), "PNG"), 0),
        (file(see_through(100), "PNG"), 0),
        (file(FIELD, "JPEG", quality=95), 1),
        (file(FIELD, "JPEG", quality=60, progressive=True), 1),
    ],
    ids=lambda given: f"{len(given)}-bytes" if isinstance(given, bytes) else "",
)
def test_pixels_are_those_that_predict_reads(data: bytes, apart: int, tmp_path: Path) -> None:
    path = tmp_path / "field"
    path.write_bytes(data)
    expected = open_slide(path, 0.25).read(0, 0, *FIELD.size)
    found = in_graph(data).numpy()
    assert found.dtype == expected.dtype and found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= apart


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (file(FIELD.convert("L"), "PNG"), "a PNG must be in colour"),
        (file(see_through(9).convert("LA"), "PNG"), "a PNG must be in colour"),
        (file(FIELD.convert("L"), "JPEG"), "a JPEG must be in colour"),
        (file(FIELD.convert("CMYK"), "JPEG"), "a JPEG must be in colour"),
        (file(FIELD, "GIF"), "must be a PNG or JPEG file"),
        (of_16_bits(), "8 bits a channel"),
        (file(nowhere_opaque(), "PNG"), "opaque somewhere"),
    ],
    ids=["grey", "grey-with-alpha", "grey-jpeg", "cmyk", "gif", "16-bits", "see-through"],
)
def test_what_predict_refuses_is_refused(data: bytes, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "field"
    path.write_bytes(data)
    with pytest.raises(DataError):
        open_slide(path, 0.25)
    with pytest.raises(tf.errors.InvalidArgumentError, match=rule):
        in_graph(data)
