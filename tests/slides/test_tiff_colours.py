"""What a TIFF's tags say of its colours, where OpenSlide takes it for a scanner's."""

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from mitokeras.errors import DataError
from mitokeras.slides.opening import open_slide
from tests.slides import APERIO, noise_image

IMAGE = noise_image(96, 128)
GREY = IMAGE[..., 0]
FOUR = np.dstack([IMAGE, GREY])

TRESTLE = {"software": "MedScan", "description": "OverlapsXY=0 0"}
SCANNERS = [{"description": APERIO}, TRESTLE]


def write(path: Path, image: np.ndarray, **options: Any) -> Path:
    tifffile.imwrite(path, image, tile=(32, 32), metadata=None, **options)
    return path


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize(
    ("image", "options", "message"),
    [
        (GREY, {"photometric": "minisblack"}, r"RGB\. Received: 1 channels, MINISBLACK"),
        (GREY, {"photometric": "miniswhite"}, r"RGB\. Received: 1 channels, MINISWHITE"),
        (FOUR, {"photometric": "separated"}, r"RGB\. Received: 4 channels, SEPARATED"),
        (IMAGE, {"photometric": "cielab"}, r"RGB\. Received: 3 channels, CIELAB"),
        (IMAGE, {"photometric": "ycbcr"}, r"RGB\. Received: 3 channels, YCBCR"),
        (FOUR, {"photometric": "rgb", "extrasamples": ["unspecified"]}, "Received: 4 channels, RG"),
        (FOUR, {"photometric": "rgb", "extrasamples": ["assocalpha"]}, "Received: 4 channels, RGB"),
        (IMAGE.astype(np.uint16) * 16, {"photometric": "rgb"}, r"8 bits a channel\. Received: uin"),
        (GREY, {"photometric": "minisblack", "compression": "jpeg"}, "1 channels, MINISBLACK"),
    ],
)
def test_what_openslide_would_take_for_rgb(
    tmp_path: Path, scanner: Any, image: np.ndarray, options: Any, message: str
) -> None:
    path = write(tmp_path / "a.tif", image, **options, **scanner)
    with pytest.raises(DataError, match=rf"a\.tif: an image must .*{message}"):
        open_slide(path, 0.25)


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("compression", [None, "lzw", "jpeg", 33005])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_slide_is_read_as_it_is_stored(
    tmp_path: Path, scanner: Any, compression: Any, orientation: int
) -> None:
    if scanner is TRESTLE and compression == 33005:
        return  # which OpenSlide refuses
    path = write(
        tmp_path / "a.tif", IMAGE, photometric="rgb", compression=compression,
        extratags=[(274, "H", 1, orientation, True)], **scanner,
    )  # fmt: skip
    if orientation > 1 and compression in (None, "lzw"):
        with pytest.raises(DataError, match=r"a\.tif: .* Orientation 1\. Received: "):
            open_slide(path, 0.25)
        return
    with closing(open_slide(path, 0.25)) as slide:
        assert slide.format in ("aperio", "trestle")
        assert np.abs(slide.read(0, 0, 128, 96).astype(int) - IMAGE).mean() < 6


def test_labels_beside_the_scan_may_be_grey(tmp_path: Path) -> None:
    path = tmp_path / "a.svs"
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(IMAGE, tile=(32, 32), photometric="rgb", metadata=None, description=APERIO)
        tiff.write(GREY[:20, :20], photometric="minisblack", metadata=None, description="a\nlabel")
    with closing(open_slide(path)) as slide:
        assert np.array_equal(slide.read(0, 0, 128, 96), IMAGE)
