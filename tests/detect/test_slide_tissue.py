from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tifffile

from mitokeras.detect.slide_tissue import SlideTissue, slide_tissue
from mitokeras.slides.image_reader import ImageSlide
from mitokeras.slides.opening import open_slide

PINK = (240, 190, 225)


def test_area_by_hand() -> None:
    mask = np.zeros((300, 300), bool)
    mask[:125, :125] = True
    found = SlideTissue(mask, 32, 8.0, (300.0, 300.0))
    assert found.area_mm2() == pytest.approx(1.0)
    assert found.area_mm2(mask & ~mask) == 0.0


def test_the_border_of_the_slide_cuts_pixels_off() -> None:
    # 2.25 x 1.5 pixels of 8 um.
    found = SlideTissue(np.ones((2, 3), bool), 32, 8.0, (2.25, 1.5))
    assert found.area_mm2() == pytest.approx(2.25 * 1.5 * 64e-6)
    last = np.array([[False, False, True], [False, False, True]])
    assert found.area_mm2(last) == pytest.approx(0.25 * 1.5 * 64e-6)


@pytest.mark.parametrize("side", [1, 33, 100, 257])
def test_an_image_that_is_all_tissue_has_its_own_area(side: int) -> None:
    found = slide_tissue(ImageSlide(np.full((side, side, 3), PINK, np.uint8), 0.25))
    assert found.area_mm2() == pytest.approx((side * 0.25e-3) ** 2)
    assert found.unwritten_mm2 == 0.0


def sparse(path: Path, pixels: np.ndarray) -> Path:
    """An image in 4 x 4 tiles, of which the first row is there, and a copy that is whole."""
    options = {"photometric": "rgb", "tile": (256, 256), "compression": "zlib", "metadata": None}
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(pixels, subifds=1, **options)
        tiff.write(pixels[::2, ::2], subfiletype=1, **options)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tag = tiff.pages[0].tags["TileByteCounts"]
        tag.overwrite(tag.value[:4] + (0,) * 12)
    return path


def test_tissue_of_a_coarser_level_that_was_never_written_is_none(tmp_path: Path) -> None:
    pixels = np.full((1024, 1024, 3), PINK, np.uint8)
    with closing(open_slide(sparse(tmp_path / "a.tif", pixels), 0.25)) as slide:
        found = slide_tissue(slide)
    # A fourth of 0.065536 mm2; the smoothing adds a row of the overview, 1/32 of the whole.
    assert found.area_mm2() == pytest.approx(0.065536 * (1 / 4 + 1 / 32))
    assert found.unwritten_mm2 == pytest.approx(0.065536 * (3 / 4 - 1 / 32))


def test_glass_that_was_never_written_is_nothing_to_speak_of(tmp_path: Path) -> None:
    pixels = np.full((1024, 1024, 3), 255, np.uint8)
    pixels[:256] = PINK
    with closing(open_slide(sparse(tmp_path / "a.tif", pixels), 0.25)) as slide:
        assert slide_tissue(slide).unwritten_mm2 == 0.0
