import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mitokeras.errors import DataError
from mitokeras.slides.opening import open_slide
from mitokeras.slides.openslide_reader import OpenSlideReader
from tests.slides import (
    corrupt_tile,
    noise_image,
    set_tag,
    shrink,
    tissue_px,
    write_aperio,
    write_huge_aperio,
    write_plain_tiff,
)
from tests.slides.dicom import write_dicom
from tests.slides.leica import write_scn

IMAGE = noise_image(1500, 2100)


@pytest.fixture(scope="module")
def aperio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_aperio(tmp_path_factory.mktemp("aperio") / "a.svs", IMAGE)


def worst(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.abs(a.astype(int) - b).max())


def test_an_aperio_slide(aperio: Path) -> None:
    slide = open_slide(aperio)
    assert isinstance(slide, OpenSlideReader)
    assert (slide.width, slide.height, slide.format) == (2100, 1500, "aperio")
    assert (slide.spacing_um_px, slide.spacing_source) == (0.25, "openslide.mpp-x")
    for x, y, width, height in [(0, 0, 300, 200), (230, 470, 512, 512), (2099, 1499, 1, 1)]:
        window = slide.read(x, y, width, height)
        assert window.shape == (height, width, 3)
        assert window.dtype == np.uint8
        assert worst(window, IMAGE[y : y + height, x : x + width]) <= 8, "beyond the JPEG's loss"
    slide.close()


@pytest.mark.parametrize("factor", [1, 4, 15, 16, 32])
def test_overview(tmp_path: Path, factor: int) -> None:
    image = noise_image(1500, 2100, grain_px=400)
    slide = open_slide(write_aperio(tmp_path / "a.svs", image))
    small = slide.overview(factor)
    assert small.shape == (-(-1500 // factor), -(-2100 // factor), 3)
    inner = shrink(image, factor)[:-1, :-1]
    assert worst(small[: inner.shape[0], : inner.shape[1]], inner) <= 6
    slide.close()


def test_threads_read_the_same(aperio: Path) -> None:
    slide = open_slide(aperio)
    corners = [(x, y) for y in range(0, 1200, 150) for x in range(0, 1800, 150)]
    alone = [slide.read(x, y, 300, 300) for x, y in corners]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda corner: slide.read(corner[0], corner[1], 300, 300), corners)
        )
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
    slide.close()


def test_spacing_of_another_scan_and_of_the_user(tmp_path: Path) -> None:
    path = write_aperio(tmp_path / "a.svs", IMAGE[:500, :500], 0.5, 20, levels=())
    assert open_slide(path).spacing_um_px == 0.5
    slide = open_slide(path, 0.4)
    assert (slide.spacing_um_px, slide.spacing_source) == (0.4, "--spacing-um-px")


def test_a_slide_that_states_no_spacing(tmp_path: Path) -> None:
    path = write_aperio(tmp_path / "a.svs", IMAGE[:500, :500], None, 40, levels=())
    with pytest.raises(DataError, match=r"a\.svs: its metadata state no pixel size\. Give"):
        open_slide(path)
    assert open_slide(path, 0.25).spacing_um_px == 0.25


def test_a_damaged_tile_harms_only_its_windows(tmp_path: Path, aperio: Path) -> None:
    path = tmp_path / "a.svs"
    path.write_bytes(aperio.read_bytes())
    corrupt_tile(path, 1000, 700)  # the tile from (960, 480) to (1200, 720)
    slide = open_slide(path)
    before = slide.read(0, 0, 960, 480)
    message = (
        rf"{re.escape(str(path))}: damaged in the window of 64 x 32 px at \(1000, 700\) of lev"
    )
    for _ in range(2):
        with pytest.raises(DataError, match=message) as caught:
            slide.read(1000, 700, 64, 32)
        assert "\n" not in str(caught.value)
        assert np.array_equal(slide.read(0, 0, 960, 480), before)
    corners = [(x, y) for y in range(0, 1200, 150) for x in range(0, 1800, 150)]

    def fails(corner: tuple[int, int]) -> bool:
        try:
            slide.read(*corner, 240, 240)
        except DataError:
            return True
        return False

    with ThreadPoolExecutor(4) as pool:
        failed = [corner for corner, f in zip(corners, pool.map(fails, corners), strict=True) if f]
    assert failed == [(x, y) for x, y in corners if 720 < x < 1200 and 240 < y < 720]
    with pytest.raises(DataError, match="damaged in the window"):
        slide.overview(2)  # from level 0
    assert slide.overview(4).shape == (375, 525, 3)  # from level 1, which is whole
    slide.close()


def test_a_jpeg_that_is_cut_in_its_middle(tmp_path: Path, aperio: Path) -> None:
    data = aperio.read_bytes()
    start = data.index(b"\xff\xd8\xff", len(data) // 4)
    end = data.index(b"\xff\xd9", start)
    middle = (start + end) // 2
    path = tmp_path / "a.svs"
    path.write_bytes(data[:middle] + bytes(end - middle) + data[end:])
    slide = open_slide(path)
    with pytest.raises(DataError, match=r"a\.svs: damaged in the window"):
        slide.read(0, 0, slide.width, slide.height)


@pytest.mark.parametrize("width", [0, 939_524_336])
def test_impossible_tiles_do_not_end_the_process(tmp_path: Path, aperio: Path, width: int) -> None:
    path = tmp_path / "a.svs"
    path.write_bytes(aperio.read_bytes())
    set_tag(path, "TileWidth", width)
    with pytest.raises(
        DataError, match=r"a\.svs: (a tile or strip must have 1 to|cannot be opened)"
    ):
        open_slide(path)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.5, 0.9, 0.999])
def test_a_slide_that_is_cut_off(tmp_path: Path, aperio: Path, share: float) -> None:
    path = tmp_path / "cut.svs"
    data = aperio.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(DataError, match=r"cut\.svs: ") as caught:
        slide = open_slide(path)
        slide.read(0, 0, slide.width, slide.height)
        slide.overview(64)
    assert "\n" not in str(caught.value)


def test_a_generic_tiff_keeps_its_resolution(tmp_path: Path) -> None:
    slide = open_slide(write_plain_tiff(tmp_path / "a.tif", IMAGE, 0.25, 256, "jpeg"))
    assert slide.format == "generic-tiff"
    assert slide.spacing_um_px == pytest.approx(0.25)
    error = np.abs(slide.read(10, 20, 700, 300).astype(int) - IMAGE[20:320, 10:710])
    assert error.mean() < 3
    slide.close()


def test_dicom_from_any_of_its_files(tmp_path: Path) -> None:
    image = noise_image(500, 700, grain_px=200)
    for path in write_dicom(tmp_path / "größe", image, 0.25):
        slide = open_slide(path)
        assert (slide.width, slide.height, slide.format) == (700, 500, "dicom")
        assert slide.spacing_um_px == pytest.approx(0.25)
        assert worst(slide.read(100, 50, 512, 400), image[50:450, 100:612]) <= 8
        assert worst(slide.overview(4), shrink(image, 4)) <= 8
        slide.close()


def test_huge_slides_repeat_a_block_on_glass(tmp_path: Path) -> None:
    block = noise_image(960, 960)
    block[-8:], block[:, -8:] = 200, 200  # so that no seam is sharper than JPEG can keep
    block[:8], block[:, :8] = 200, 200
    slide = open_slide(write_huge_aperio(tmp_path / "a.svs", block, 16_000, 12_000))
    left, top, right, bottom = tissue_px(16_000, 12_000)
    assert (left, top, right, bottom) == (3840, 3840, 11520, 7680)
    window = slide.read(left + 960 * 2, top + 960, 960, 960)
    assert worst(window, block) <= 12
    assert slide.read(left - 100, top - 100, 100, 100).min() >= 254
    blank = slide.overview(16).min(axis=2) >= 250
    assert not blank[top // 16 : bottom // 16, left // 16 : right // 16].any()
    blank[top // 16 : bottom // 16, left // 16 : right // 16] = True
    assert blank.all()
    slide.close()


def test_metadata_beside_the_spacing_may_be_damaged(tmp_path: Path, aperio: Path) -> None:
    path = tmp_path / "b.svs"
    path.write_bytes(aperio.read_bytes().replace(b"|AppMag =", b"|App\xffag ="))
    slide = open_slide(path)
    assert slide.spacing_um_px == pytest.approx(0.25)
    slide.close()


def test_where_the_scanned_area_begins(tmp_path: Path, aperio: Path) -> None:
    assert open_slide(aperio).scan_corner == (0, 0)
    image = noise_image(384, 384, grain_px=200)
    slide = open_slide(write_scn(tmp_path / "a.scn", image, (768, 640), (320, 192)))
    assert (slide.format, slide.spacing_um_px, slide.pixel_um) == ("leica", 0.25, (0.25, 0.25))
    assert (slide.width, slide.height, slide.scan_corner) == (768, 640, (320, 192))
    assert worst(slide.read(320, 192, 384, 384), image) < 40
    assert (slide.read(0, 0, 320, 192) == 255).all(), "white where nothing was scanned"
    slide.close()


def test_sides_of_a_pixel_that_differ_a_little(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a", noise_image(200, 200), (0.25, 0.252), levels=())[0]
    slide = open_slide(path)
    assert slide.pixel_um == pytest.approx((0.25, 0.252))
    assert slide.spacing_um_px == pytest.approx(0.251)
    slide.close()
