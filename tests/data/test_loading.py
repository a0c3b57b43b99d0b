import dataclasses
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL.ImageFile import ImageFile

from mitokeras.data.fields import Field, Mark
from mitokeras.data.loading import POINT_RADIUS_UM, decode_image, decode_mask, load_field
from mitokeras.data.readers import read_dataset
from mitokeras.errors import DataError
from mitokeras.slides import samples
from mitokeras.slides.tiff_reader import TiffReader

SPACING = 0.25

OPAQUE = [0, 0, 0, 255]

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Encode an array, by default noise of 60 x 50 px, to a file of tmp_path."""

    def save(name: str, array: np.ndarray | None = None, keep: float = 1.0) -> Path:
        if array is None:
            array = np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)
        encoded, data = cv2.imencode(Path(name).suffix, array)
        assert encoded
        path = tmp_path / name
        path.write_bytes(data.tobytes()[: round(len(data) * keep)])
        return path

    return save


def field(image: Path, *figures: Mark, mask: Path | None = None) -> Field:
    return Field(image, "case", SPACING, figures, mask=mask)


def test_labels_of_an_image_of_another_size_are_refused(save: Save) -> None:
    labelled = Field(save("a.png"), "case", SPACING, (Mark(9, 9),), stated_size_px=(60, 50))
    assert load_field(labelled).figures.tolist() == [[9, 9]]
    message = r"a\.png: its labels are of an image of 50 x 60 px\. Received: 60 x 50 px"
    with pytest.raises(DataError, match=message):
        load_field(dataclasses.replace(labelled, stated_size_px=(50.0, 60.0)))


def test_channels_come_as_rgb(save: Save) -> None:
    bgr = np.zeros((5, 7, 3), np.uint8)
    bgr[..., 0], bgr[..., 2] = 10, 200
    image = decode_image(save("a.png", bgr))
    assert (image.shape, image.dtype) == ((5, 7, 3), np.uint8)
    assert image[0, 0].tolist() == [200, 0, 10]


def test_what_is_see_through_lies_on_white(save: Save) -> None:
    bgra = np.full((5, 7, 4), (0, 100, 200, 255), np.uint8)
    bgra[2, 3, 3], bgra[2, 4, 3] = 51, 0  # a fifth of the colour, and nothing of it
    image = decode_image(save("a.png", bgra))
    assert image[2, 2:5].tolist() == [[200, 100, 0], [244, 224, 204], [255, 255, 255]]
    bgra[..., 3] = 0
    with pytest.raises(DataError, match=r"b\.png: an image must be opaque somewhere"):
        decode_image(save("b.png", bgra))


def test_names_beyond_ascii_can_be_read(save: Save) -> None:
    assert decode_image(save("Präparat_ß.png")).shape == (50, 60, 3)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".bmp"])
@pytest.mark.parametrize("keep", [0.98, 0.5, 0.0])
def test_cut_off_files_are_refused(
    save: Save, suffix: str, keep: float, capfd: pytest.CaptureFixture[str]
) -> None:
    path = save(f"a{suffix}", keep=keep)
    with pytest.raises(DataError, match=rf"a\{suffix}: (cannot be|damaged in)"):
        decode_image(path)
    assert capfd.readouterr() == ("", "")


def test_jpeg_without_its_last_bytes_is_refused(save: Save) -> None:
    path = save("a.jpg")
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(DataError, match="cannot be decoded: image file is truncated"):
        decode_image(path)


def test_bytes_behind_the_end_are_no_harm(save: Save) -> None:
    path = save("a.jpg")
    path.write_bytes(path.read_bytes() + bytes(100))
    assert decode_image(path).shape == (50, 60, 3)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4), np.uint8), "must be in colour"),
        (np.zeros((4, 4, 3), np.uint16), "must have 8 bits a channel. Received: uint16"),
    ],
)
def test_images_of_other_kinds_are_refused(save: Save, array: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=rf"a\.png: an image {message}"):
        decode_image(save("a.png", array))


def test_files_that_are_no_images(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(DataError, match=r"a\.png: not an image or slide"):
        decode_image(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"b\.png: cannot be read: No such file"):
        decode_image(tmp_path / "b.png")


@pytest.mark.parametrize(
    "array",
    [
        np.array([[0, 1, 0], [0, 0, 255]], np.uint8),
        np.array([[0, 1, 0], [0, 0, 300]], np.uint16),  # numbers of instances
        np.array([[[0] * 3, [0, 0, 9], [0] * 3], [[0] * 3, [0] * 3, [200] * 3]], np.uint8),
        np.array([[OPAQUE, [1, 0, 0, 255], OPAQUE], [OPAQUE, OPAQUE, [0, 0, 1, 9]]], np.uint8),
    ],
    ids=["grey", "16 bit", "colour", "alpha"],
)
def test_mask_is_what_is_not_zero(save: Save, array: np.ndarray) -> None:
    mask = decode_mask(save("m.png", array), (2, 3))
    assert mask.dtype == np.uint8
    assert mask.tolist() == [[0, 1, 0], [0, 0, 1]]


def test_jpeg_mask_is_cut_at_half(save: Save) -> None:
    square = np.zeros((64, 64), np.uint8)
    square[20:30, 20:30] = 255
    path = save("m.jpg", square)
    traces = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert (traces > 0).sum() > 100  # compression leaves more than the square
    assert decode_mask(path, (64, 64)).sum() == 100


def test_mask_of_another_size(save: Save) -> None:
    mask = save("m.png", np.zeros((50, 61), np.uint8))
    with pytest.raises(
        DataError, match=r"m\.png: a mask must have .* 60 x 50 px\. Received: 61 x 50 px"
    ):
        load_field(field(save("a.png"), mask=mask))


def test_mask_components_are_figures(save: Save) -> None:
    mask = np.zeros((50, 60), np.uint8)
    mask[2, 3] = mask[3, 4] = 1  # touching at a corner: one figure about (3.5, 2.5)
    mask[10:13, 20:25] = 255  # about (22, 11)
    loaded = load_field(field(save("a.png"), mask=save("m.png", mask)))
    assert loaded.figures.dtype == np.float64
    assert loaded.figures.tolist() == [[3.5, 2.5], [22, 11]]
    assert loaded.mask.sum() == 17


def test_pixel_list_gives_mask_and_given_centre(save: Save) -> None:
    pixels = np.array([(1, 2), (3, 2), (50, 40)])  # two parts of one mitosis
    loaded = load_field(field(save("a.png"), Mark(18, 14.5, pixels=pixels)))
    assert np.argwhere(loaded.mask).tolist() == [[2, 1], [2, 3], [40, 50]]
    assert loaded.figures.tolist() == [[18, 14.5]]


def test_point_becomes_a_disc(save: Save) -> None:
    loaded = load_field(field(save("a.png"), Mark(30, 25)))
    radius = POINT_RADIUS_UM / SPACING  # 14 px
    assert loaded.mask.sum() == pytest.approx(math.pi * radius**2, rel=0.02)
    assert (loaded.mask[25, 16], loaded.mask[25, 15], loaded.mask[39, 30]) == (1, 0, 1)
    assert (loaded.mask == loaded.mask[:, ::-1][:, [-1, *range(59)]]).all()  # about x = 30


def test_a_box_is_a_disc_of_one_size(save: Save) -> None:
    small, large = (
        load_field(field(save("a.png"), Mark(30, 25, size_px=size))) for size in ((4, 2), (40, 20))
    )
    assert (small.mask == large.mask).all()
    assert small.mask.sum() == pytest.approx(math.pi * (POINT_RADIUS_UM / SPACING) ** 2, rel=0.05)


def test_with_coarse_pixels_a_figure_is_one(save: Save) -> None:
    marks = (Mark(10.4, 20.4),)
    loaded = load_field(Field(save("a.png"), "case", 20.0, marks))
    assert np.argwhere(loaded.mask).tolist() == [[20, 10]]


def test_labelled_nuclei_are_no_figures(save: Save) -> None:
    nuclei = (Mark(10, 20), Mark(30, 40))
    loaded = load_field(Field(save("a.png"), "case", SPACING, nuclei=nuclei))
    assert loaded.nuclei.tolist() == [[10, 20], [30, 40]]
    assert not loaded.mask.any()


def test_touching_discs_stay_two_figures(save: Save) -> None:
    loaded = load_field(field(save("a.png"), Mark(20, 25), Mark(30, 25)))
    assert cv2.connectedComponents(loaded.mask)[0] == 2  # background and one blob
    assert loaded.figures.tolist() == [[20, 25], [30, 25]]


@pytest.mark.parametrize("corner", [(-0.5, -0.5), (59.5, 49.5), (0, 49)])
def test_discs_are_cut_at_the_border(save: Save, corner: tuple[float, float]) -> None:
    loaded = load_field(field(save("a.png"), Mark(*corner)))
    quarter = math.pi * (POINT_RADIUS_UM / SPACING) ** 2 / 4
    assert loaded.mask.sum() == pytest.approx(quarter, rel=0.16)


@pytest.mark.parametrize("point", [(60, 10), (10, 50), (-1, 10), (10, -0.6)])
def test_labels_outside_the_image(save: Save, point: tuple[float, float]) -> None:
    image = save("a.png")
    message = rf"a\.png: labels must lie within its 60 x 50 px\. Received: \({point[0]}, "
    with pytest.raises(DataError, match=message):
        load_field(field(image, Mark(*point)))
    with pytest.raises(DataError, match=message):
        load_field(Field(image, "case", SPACING, lookalikes=(Mark(*point),)))


@pytest.mark.parametrize("pixel", [(60, 10), (10, 50), (-1, 10)])
def test_pixels_outside_the_image(save: Save, pixel: tuple[int, int]) -> None:
    mark = Mark(10, 10, pixels=np.array([(10, 10), pixel]))
    with pytest.raises(DataError, match=r"a\.png: labels must lie within.*pixels from"):
        load_field(field(save("a.png"), mark))


def test_a_field_without_labels(save: Save) -> None:
    loaded = load_field(field(save("a.png")))
    assert (loaded.figures.shape, loaded.lookalikes.shape) == ((0, 2), (0, 2))
    assert loaded.mask.shape == (50, 60)
    assert not loaded.mask.any()


def test_real_brecahad(shared_data: Path) -> None:
    fields = read_dataset(shared_data / "brecahad").fields
    loaded = [load_field(one) for one in fields]
    assert sum(len(one.figures) for one in loaded) == 59
    assert sum(len(one.lookalikes) for one in loaded) == 73
    for one in loaded:
        assert one.image.shape == (1024, 1360, 3)
        x, y = np.rint(one.figures).astype(int).T
        assert one.mask[y, x].all()
        # Chromatin is darker than the tissue around it.
        if len(x):
            assert one.image[one.mask > 0].mean() < one.image[one.mask == 0].mean()


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.tif"])
def test_what_claims_to_be_huge_is_refused_before_decoding(
    save: Save, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(name)
    monkeypatch.setattr(samples, "LARGEST_IMAGE_PX", 60 * 50)
    assert decode_image(path).shape == (50, 60, 3)
    monkeypatch.setattr(samples, "LARGEST_IMAGE_PX", 60 * 50 - 1)
    monkeypatch.setattr(ImageFile, "load", None)
    monkeypatch.setattr(TiffReader, "read", None)
    with pytest.raises(DataError, match=r"at most 2999 px\. Received: 60 x 50 px"):
        decode_image(path)


def test_formats_without_a_use_are_refused(save: Save) -> None:
    path = save("a.webp")
    with pytest.raises(DataError, match=r"a\.webp: not an image or slide of a known format"):
        decode_image(path)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set by what Linux says is taken")
def test_a_chunk_of_a_png_claims_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    cv2.imwrite(str(path), np.eye(40, dtype=np.uint8))
    data = bytearray(path.read_bytes())
    at = data.index(b"IDAT") - 4
    data[at : at + 4] = (2**31 - 1).to_bytes(4, "big")
    path.write_bytes(data)
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from mitokeras.data.loading import decode_mask\n"
        "taken = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (taken + 2**30,) * 2)\n"
        "print(decode_mask(Path(sys.argv[1]), (40, 40)).sum())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("40\n", "")  # its pixels are all there
