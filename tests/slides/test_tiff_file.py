"""What of a TIFF is its picture: labels beside it, and tiles that were never written."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from mitokeras.data.loading import decode_image
from mitokeras.errors import DataError
from mitokeras.slides.opening import open_slide
from mitokeras.slides.openslide_reader import OpenSlideReader
from mitokeras.slides.tiff_reader import TiffReader
from tests.slides import APERIO, noise_image, shrink

IMAGE = noise_image(512, 512, grain_px=128)
JPEG = {"tile": (128, 128), "compression": "jpeg", "compressionargs": {"level": 95}}
LOSSLESS = {"tile": (128, 128), "compression": "zlib"}


def write(path: Path, *pages: np.ndarray, **options: Any) -> Path:
    """The first page and reduced copies of it."""
    with tifffile.TiffWriter(path) as tiff:
        for number, page in enumerate(pages):
            kind = {"subfiletype": 1} if number else {}
            tiff.write(page, photometric="rgb", metadata=None, **kind, **options)
    return path


@pytest.mark.parametrize("options", [JPEG, LOSSLESS, {**JPEG, "description": APERIO}])
@pytest.mark.parametrize("shape", [(125, 64), (64, 125), (100, 80)])
def test_a_label_is_no_level(tmp_path: Path, shape: tuple[int, int], options: Any) -> None:
    label = np.zeros((*shape, 3), np.uint8)
    path = write(tmp_path / "a.tif", IMAGE, shrink(IMAGE, 4), label, **options)
    with closing(open_slide(path, 0.25)) as slide:
        assert (slide.width, slide.height) == (512, 512)
        assert isinstance(slide, OpenSlideReader | TiffReader)
        assert slide.levels[0] == (512, 512)
        assert shape[::-1] not in slide.levels
        for factor in (2, 4, 8):
            seen = slide.overview(factor).astype(int)
            assert np.abs(seen - shrink(IMAGE, factor)).mean() < 4


def test_a_label_of_the_shape_of_the_picture(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", IMAGE, np.zeros((100, 100, 3), np.uint8), **JPEG)
    with closing(open_slide(path, 0.25)) as slide:  # 5.12 times smaller, which no copy is
        assert np.abs(slide.overview(8).astype(int) - shrink(IMAGE, 8)).mean() < 4


def test_copies_are_levels(tmp_path: Path) -> None:
    copies = [shrink(IMAGE, factor) for factor in (2, 4, 8)]
    path = write(tmp_path / "a.tif", IMAGE, *copies, **JPEG)
    with closing(open_slide(path, 0.25)) as slide:
        assert isinstance(slide, OpenSlideReader)
        assert slide.levels == [(512, 512), (256, 256), (128, 128), (64, 64)]


def without(path: Path, numbers: Iterable[int], page: int = 0) -> Path:
    """Take the bytes of some tiles or strips away."""
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tags = tiff.pages[page].tags
        tag = tags["TileByteCounts" if "TileByteCounts" in tags else "StripByteCounts"]
        counts = list(tag.value)
        for number in numbers:
            counts[number] = 0
        tag.overwrite(tuple(counts))
    return path


@pytest.mark.parametrize("options", [JPEG, LOSSLESS, {**JPEG, "description": APERIO}])
def test_tiles_that_were_never_written(tmp_path: Path, options: Any) -> None:
    path = without(write(tmp_path / "a.tif", IMAGE, **options), [0, 5])
    with closing(open_slide(path, 0.25)) as slide:
        assert slide.absent_tiles.count == 2
        assert (slide.read(0, 0, 128, 128) == 255).all()
        assert np.abs(slide.read(128, 0, 384, 128).astype(int) - IMAGE[:128, 128:]).mean() < 4
    with pytest.raises(DataError, match=r"a\.tif: all its tiles must be there\. Received: 2 with"):
        decode_image(path)
    path = without(path, range(16))
    for read in (decode_image, lambda path: open_slide(path, 0.25)):
        with pytest.raises(DataError, match=r"a\.tif: its tiles must be there\. Received: 16 w"):
            read(path)


@pytest.mark.parametrize("compression", [None, "zlib", "jpeg"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_strips_must_be_there(tmp_path: Path, compression: str | None, planar: str) -> None:
    image = IMAGE if planar == "contig" else np.ascontiguousarray(np.moveaxis(IMAGE, 2, 0))
    options = {"rowsperstrip": 128, "compression": compression, "planarconfig": planar}
    path = without(write(tmp_path / "a.tif", image, **options), [1])
    for read in (decode_image, lambda path: open_slide(path, 0.25)):
        with pytest.raises(DataError, match=r"a\.tif: its strips must be there\. Received: 1 w"):
            read(path)


def test_a_tile_must_have_all_of_its_colours(tmp_path: Path) -> None:
    planes = np.ascontiguousarray(np.moveaxis(IMAGE, 2, 0))
    path = write(tmp_path / "a.tif", planes, planarconfig="separate", **LOSSLESS)
    with closing(open_slide(without(path, [16]), 0.25)) as slide:  # the first one's green
        assert np.array_equal(slide.read(128, 0, 128, 128), IMAGE[:128, 128:256])
        with pytest.raises(DataError, match=r"damaged in .*: a tile must have all of its colours"):
            slide.read(0, 0, 128, 128)


@pytest.mark.parametrize("options", [JPEG, LOSSLESS])
def test_a_level_with_gaps_of_its_own_is_not_used(tmp_path: Path, options: Any) -> None:
    path = write(tmp_path / "a.tif", IMAGE, shrink(IMAGE, 2), **options)
    with closing(open_slide(without(path, [0], page=1), 0.25)) as slide:
        assert np.abs(slide.overview(2).astype(int) - shrink(IMAGE, 2)).mean() < 4
