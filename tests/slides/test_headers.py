import struct

import cv2
import imagecodecs
import numpy as np
import pytest

from mitokeras.slides.headers import jpeg_2000_size, jpeg_is_ycbcr, jpeg_size, webp_size

IMAGE = np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)


@pytest.mark.parametrize(
    "options", [(), (cv2.IMWRITE_JPEG_PROGRESSIVE, 1), (cv2.IMWRITE_JPEG_RST_INTERVAL, 2)]
)
def test_the_size_is_that_of_the_picture(options: tuple[int, ...]) -> None:
    _, data = cv2.imencode(".jpg", IMAGE, options)
    assert jpeg_size(data.tobytes()) == (60, 50)


def test_a_jpeg_with_what_may_stand_before_its_frame() -> None:
    _, data = cv2.imencode(".jpg", IMAGE)
    inside = b"\xff\xe1" + struct.pack(">H", 8) + b"\xff\xc0\xff\xd9ab"  # a frame in a comment
    rest = data.tobytes()[2:]
    assert jpeg_size(b"\xff\xd8" + inside + b"\xff\xff" + rest) == (60, 50)
    with pytest.raises(struct.error):
        jpeg_size(b"\xff\xd8" + inside + b"\xff\xd9")


def test_jpeg_2000() -> None:
    for codec in ("j2k", "jp2"):
        data = imagecodecs.jpeg2k_encode(IMAGE, codecformat=codec)
        assert jpeg_2000_size(data) == (60, 50)
    with pytest.raises(ValueError, match="empty"):
        jpeg_2000_size(b"none")


def test_webp() -> None:
    for options in ({"lossless": True}, {"lossless": False}):
        assert webp_size(imagecodecs.webp_encode(IMAGE, **options)) == (60, 50)
    rgba = np.dstack([IMAGE, IMAGE[..., 0]])
    assert webp_size(imagecodecs.webp_encode(rgba, lossless=False)) == (60, 50)  # extended
    with pytest.raises(ValueError, match="must be WebP"):
        webp_size(b"none")


@pytest.mark.parametrize(("colours", "is_ycbcr"), [("YCBCR", True), ("RGB", False)])
def test_the_colours_of_a_jpeg(colours: str, is_ycbcr: bool) -> None:
    data = imagecodecs.jpeg8_encode(IMAGE, colorspace="RGB", outcolorspace=colours)
    assert jpeg_is_ycbcr(data) is is_ycbcr
    kind, size = data[2:4], int.from_bytes(data[4:6], "big")
    assert kind in (b"\xff\xe0", b"\xff\xee")  # JFIF's or Adobe's segment
    bare = data[:2] + data[4 + size :]
    assert jpeg_is_ycbcr(bare) is None
    adobe = b"\xff\xee" + (14).to_bytes(2, "big") + b"Adobe" + bytes(6) + b"\x01"
    assert jpeg_is_ycbcr(bare[:2] + adobe + bare[2:]) is True
