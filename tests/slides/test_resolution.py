import math
from pathlib import Path

import pytest

from mitokeras.errors import ConfigError, DataError
from mitokeras.slides.resolution import Spacing, choose, of_ome_xml

PATH = Path("folder") / "a.tif"

OME = (
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    '<Image ID="Image:0"><Pixels SizeX="10" SizeY="20" PhysicalSizeX="9" PhysicalSizeY="9"/>'
    '</Image><Image ID="Image:1"><Pixels SizeX="400" SizeY="300" {sizes}/></Image></OME>'
)


def test_the_user_is_believed() -> None:
    source = "--spacing-um-px"
    assert choose(PATH, Spacing(0.5, 0.5, "x"), 0.25) == ((0.25, 0.25), source)
    assert choose(PATH, None, 0.25) == ((0.25, 0.25), source)
    assert choose(PATH, Spacing(0.25, 0.5, "not square"), 7) == ((7.0, 7.0), source)
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ConfigError, match=r"--spacing-um-px must be positive"):
            choose(PATH, None, wrong)


def test_no_spacing_names_the_file_and_the_option() -> None:
    with pytest.raises(DataError, match=r"a\.tif: its metadata state no pixel size\. Give --spac"):
        choose(PATH, None, None)


@pytest.mark.parametrize("dpi", [72, 96, 300, 600, 1200, 4800])
def test_resolutions_of_print_are_no_scan(dpi: int) -> None:
    with pytest.raises(DataError, match=r"no pixel size of a scan.*TIFF resolution.*--spacing"):
        choose(PATH, Spacing(25400 / dpi, 25400 / dpi, "TIFF resolution"), None)


@pytest.mark.parametrize("um", [0.04, math.nan, -0.25, math.inf])
def test_impossible_spacings(um: float) -> None:
    with pytest.raises(DataError, match="no pixel size of a scan"):
        choose(PATH, Spacing(um, um, "x"), None)


def test_pixels_must_be_square_within_one_percent_and_keep_their_sides() -> None:
    assert choose(PATH, Spacing(0.250, 0.252, "x"), None) == ((0.250, 0.252), "x")
    with pytest.raises(DataError, match=r"must be square\. Received: 0\.25 x 0\.254 um"):
        choose(PATH, Spacing(0.250, 0.254, "x"), None)


@pytest.mark.parametrize(
    ("sizes", "um"),
    [
        ('PhysicalSizeX="0.25" PhysicalSizeY="0.26"', (0.25, 0.26)),
        ('PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="2.5e-4" '
         'PhysicalSizeYUnit="mm"', (0.25, 0.25)),
        ('PhysicalSizeX="0.5" PhysicalSizeXUnit="μm" PhysicalSizeY="0.5"', (0.5, 0.5)),
    ],
)  # fmt: skip
def test_ome_xml_of_the_image_of_that_size(sizes: str, um: tuple[float, float]) -> None:
    spacing = of_ome_xml(OME.format(sizes=sizes), 400, 300)
    assert spacing is not None
    assert (spacing.x_um, spacing.y_um) == pytest.approx(um)
    assert spacing.source == "OME-XML"


@pytest.mark.parametrize(
    "sizes",
    ["", 'PhysicalSizeX="0.25"', 'PhysicalSizeX="a" PhysicalSizeY="b"',
     'PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeY="1" PhysicalSizeYUnit="pixel"'],
)  # fmt: skip
def test_ome_xml_without_a_length(sizes: str) -> None:
    assert of_ome_xml(OME.format(sizes=sizes), 400, 300) is None
    assert of_ome_xml(OME.format(sizes=sizes), 401, 300) is None


def test_damaged_ome_xml() -> None:
    with pytest.raises(ValueError, match="OME-XML is damaged"):
        of_ome_xml("<OME><Image>", 1, 1)
