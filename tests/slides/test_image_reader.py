import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mitokeras.errors import DataError
from mitokeras.slides.image_reader import ImageSlide
from mitokeras.slides.opening import open_slide
from tests.slides import noise_image

DPI = 25_400 / 0.25
IMAGE = noise_image(90, 120)


def save(path: Path, **options: object) -> Path:
    data = io.BytesIO()
    Image.fromarray(IMAGE).save(data, path.suffix[1:].replace("jpg", "jpeg"), **options)
    path.write_bytes(data.getvalue())
    return path


def test_an_array_is_a_slide() -> None:
    slide = ImageSlide(IMAGE, 0.25)
    assert (slide.width, slide.height, slide.spacing_um_px) == (120, 90, 0.25)
    assert (slide.spacing_source, slide.format) == ("argument", "array")
    window = slide.read(5, 7, 20, 10)
    assert np.array_equal(window, IMAGE[7:17, 5:25])
    window[:] = 0
    assert IMAGE[7:17, 5:25].min() > 0, "a window is a copy"
    assert slide.overview(50).shape == (2, 3, 3)
    assert np.abs(slide.overview(50)[1, 2] - IMAGE[50:, 100:].mean((0, 1))).max() <= 0.51


@pytest.mark.parametrize(
    "array",
    [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3)),
     np.zeros((0, 5, 3), np.uint8)],
)  # fmt: skip
def test_arrays_that_are_no_image(array: np.ndarray) -> None:
    with pytest.raises(DataError, match="must be RGB, uint8"):
        ImageSlide(array, 0.25)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.jpg"])
def test_pictures_with_a_resolution(tmp_path: Path, name: str) -> None:
    dpi = DPI if name != "a.jpg" else 50_800  # JPEG keeps 16 bits
    slide = open_slide(save(tmp_path / name, dpi=(dpi, dpi)))
    assert slide.spacing_um_px == pytest.approx(25_400 / dpi, rel=1e-3)
    assert slide.spacing_source == "resolution"
    assert slide.format == {"p": "PNG", "b": "BMP", "j": "JPEG"}[name[2]]
    window = slide.read(0, 0, 120, 90)
    if name != "a.jpg":
        assert np.array_equal(window, IMAGE)
    slide.close()


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.jpg"])
@pytest.mark.parametrize("options", [{}, {"dpi": (300, 300)}])
def test_pictures_without(tmp_path: Path, name: str, options: dict[str, object]) -> None:
    path = save(tmp_path / name, **options)
    with pytest.raises(DataError, match=rf"{name}: its metadata state no pixel size.*--spacing"):
        open_slide(path)
    slide = open_slide(path, 0.25)
    assert (slide.spacing_um_px, slide.spacing_source) == (0.25, "--spacing-um-px")


def test_a_jpeg_in_pixels_per_centimetre(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg")
    data = bytearray(path.read_bytes())
    assert data[6:11] == b"JFIF\0"
    data[13:18] = bytes([2]) + (20_000).to_bytes(2, "big") * 2  # JFIF 1.02: units, x, y density
    path.write_bytes(data)
    assert open_slide(path).spacing_um_px == pytest.approx(0.5, rel=1e-3)


def test_a_png_in_an_unknown_unit(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", dpi=(DPI, DPI))
    data = bytearray(path.read_bytes())
    at = data.index(b"pHYs")
    data[at + 12] = 0
    data[at + 13 : at + 17] = zlib.crc32(data[at : at + 13]).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(DataError, match="state no pixel size"):
        open_slide(path)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.jpg"])
def test_pictures_that_are_cut_off(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name)
    data = path.read_bytes()
    for length in (5, 60, len(data) // 2):
        path.write_bytes(data[:length])
        with pytest.raises(DataError, match=rf"{name}: cannot be decoded"):
            open_slide(path, 0.25)
