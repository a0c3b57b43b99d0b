import re
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
import tifffile

from mitokeras.errors import DataError
from mitokeras.slides import Slide, tiff_reader
from mitokeras.slides.opening import open_slide
from mitokeras.slides.tiff_reader import TiffReader
from tests.slides import (
    corrupt_tile,
    noise_image,
    set_tag,
    shrink,
    write_ome_tiff,
    write_plain_tiff,
)

IMAGE = noise_image(700, 1010)
Opener = Callable[..., Slide]

WINDOWS = [(0, 0, 1010, 700), (250, 250, 20, 10), (1009, 699, 1, 1), (300, 100, 512, 512)]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """`open_slide`, closed after the test."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(closing(open_slide(*arguments)))


def same_everywhere(slide: Slide, image: np.ndarray) -> bool:
    assert (slide.width, slide.height) == (image.shape[1], image.shape[0])
    return all(
        np.array_equal(slide.read(x, y, w, h), image[y : y + h, x : x + w])
        for x, y, w, h in WINDOWS
    )


@pytest.mark.parametrize("tile_px", [256, None])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd", "lzma"])
def test_lossless_ome_tiff(
    tmp_path: Path, opened: Opener, tile_px: int | None, compression: str | None
) -> None:
    path = write_ome_tiff(
        tmp_path / "a.ome.tif", IMAGE, 0.23, tile_px, levels=(2, 4), compression=compression
    )
    slide = opened(path)
    assert isinstance(slide, TiffReader)
    assert (slide.spacing_um_px, slide.spacing_source) == (0.23, "OME-XML")
    assert slide.format == "OME-TIFF"
    assert same_everywhere(slide, IMAGE)
    assert np.array_equal(slide.overview(4)[:, :-1], shrink(IMAGE, 4)[:, :252])


def test_jpeg_tiles(tmp_path: Path, opened: Opener) -> None:
    slide = opened(write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, compression="jpeg"))
    assert np.abs(slide.read(0, 0, 1010, 700).astype(int) - IMAGE).mean() < 3


@pytest.mark.parametrize("unit", ["nm", "mm"])
def test_units(tmp_path: Path, opened: Opener, unit: str) -> None:
    value = {"nm": 250.0, "mm": 0.00025}[unit]
    path = write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, value, unit=unit)
    assert opened(path).spacing_um_px == pytest.approx(0.25)


def test_spacings_that_are_refused(tmp_path: Path, opened: Opener) -> None:
    path = write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, None)
    with pytest.raises(DataError, match=r"a\.ome\.tif: its metadata state no pixel size"):
        opened(path)
    path = write_ome_tiff(tmp_path / "b.ome.tif", IMAGE, (0.25, 0.5))
    with pytest.raises(DataError, match=r"b\.ome\.tif: its pixels must be square"):
        opened(path)
    slide = opened(path, 0.25)
    assert (slide.spacing_um_px, slide.pixel_um) == (0.25, (0.25, 0.25))


def test_sides_of_a_pixel_that_differ_a_little(tmp_path: Path, opened: Opener) -> None:
    slide = opened(write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, (0.25, 0.252)))
    assert slide.pixel_um == (0.25, 0.252)
    assert slide.spacing_um_px == pytest.approx(0.251)


@pytest.mark.parametrize("compression", [None, "zlib", "jpeg", "zstd", "webp"])
@pytest.mark.parametrize("tile_px", [128, None])
def test_plain_tiff(
    tmp_path: Path, opened: Opener, tile_px: int | None, compression: str | None
) -> None:
    path = write_plain_tiff(tmp_path / "a.tif", IMAGE, 0.25, tile_px, compression)
    slide = opened(path)
    assert slide.spacing_um_px == pytest.approx(0.25)
    error = np.abs(slide.read(0, 0, 1010, 700).astype(int) - IMAGE)
    assert error.mean() < 3 if compression == "jpeg" else error.max() == 0


@pytest.mark.parametrize(
    ("resolution", "unit"), [(None, None), ((300, 300), "INCH"), ((4.0, 4.0), "NONE")]
)
def test_resolutions_that_are_no_spacing(
    tmp_path: Path, opened: Opener, resolution: tuple[float, float] | None, unit: str | None
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, IMAGE, resolution=resolution, resolutionunit=unit, photometric="rgb")
    with pytest.raises(DataError, match=r"a\.tif: its metadata state no pixel size.*--spacing"):
        opened(path)


def test_imagej(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, IMAGE, imagej=True, resolution=(4, 4), metadata={"unit": "um"})
    slide = opened(path)
    assert (slide.spacing_um_px, slide.spacing_source) == (0.25, "ImageJ")
    assert np.array_equal(slide.read(0, 0, 1010, 700), IMAGE)


def test_colours_in_planes(tmp_path: Path, opened: Opener) -> None:
    planes = np.ascontiguousarray(IMAGE.transpose(2, 0, 1))
    path = tmp_path / "in_a_page.ome.tif"
    tifffile.imwrite(
        path, planes, photometric="rgb", planarconfig="separate", tile=(128, 128),
        metadata={"axes": "SYX", "PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25},
    )  # fmt: skip
    assert same_everywhere(opened(path), IMAGE)
    path = tmp_path / "page_by_page.ome.tif"
    tifffile.imwrite(
        path, planes, photometric="minisblack", tile=(128, 128), compression="zlib",
        metadata={"axes": "CYX", "PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25},
    )  # fmt: skip
    assert same_everywhere(opened(path), IMAGE)


def test_see_through_pixels_lie_on_white(tmp_path: Path, opened: Opener) -> None:
    rgba = np.dstack([IMAGE, np.full(IMAGE.shape[:2], 255, np.uint8)])
    rgba[:100, :, 3] = 0
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, rgba, photometric="rgb", extrasamples=["unassalpha"])
    window = opened(path, 0.25).read(0, 50, 1010, 100)
    assert (window[:50] == 255).all()
    assert np.array_equal(window[50:], IMAGE[100:150])


def test_tiles_that_were_never_written_are_white(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "a.ome.tif"
    tiles = iter([IMAGE[:128, :128], None, IMAGE[128:256, :128], None])
    tifffile.imwrite(path, tiles, shape=(256, 256, 3), dtype=np.uint8, tile=(128, 128),
                     photometric="rgb", compression="zlib", metadata={"axes": "YXS"})  # fmt: skip
    window = opened(path, 0.25).read(28, 28, 200, 200)
    assert np.array_equal(window[:, :100], IMAGE[28:228, 28:128])
    assert (window[:, 100:] == 255).all()


@pytest.mark.parametrize(
    ("image", "photometric", "message"),
    [
        (IMAGE[..., 0], "minisblack", "must be in colour, RGB"),
        (IMAGE.astype(np.uint16), "rgb", "must have 8 bits a channel. Received: uint16"),
        (IMAGE.astype(np.int8), "rgb", "must have 8 bits a channel. Received: int8"),
        (IMAGE / np.float32(255), "rgb", "must have 8 bits a channel. Received: float32"),
    ],
)
@pytest.mark.parametrize("tile", [None, (128, 128)])
def test_what_is_not_in_colour(
    tmp_path: Path,
    opened: Opener,
    image: np.ndarray,
    photometric: str,
    message: str,
    tile: tuple[int, int] | None,
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, image, photometric=photometric, tile=tile)
    with pytest.raises(DataError, match=rf"a\.tif: an image {message}"):
        opened(path, 0.25)


def test_threads_read_the_same(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiff_reader, "CACHE_BYTES", 0)  # so that all of them read the file
    slide = opened(write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, tile_px=128))
    start = threading.Barrier(4)

    def read(_thread: int) -> bool:
        start.wait()
        return all(same_everywhere(slide, IMAGE) for _ in range(5))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(4)))


def test_only_the_tiles_of_a_window_are_decoded_and_once(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[tuple[int, int, int]] = []
    original = TiffReader._decode

    def count(self: TiffReader, index: int, row: int, column: int) -> np.ndarray:
        decoded.append((index, row, column))
        return original(self, index, row, column)

    monkeypatch.setattr(TiffReader, "_decode", count)
    slide = opened(write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, tile_px=256))
    slide.read(256, 0, 256, 257)
    slide.read(256, 0, 256, 257)
    assert decoded == [(0, 0, 1), (0, 1, 1)]


@pytest.mark.parametrize("tag", ["ImageWidth", "ImageLength"])
@pytest.mark.parametrize("tile_px", [128, None])
def test_an_image_without_pixels(tmp_path: Path, tag: str, tile_px: int | None) -> None:
    path = write_plain_tiff(tmp_path / "a.tif", IMAGE, 0.25, tile_px, "zlib")
    set_tag(path, tag, 0)
    with pytest.raises(DataError, match=r"a\.tif: "):
        open_slide(path)


@pytest.mark.parametrize("tag", ["ImageWidth", "ImageLength", "TileWidth", "TileLength"])
def test_sides_that_are_no_whole_numbers(tmp_path: Path, tag: str) -> None:
    path = write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, 0.25, 128)
    set_tag(path, tag, 128.5, "f")
    with pytest.raises(DataError, match=r"a\.ome\.tif: "):
        open_slide(path)


@pytest.mark.parametrize("compression", ["zlib", "lzw", "jpeg", "zstd"])
def test_a_damaged_tile_harms_only_its_windows(
    tmp_path: Path, opened: Opener, compression: str
) -> None:
    path = write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, tile_px=128, compression=compression)
    before = opened(path).read(0, 0, 128, 128)
    corrupt_tile(path, 300, 300)
    slide = opened(path)
    message = rf"^{re.escape(str(path))}: damaged in the window of 10 x 20 px at \(300, 290\)"
    with pytest.raises(DataError, match=message) as caught:
        slide.read(300, 290, 10, 20)
    assert "\n" not in str(caught.value)
    assert np.array_equal(slide.read(0, 0, 128, 128), before)


@pytest.mark.parametrize("compression", ["zlib", "jpeg", None])
@pytest.mark.parametrize("share", [0.0005, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("tile_px", [128, None])
def test_a_file_that_is_cut_off(
    tmp_path: Path,
    opened: Opener,
    compression: str | None,
    share: float,
    tile_px: int | None,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for path in (
        write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, tile_px=tile_px, compression=compression),
        write_plain_tiff(tmp_path / "a.tif", IMAGE, 0.25, tile_px, compression),
    ):
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(DataError, match=re.escape(str(path))) as caught:
            slide = opened(path)
            slide.read(0, 0, slide.width, slide.height)
        assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("compression", ["jpeg", "jpeg2000"])
def test_a_tile_that_claims_to_be_huge_is_not_decoded(
    tmp_path: Path, opened: Opener, compression: str
) -> None:
    path = write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, tile_px=128, compression=compression)
    data = bytearray(path.read_bytes())
    if compression == "jpeg":
        place = data.index(b"\xff\xc0") + 5
        data[place : place + 4] = (65_500).to_bytes(2, "big") * 2
    else:
        place = data.index(b"\xff\x4f\xff\x51") + 8
        data[place : place + 8] = (65_500).to_bytes(4, "big") * 2
    path.write_bytes(data)
    with pytest.raises(DataError, match="a tile claims to have 65500 x 65500 px"):
        opened(path).read(0, 0, 128, 128)


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
def test_pages_in_a_circle_have_an_end(
    tmp_path: Path, opened: Opener, name: str, pages: int
) -> None:
    path = tmp_path / name
    metadata = {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25} if ".ome" in name else None
    with tifffile.TiffWriter(path) as writer:
        for _ in range(pages):
            writer.write(
                IMAGE[:96, :128], tile=(48, 48), photometric="rgb", compression="zlib",
                resolution=(40000, 40000), resolutionunit="CENTIMETER", metadata=metadata,
            )  # fmt: skip
    with tifffile.TiffFile(path) as tiff:
        first, last = tiff.pages.first.offset, tiff.pages[-1].offset
    data = bytearray(path.read_bytes())
    after_tags = last + 2 + 12 * int.from_bytes(data[last : last + 2], "little")
    assert data[after_tags : after_tags + 4] == bytes(4)
    data[after_tags : after_tags + 4] = first.to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(DataError, match="its list of pages runs in a circle"):
        opened(path)


def test_other_compressions_are_refused(tmp_path: Path, opened: Opener) -> None:
    path = write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, compression="jpegxl")
    with pytest.raises(DataError, match=r"this compression of TIFF is not read\. Received: JPEGXL"):
        opened(path)


def test_files_that_the_metadata_name_are_not_opened(tmp_path: Path, opened: Opener) -> None:
    (tmp_path / "set").mkdir()
    other = write_ome_tiff(tmp_path / "other.ome.tif", 255 - IMAGE)
    with tifffile.TiffFile(other) as tiff:
        uuid = re.search('UUID="(urn:uuid:[^"]+)"', tiff.ome_metadata or "")
    assert uuid
    path = write_ome_tiff(tmp_path / "set" / "a.ome.tif", IMAGE)
    with tifffile.TiffFile(path) as tiff:
        text = tiff.ome_metadata or ""
    named = f'<TiffData IFD="0"><UUID FileName="../other.ome.tif">{uuid[1]}</UUID></TiffData>'
    text = re.sub(r"<TiffData[^>]*?(/>|>.*?</TiffData>)", named, text)
    tifffile.imwrite(path, IMAGE, photometric="rgb", description=text.encode(), metadata=None)
    with warnings.catch_warnings(action="ignore"), tifffile.TiffFile(path) as tiff:
        shown = tiff.series[0].asarray()
    assert np.array_equal(shown, 255 - IMAGE), "tifffile alone follows the name"
    assert same_everywhere(opened(path, 0.25), IMAGE)
