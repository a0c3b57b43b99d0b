"""A data set that states no spacing, and images whose metadata state one."""

from pathlib import Path

import pytest
from PIL import Image

from mitokeras.data.fields import ASSUMED_SPACING_UM_PX, Field
from mitokeras.data.loading import load_field
from mitokeras.errors import DataError
from tests.slides import noise_image, write_aperio, write_ome_tiff, write_plain_tiff

OTHER_SPACING = (
    r"its pixels must be of 0\.25 um, which is assumed .* Received: 0\.5 um \(.*\)\. "
    r'Write \{"spacing_um_px": 0\.5\} into dataset\.json or give --spacing-um-px'
)


@pytest.mark.parametrize(
    ("um_px", "is_read"), [(0.25, True), (0.2456, True), (0.2549, True), (0.5, False)]
)
@pytest.mark.parametrize("kind", ["strips", "tiles of JPEG", "OME", "Aperio", "PNG"])
def test_an_assumed_spacing_must_not_belie_the_image(
    tmp_path: Path, kind: str, um_px: float, is_read: bool
) -> None:
    image = noise_image(256, 256)
    path = tmp_path / "a.tif"
    if kind == "OME":
        write_ome_tiff(path, image, um_px)
    elif kind == "Aperio":
        write_aperio(path, image, um_px, levels=())
    elif kind == "PNG":
        Image.fromarray(image).save(path, "png", dpi=(25_400 / um_px,) * 2)
    elif kind == "strips":
        write_plain_tiff(path, image, um_px)
    else:
        write_plain_tiff(path, image, um_px, 128, "jpeg")
    assumed = Field(path, "case", ASSUMED_SPACING_UM_PX, spacing_is_assumed=True)
    assert load_field(Field(path, "case", ASSUMED_SPACING_UM_PX)).image.shape == image.shape, (
        "it is stated"
    )
    if is_read:
        assert load_field(assumed).image.shape == image.shape
        return
    with pytest.raises(DataError, match=rf"a\.tif: {OTHER_SPACING}"):
        load_field(assumed)


@pytest.mark.parametrize("dpi", [72, 96, 300, 4800])
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_resolutions_of_screens_and_print_belie_nothing(
    tmp_path: Path, suffix: str, dpi: int
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(noise_image(50, 60)).save(path, dpi=(dpi, dpi))
    assumed = Field(path, "case", ASSUMED_SPACING_UM_PX, spacing_is_assumed=True)
    assert load_field(assumed).image.shape == (50, 60, 3)
