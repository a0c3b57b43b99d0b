from pathlib import Path

import numpy as np
import pytest

from mitokeras.errors import DataError
from mitokeras.slides.opening import open_slide
from tests.slides import write_mha

IMAGE = np.random.default_rng(0).integers(0, 256, (30, 50, 3), dtype=np.uint8)


@pytest.mark.parametrize("compressed", [False, True])
def test_pixels_in_the_order_of_red_green_blue(tmp_path: Path, compressed: bool) -> None:
    slide = open_slide(write_mha(tmp_path / "a.mha", IMAGE, compressed=compressed))
    assert (slide.width, slide.height) == (50, 30)
    np.testing.assert_array_equal(slide.read(0, 0, 50, 30), IMAGE)
    assert slide.pixel_um == pytest.approx((0.25, 0.25))
    assert (slide.format, slide.spacing_source) == ("MetaImage", "MetaImage")


def test_a_hand_written_file(tmp_path: Path) -> None:
    header = (
        "ObjectType = Image\nNDims = 2\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        "DimSize = 2 1\nElementSpacing = 0.0005 0.0005\nElementNumberOfChannels = 3\n"
        "ElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    )
    path = tmp_path / "a.mha"
    path.write_bytes(header.encode() + bytes([255, 0, 0, 0, 0, 255]))
    slide = open_slide(path)
    assert slide.read(0, 0, 2, 1).tolist() == [[[255, 0, 0], [0, 0, 255]]]  # red, then blue
    assert slide.spacing_um_px == 0.5


def test_one_picture_of_a_volume_of_one(tmp_path: Path) -> None:
    path = write_mha(tmp_path / "a.mha", IMAGE[None], spacing_mm=(0.00025, 0.00025, 1.0))
    np.testing.assert_array_equal(open_slide(path).read(0, 0, 50, 30), IMAGE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": IMAGE[..., 0], "vector": False}, "in colour, RGB.* Received: 1 channels"),
        ({"image": np.repeat(IMAGE, 2, axis=2)[..., :4]}, "Received: 4 channels"),
        (
            {"image": IMAGE.astype(np.uint16)},
            "of 8 bits a channel. Received: 3 channels, MET_USHORT",
        ),
        ({"image": np.stack([IMAGE] * 3), "spacing_mm": (0.00025,) * 3}, "one picture.* 3 in one"),
        ({"spacing_mm": (1.0, 1.0)}, r"no pixel size of a scan.* 1000 um/px \(MetaImage\)"),
        ({"spacing_mm": (0.25, 0.25)}, "no pixel size of a scan"),  # micrometres, taken for mm
        ({"spacing_mm": (0.00025, 0.0003)}, "its pixels must be square"),
        ({"origin": (1.5, 0.0)}, r"straight at the origin.* Offset = 1.5 0"),
    ],
)
def test_what_is_no_region_of_a_slide(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = write_mha(tmp_path / "a.mha", **{"image": IMAGE, **change})  # type: ignore[arg-type]
    with pytest.raises(DataError, match=rf"a\.mha: .*{message}") as error:
        open_slide(path)
    assert "\n" not in str(error.value)


def test_the_user_s_spacing_goes_before(tmp_path: Path) -> None:
    path = write_mha(tmp_path / "a.mha", IMAGE, spacing_mm=(1.0, 1.0))
    assert open_slide(path, 0.25).spacing_um_px == 0.25


def test_cut_off_and_pixels_elsewhere(tmp_path: Path) -> None:
    whole = write_mha(tmp_path / "a.mha", IMAGE).read_bytes()
    cut = tmp_path / "cut.mha"
    cut.write_bytes(whole[:-100])
    with pytest.raises(
        DataError, match=r"cut\.mha: must hold 4500 bytes of pixels. Received: 4400"
    ):
        open_slide(cut)
    elsewhere = tmp_path / "elsewhere.mha"
    elsewhere.write_bytes(whole.replace(b"= LOCAL", b"= a.mha"))
    with pytest.raises(DataError, match=r"elsewhere\.mha: .*ElementDataFile = LOCAL"):
        open_slide(elsewhere)


def test_damage_in_compressed_pixels_is_noticed(tmp_path: Path) -> None:
    path = write_mha(tmp_path / "a.mha", IMAGE, compressed=True)
    whole = path.read_bytes()
    for damaged, message in (
        (whole[:-3], "its compressed pixels are cut off"),
        (whole[:-1000], "must hold 4500 bytes"),
        (whole[:-1] + bytes([whole[-1] ^ 1]), "incorrect data check"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=rf"a\.mha: .*{message}"):
            open_slide(path)
