import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mitokeras.errors import DataError
from mitokeras.slides.opening import SLIDE_SUFFIXES, SUFFIXES, open_slide
from tests.slides import noise_image, set_tag, write_aperio, write_ome_tiff, write_plain_tiff

IMAGE = noise_image(300, 400)

ODD_NAMES = ["größe Ä 病理.svs", "it's a 'slide'.svs", "a b  c.svs", "[1]{2}%20&;#.svs"]
if sys.platform != "win32":
    ODD_NAMES += ['<script>alert("1")<|script>.svs', "a\nb.svs", "*?.svs"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names(tmp_path: Path, name: str) -> None:
    (tmp_path / "Ordner mit é").mkdir()
    for written, kind in (
        (write_aperio(tmp_path / "a.svs", IMAGE, levels=()), ".svs"),
        (write_ome_tiff(tmp_path / "a.ome.tif", IMAGE), ".ome.tif"),
        (write_plain_tiff(tmp_path / "a.tif", IMAGE, 0.25), ".tif"),
    ):
        path = tmp_path / "Ordner mit é" / name.replace(".svs", kind)
        shutil.move(written, path)
        slide = open_slide(path)
        assert np.abs(slide.read(0, 0, 400, 300).astype(int) - IMAGE).max() <= 10
        slide.close()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"Patient 7, block 3: see the report of Tuesday.\n" * 50, "not an? (image or )?slide"),
        (bytes(5000), "not an? (image or )?slide"),
    ],
)
def test_files_that_are_no_slides(
    tmp_path: Path, suffix: str, content: bytes, message: str
) -> None:
    path = tmp_path / f"slide{suffix}"
    path.write_bytes(content)
    for spacing in (None, 0.25):
        with pytest.raises(DataError, match=rf"slide\{suffix}: .*{message}") as caught:
            open_slide(path, spacing)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", SLIDE_SUFFIXES)
@pytest.mark.parametrize("kind", ["jpeg", "png", "tiff"])
def test_a_picture_does_not_pass_for_a_slide(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / f"slide{suffix}"
    Image.fromarray(IMAGE).save(path, kind)
    with pytest.raises(DataError, match=rf"not a slide in the format of its suffix \{suffix}"):
        open_slide(path, 0.25)


def test_the_content_counts_where_the_suffix_may_be_any(tmp_path: Path) -> None:
    path = write_aperio(tmp_path / "a.tif", IMAGE, levels=())
    assert open_slide(path).format == "aperio"
    Image.fromarray(IMAGE).save(tmp_path / "b.jpg", "png")
    assert open_slide(tmp_path / "b.jpg", 0.25).format == "PNG"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.svs: cannot be read: "):
        open_slide(tmp_path / "a.svs")
    with pytest.raises(DataError, match="must be a file"):
        open_slide(tmp_path)


def test_an_impossibly_large_slide(tmp_path: Path) -> None:
    path = write_plain_tiff(tmp_path / "a.tif", IMAGE, 0.25, tile_px=128)
    for name in ("ImageWidth", "ImageLength"):
        set_tag(path, name, 2**20)
    with pytest.raises(DataError, match=r"at most 274877906944 px\. Received: 1048576 x 1048576"):
        open_slide(path)
