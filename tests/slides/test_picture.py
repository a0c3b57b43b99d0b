"""PNG, JPEG and BMP of rarer kinds."""

import io
import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from mitokeras.data.loading import decode_mask
from mitokeras.errors import DataError
from mitokeras.slides.picture import read_picture
from tests.slides import noise_image

IMAGE = noise_image(45, 60)

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2))  # fmt: skip
"""First column and row of each pass, and the steps between them (PNG, 8.2)."""


def chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check


def interlaced_png(image: np.ndarray) -> bytes:
    height, width = image.shape[:2]
    parts = (image[y::down, x::right] for x, y, right, down in ADAM7)
    lines = b"".join(b"\0" + row.tobytes() for part in parts for row in part)
    kind = {2: 0, 3: 2}[image.ndim]
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, data)
        for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    )


def test_an_interlaced_png(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(interlaced_png(IMAGE))
    assert np.array_equal(read_picture(path, is_image=True).samples.values, IMAGE)
    mask = np.zeros((45, 60), np.uint8)
    mask[10:20, 30:33] = 1
    path.write_bytes(interlaced_png(mask))
    assert np.array_equal(decode_mask(path, (45, 60)), mask)


@pytest.mark.parametrize("colours", ["CMYK", "YCCK"])
def test_jpeg_for_print(tmp_path: Path, colours: str) -> None:
    cmyk = np.dstack([255 - IMAGE, IMAGE[..., 0]])
    path = tmp_path / "a.jpg"
    path.write_bytes(imagecodecs.jpeg8_encode(cmyk, colorspace="CMYK", outcolorspace=colours))
    with pytest.raises(DataError, match=r"a\.jpg: an image must be grey or RGB\. Received: CMYK"):
        read_picture(path, is_image=True)


@pytest.mark.parametrize("colours", ["RGB", "YCBCR"])
def test_jpeg_that_says_what_its_colours_are(tmp_path: Path, colours: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(
        imagecodecs.jpeg8_encode(IMAGE, level=95, colorspace="RGB", outcolorspace=colours)
    )
    values = read_picture(path, is_image=True).samples.values
    assert np.abs(values.astype(int) - IMAGE).mean() < 3


def bmp(image: np.ndarray, bits: int) -> bytes:
    """BITMAPINFOHEADER without compression; of 16 bits a channel has 5."""
    height, width = image.shape[:2]
    red, green, blue = np.moveaxis(image[::-1].astype(np.uint16) >> 3, 2, 0)
    if bits == 16:
        rows = (red << 10 | green << 5 | blue).astype("<u2").tobytes()
    else:
        fill = [image[::-1, :, :1]] if bits == 32 else []
        rows = np.dstack([image[::-1, :, ::-1], *fill]).tobytes()
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 0, len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + header + rows


@pytest.mark.parametrize("bits", [24, 32])
def test_bmp(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(bmp(IMAGE, bits))
    assert np.array_equal(read_picture(path, is_image=True).samples.values, IMAGE)


def test_bmp_of_16_bits_has_5_a_channel(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(bmp(IMAGE, 16))
    with pytest.raises(DataError, match=r"a\.bmp: .* 8 bits a channel\. Received: uint5"):
        read_picture(path, is_image=True)
    mask = np.zeros((45, 60, 3), np.uint8)
    mask[5:9, 6:12] = 255
    path.write_bytes(bmp(mask, 16))
    assert np.array_equal(decode_mask(path, (45, 60)), mask[..., 0] // 255)


def test_bmp_of_os2(tmp_path: Path) -> None:
    """Its header has 12 bytes, and pixels lie where other headers state the bits."""
    image = np.full((4, 4, 3), 16, np.uint8)
    file = io.BytesIO()
    header = struct.pack("<IHHHH", 12, 4, 4, 1, 24)
    file.write(b"BM" + struct.pack("<IHHI", 26 + 48, 0, 0, 26) + header + image.tobytes())
    path = tmp_path / "a.bmp"
    path.write_bytes(file.getvalue())
    assert np.array_equal(read_picture(path, is_image=True).samples.values, image)
