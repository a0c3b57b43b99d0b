"""Tiles and strips that state of themselves what they are, in agreement with the tags or not."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile

from mitokeras.data.loading import decode_mask
from mitokeras.errors import DataError
from mitokeras.slides.opening import open_slide
from tests.slides import cut, noise_image, set_tag

IMAGE = noise_image(192, 256)
Encode = Callable[[np.ndarray], bytes]


def read(path: Path) -> np.ndarray:
    with closing(open_slide(path, 0.25)) as slide:
        return slide.read(0, 0, slide.width, slide.height)


def write_codes(path: Path, codes: list[bytes], shape: tuple[int, ...], **options: Any) -> Path:
    """Tiles or strips that are encoded already."""
    tifffile.imwrite(path, iter(codes), shape=shape, dtype=np.uint8, metadata=None, **options)
    return path


@pytest.mark.parametrize(
    ("dtype", "factor", "bits"),
    [(np.uint8, 1, 8), (np.uint16, 16, 12), (np.uint16, 257, 16)],
)
def test_jpeg_2000_must_have_the_bits_of_the_tags(
    tmp_path: Path, dtype: Any, factor: int, bits: int
) -> None:
    image = IMAGE
    code = imagecodecs.jpeg2k_encode(
        image.astype(dtype) * factor, reversible=True, bitspersample=bits
    )
    path = write_codes(
        tmp_path / "a.tif", [code], image.shape,
        photometric="rgb", compression=34712, rowsperstrip=192,
    )  # fmt: skip
    if bits == 8:
        assert np.array_equal(read(path), image)
        return
    with pytest.raises(DataError, match=r"a\.tif: damaged .* a tile has uint16, its tags state ui"):
        read(path)


def jpeg_2000(image: np.ndarray) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(np.ascontiguousarray(image), reversible=True))


def webp(image: np.ndarray) -> bytes:
    return bytes(imagecodecs.webp_encode(np.ascontiguousarray(image), lossless=True))


CODECS = pytest.mark.parametrize(("encode", "compression"), [(jpeg_2000, 34712), (webp, 50001)])


@CODECS
def test_a_strip_must_have_its_size(tmp_path: Path, encode: Encode, compression: int) -> None:
    turned = IMAGE.reshape(256, 192, 3)  # of as many pixels
    path = write_codes(
        tmp_path / "a.tif", [encode(turned)], (192, 256, 3),
        photometric="rgb", compression=compression, rowsperstrip=192,
    )  # fmt: skip
    with pytest.raises(DataError, match=r"a\.tif: damaged .* a tile claims to have 192 x 256 px"):
        read(path)


@CODECS
@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize("tile_px", [64, None])
def test_the_last_tiles_and_strips_may_be_whole_or_cut(
    tmp_path: Path,
    encode: Encode,
    compression: int,
    is_cut: bool,
    tile_px: int | None,
) -> None:
    """150 x 100 px are 3 x 2 tiles of 64 px or 2 strips of 64 rows."""
    image = IMAGE[:100, :150]
    padded = image if is_cut else IMAGE[:128, : 192 if tile_px else 150]
    columns = range(0, 150, tile_px or 150)
    width = tile_px or 150
    codes = [encode(padded[y : y + 64, x : x + width]) for y in (0, 64) for x in columns]
    options = {"tile": (64, 64)} if tile_px else {"rowsperstrip": 64}
    path = write_codes(
        tmp_path / "a.tif", codes, (100, 150, 3),
        photometric="rgb", compression=compression, **options,
    )  # fmt: skip
    assert np.array_equal(read(path), image)


@pytest.mark.parametrize("photometric", [2, 6])
@pytest.mark.parametrize("colours", ["RGB", "YCBCR"])
@pytest.mark.parametrize("tile_px", [64, None])
def test_a_jpeg_says_itself_what_its_colours_are(
    tmp_path: Path, photometric: int, colours: str, tile_px: int | None
) -> None:
    image = IMAGE
    parts = cut(image, tile_px) if tile_px else [image]
    codes = [
        imagecodecs.jpeg8_encode(each, level=95, colorspace="RGB", outcolorspace=colours)
        for each in parts
    ]
    options = {"tile": (64, 64)} if tile_px else {"rowsperstrip": 192}
    path = write_codes(
        tmp_path / "a.tif", codes, image.shape, photometric="rgb", compression=7, **options
    )
    set_tag(path, "PhotometricInterpretation", photometric, "H")
    error = np.abs(read(path).astype(int) - image)
    assert error.mean() < 3


def test_a_tile_in_other_colours_than_the_first(tmp_path: Path) -> None:
    parts = cut(IMAGE[:64, :128], 64)
    codes = [
        imagecodecs.jpeg8_encode(each, level=95, colorspace="RGB", outcolorspace=colours)
        for each, colours in zip(parts, ("RGB", "YCBCR"), strict=True)
    ]
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(
        path, iter(codes), shape=(64, 128, 3), dtype=np.uint8, photometric="rgb", compression=7,
        tile=(64, 64), metadata={"axes": "YXS"},
    )  # fmt: skip
    set_tag(path, "PhotometricInterpretation", 2, "H")
    with closing(open_slide(path, 0.25)) as slide:
        assert np.abs(slide.read(0, 0, 64, 64).astype(int) - IMAGE[:64, :64]).mean() < 3
        with pytest.raises(DataError, match="a tile is in YCbCr, its tags state RGB"):
            slide.read(64, 0, 64, 64)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("compression", ["zlib", "lzw"])
@pytest.mark.parametrize("byteorder", "<>")
def test_the_floating_point_predictor(
    tmp_path: Path, dtype: str, compression: str, byteorder: str
) -> None:
    mask = np.zeros((45, 60), dtype)
    mask[10:20, 30:33] = 0.5
    path = tmp_path / "m.tif"
    tifffile.imwrite(path, mask, predictor=3, compression=compression, byteorder=byteorder)
    assert np.array_equal(decode_mask(path, (45, 60)), mask > 0)


def test_the_floating_point_predictor_on_whole_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, IMAGE, photometric="rgb", predictor=2, compression="zlib", metadata=None)
    set_tag(path, "Predictor", 3, "H")
    with pytest.raises(DataError, match=r"a\.tif: "):
        read(path)
