"""What a mask marks: the rule on arrays, and masks of every kind of file."""

import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from mitokeras.data.loading import decode_mask
from mitokeras.data.masks import marked, notes_on_soft
from mitokeras.errors import DataError
from mitokeras.slides.samples import Samples

DOCS = Path(__file__).parent.parent.parent / "docs" / "data.md"

PATH = Path("m.png")

DRAWN = np.zeros((64, 80), np.uint8)
cv2.circle(DRAWN, (20, 20), 9, 1, -1)
cv2.circle(DRAWN, (60, 40), 12, 1, -1)
SHAPE = (64, 80)
WHITE = DRAWN * 255
NUMBERED = DRAWN.astype(np.uint16)
NUMBERED[:, 40:] *= 300
BLACK = np.zeros_like(DRAWN)


def grey(values: Any, **more: Any) -> Samples:
    return Samples(np.atleast_3d(np.asarray(values)), **more)


def soft(radius: int, blur: float) -> np.ndarray:
    disc = np.zeros((128, 128), np.uint8)
    cv2.circle(disc, (64, 64), radius, 255, -1)
    return np.asarray(cv2.GaussianBlur(disc, (0, 0), blur))


def test_classes_and_numbers_are_all_marked() -> None:
    pixels, is_soft = marked(PATH, grey([[0, 1, 0, 9], [0, 0, 200, 0]]))
    assert pixels.tolist() == [[0, 1, 0, 1], [0, 0, 1, 0]]
    assert pixels.dtype == np.uint8
    assert not is_soft
    many = np.zeros((100, 100), np.uint16)
    for number in range(20):  # that touch
        many[4 * number : 4 * number + 4, 10:20] = number + 1
    assert marked(PATH, grey(many)).pixels.sum() == 20 * 4 * 10


@pytest.mark.parametrize("blur", [0.5, 1, 2, 4])
@pytest.mark.parametrize("scale", [1.0, 0.5, 1 / 255])
def test_soft_edges_are_cut_at_half(blur: float, scale: float) -> None:
    values = soft(14, blur) * np.float32(scale)
    pixels, is_soft = marked(PATH, grey(values if scale < 0.1 else values.astype(np.uint8)))
    assert is_soft
    drawn = np.count_nonzero(soft(14, 0.1))
    assert pixels.sum() == pytest.approx(drawn, rel=0.1)
    assert np.count_nonzero(values) > 1.1 * drawn


@pytest.mark.parametrize("side", [1, 2, 3, 4])
def test_dots_with_numbers_of_their_own_are_all_marked(side: int) -> None:
    dots = np.zeros((128, 128), np.uint8)
    for number in range(20):
        y, x = 24 * (number // 5) + 10, 24 * (number % 5) + 10
        dots[y : y + side, x : x + side] = number + 1
    pixels, is_soft = marked(PATH, grey(dots))
    assert pixels.sum() == 20 * side**2
    assert not is_soft


def test_dots_beside_soft_edges() -> None:
    row = np.zeros((20, 60), np.uint8)
    row[10, :20] = np.arange(1, 21)
    assert marked(PATH, grey(row)).pixels.sum() == 11
    row[16, 40:50:2] = np.arange(1, 10, 2)  # of them 7 and 9 are above a third of 20
    with pytest.raises(DataError, match=r"m\.png: .* at least half of 20\. Received: 2 fainter"):
        marked(PATH, grey(row))


def test_a_faint_figure_is_not_lost_with_soft_edges() -> None:
    values = soft(8, 1.5) + np.roll(soft(8, 1.5) * 0.45, 40, axis=1)
    message = r"m\.png: .* at least half of 255\. Received: 1 fainter ones, the first of at most 11"
    with pytest.raises(DataError, match=message):
        marked(PATH, grey(values.astype(np.uint8)))
    values = soft(8, 1.5) + np.roll(soft(8, 1.5) * 0.1, 45, axis=1)
    with pytest.raises(DataError, match=r"Received: 1 fainter ones, the first of at most 25"):
        marked(PATH, grey(values.astype(np.uint8)))


@pytest.mark.parametrize("quality", [60, 75, 95])
@pytest.mark.parametrize("faint", [0, 40, 120])
def test_classes_in_a_jpeg(tmp_path: Path, quality: int, faint: int) -> None:
    classes = np.zeros((128, 128, 3), np.uint8)
    cv2.ellipse(classes, (30, 30), (9, 6), 30, 0, 360, (255, 0, 0), -1)
    cv2.ellipse(classes, (90, 90), (8, 5), 70, 0, 360, (0, 0, faint), -1)
    path = tmp_path / "m.jpg"
    Image.fromarray(classes).save(path, quality=quality)
    if not faint:
        assert cv2.connectedComponents(decode_mask(path, (128, 128)))[0] == 2
        return
    with pytest.raises(DataError, match=r"m\.jpg: a mask with soft edges must have figures of at"):
        decode_mask(path, (128, 128))


def test_a_jpeg_is_cut_at_half_of_white() -> None:
    values = np.zeros((8, 8), np.uint8)
    values[1, :4] = 3, 127, 128, 254
    pixels, is_soft = marked(PATH, grey(values, lossy=True))
    assert np.argwhere(pixels).tolist() == [[1, 2], [1, 3]]
    assert is_soft
    assert not marked(PATH, grey(np.where(values > 127, 255, 0).astype(np.uint8))).is_soft


def test_the_brightest_channel_counts_and_lies_on_black() -> None:
    values = np.array([[[0, 0, 9], [0, 9, 0], [9, 9, 9], [0, 0, 0]]], np.uint8)
    alpha = np.array([[255, 1, 0, 255]], np.uint8)
    assert marked(PATH, Samples(values[:, :, :2])).pixels.tolist() == [[0, 1, 1, 0]]
    assert marked(PATH, Samples(values, alpha)).pixels.tolist() == [[1, 1, 0, 0]]
    assert marked(PATH, Samples(values[:, ::3], alpha[:, ::3], True)).pixels.tolist() == [[1, 0]]


def test_half_of_the_image_is_the_most() -> None:
    values = np.zeros((10, 10), np.uint8)
    values[:5] = 255
    assert marked(PATH, grey(values)).pixels.sum() == 50
    values[5, 0] = 255
    with pytest.raises(DataError, match=r"m\.png: .* marks most of the image, 51%\. Invert it"):
        marked(PATH, grey(values))


def test_a_drawing_that_marks_nothing_is_refused() -> None:
    message = r"m\.png: .* a drawing that marks nothing, its brightest value "
    with pytest.raises(DataError, match=f"{message}1"):
        marked(PATH, grey(DRAWN, lossy=True))
    with pytest.raises(DataError, match=f"{message}0"):
        marked(PATH, Samples(BLACK[..., None], WHITE))
    for empty in (BLACK, BLACK.astype(bool), BLACK.astype(np.float32)):
        assert not marked(PATH, grey(empty)).pixels.any()
    assert not marked(PATH, grey(BLACK, lossy=True)).pixels.any()


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
def test_numbers_that_are_no_marks(value: float) -> None:
    with pytest.raises(DataError, match=r"m\.png: a mask must be of numbers from 0 on"):
        marked(PATH, grey(np.array([[0, value, 1, 0]])))


def test_a_note_counts() -> None:
    assert notes_on_soft(0) == []
    assert notes_on_soft(3)[0].startswith("3 masks have soft edges")


Case = tuple[str, Callable[[], bytes], bool]
"""Name with suffix, what writes it, and whether it is read."""


def pillow(image: Image.Image, suffix: str, **options: Any) -> Callable[[], bytes]:
    def write() -> bytes:
        file = io.BytesIO()
        image.save(file, suffix.replace("jpg", "jpeg").replace("tif", "tiff"), **options)
        return file.getvalue()

    return write


def palette(background: int, figure: int) -> Image.Image:
    image = Image.fromarray(DRAWN, "L").convert("P")
    image.putpalette([background] * 3 + [figure] * 3)
    return image


def pillow_cases() -> Iterator[Case]:
    white, clear = Image.fromarray(WHITE), np.full_like(WHITE, 255)
    masks = {
        "1": (Image.fromarray(WHITE > 0), "png bmp tif", True),
        "L": (white, "png bmp tif jpg", True),
        "L of 0 and 1": (Image.fromarray(DRAWN), "png bmp tif", True),
        "L of 0 and 1 ": (Image.fromarray(DRAWN), "jpg", False),
        "I;16": (Image.fromarray(NUMBERED), "png tif", True),
        "P": (palette(0, 200), "png bmp tif", True),
        "P on white": (palette(255, 0), "png bmp tif", False),
        "RGB": (Image.fromarray(np.dstack([WHITE, BLACK, BLACK])), "png bmp tif jpg", True),
        "LA": (white.convert("LA"), "png", True),
        "RGBA": (white.convert("RGBA"), "png tif", True),
        "white brush": (Image.fromarray(np.dstack([clear, clear, clear, WHITE])), "png tif", True),
        "black brush": (Image.fromarray(np.dstack([BLACK] * 3 + [WHITE])), "png tif", False),
        "inverted": (Image.fromarray(255 - WHITE), "png bmp tif jpg", False),
        "CMYK": (white.convert("CMYK"), "tif jpg", False),
    }
    for name, (image, suffixes, is_read) in masks.items():
        for suffix in suffixes.split():
            yield f"{name.replace(';', '')}.{suffix}", pillow(image, suffix), is_read


def tiff_cases() -> Iterator[Case]:
    numbers = {
        "bool": DRAWN.astype(bool),
        "uint8 of 1": DRAWN,
        "uint8": WHITE,
        "uint16": NUMBERED,
        "uint32": NUMBERED.astype(np.uint32),
        "int32": NUMBERED.astype(np.int32),
        "float32": DRAWN.astype(np.float32),
        "float64": DRAWN / 2,
        "RGB": np.dstack([BLACK, WHITE, BLACK]),
        "inverted": 255 - WHITE,
    }
    lossless, lossy = (None, "lzw", "zlib", "packbits", "lzma", "zstd"), ("jpeg", "jpeg2000")
    for (name, array), compression, tile, byteorder in itertools.product(
        numbers.items(), (*lossless, *lossy), (None, (32, 32)), "<>"
    ):
        if compression in lossy and array.dtype != np.uint8:
            continue
        greys = ("rgb",) if array.ndim == 3 else ("minisblack", "miniswhite")
        for photometric in greys:
            is_faint = compression in lossy and array.max() < 128
            yield (
                f"{name} {compression} {photometric}.tif",
                written(
                    array, compression=compression, tile=tile, byteorder=byteorder,
                    photometric=photometric,
                ),
                not is_faint and name != "inverted",
            )  # fmt: skip


def written(array: np.ndarray, **options: Any) -> Callable[[], bytes]:
    def write() -> bytes:
        file = io.BytesIO()
        tifffile.imwrite(file, array, metadata=None, **options)
        return file.getvalue()

    return write


@pytest.mark.parametrize(("by", "cases"), [("Pillow", pillow_cases), ("tifffile", tiff_cases)])
def test_masks_of_all_kinds(tmp_path: Path, by: str, cases: Callable[[], Iterator[Case]]) -> None:
    counts: Counter[bool] = Counter()
    for name, write, is_read in cases():
        path = tmp_path / name
        path.write_bytes(write())
        counts[is_read] += 1
        if not is_read:
            with pytest.raises(DataError) as caught:
                decode_mask(path, SHAPE)
            assert str(caught.value).startswith(f"{path}: ")
            continue
        off = np.count_nonzero(decode_mask(path, SHAPE) != DRAWN)
        # A JPEG may move an edge, with its colours at half the size by a pixel.
        loss = 120 if name == "RGB.jpg" else 12 if "jpg" in name or "jpeg " in name else 0
        assert off <= loss, (name, off)
    row = f"| masks, {by} | {counts.total()} | {counts[True]} | {counts[False]} |"
    assert row in DOCS.read_text("utf-8")


def test_several_pages_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.tif"
    tifffile.imwrite(path, np.stack([WHITE, BLACK]), photometric="minisblack")
    with pytest.raises(DataError, match=r"m\.tif: an image must be one picture"):
        decode_mask(path, SHAPE)


def test_tiles_that_were_never_written_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.tif"
    tiles = iter([WHITE[:32, :32], None, WHITE[32:, :32], None])
    tifffile.imwrite(path, tiles, shape=(64, 64), dtype=np.uint8, tile=(32, 32), compression="zlib")
    with pytest.raises(DataError, match=r"m\.tif: all its tiles must be there"):
        decode_mask(path, (64, 64))
