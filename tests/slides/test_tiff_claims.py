"""Small files that claim millions of planes or pages: refused at once, in little memory."""

import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tifffile

from mitokeras.errors import DataError
from mitokeras.slides.opening import open_slide
from mitokeras.slides.tiff_claims import LARGEST_PAGES
from tests.slides import noise_image, set_tag, write_ome_tiff

IMAGE = noise_image(64, 64)
MOST_BYTES = 64 * 2**20


@pytest.fixture
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def ome_xml(pixels: str = "", channel: str = 'SamplesPerPixel="3"', data: str = 'IFD="0"') -> str:
    given = {"DimensionOrder": "XYCZT", "SizeX": 64, "SizeY": 64, "SizeC": 3, "SizeZ": 1}
    given |= {"SizeT": 1, "PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25}
    given |= dict(each.split("=") for each in pixels.split())
    attributes = " ".join(f'{name}="{value}"' for name, value in given.items())
    return (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        f'<Image ID="Image:0"><Pixels ID="Pixels:0" Type="uint8" {attributes}>'
        f'<Channel ID="Channel:0:0" {channel}/><TiffData {data}/></Pixels></Image></OME>'
    )


def write(path: Path, xml: str) -> Path:
    tifffile.imwrite(path, IMAGE, photometric="rgb", description=xml.encode(), metadata=None)
    return path


def test_what_is_true_is_believed(tmp_path: Path) -> None:
    with closing(open_slide(write(tmp_path / "a.ome.tif", ome_xml()))) as slide:
        assert slide.format == "OME-TIFF"
        assert np.array_equal(slide.read(0, 0, 64, 64), IMAGE)


@pytest.mark.parametrize(
    "xml",
    [
        ome_xml("SizeT=400000000"),
        ome_xml("SizeZ=20000 SizeT=20000"),
        ome_xml("SizeC=400000000", channel='SamplesPerPixel="1"'),
        ome_xml("SizeX=2000000 SizeY=2000000"),
        ome_xml(data='IFD="0" PlaneCount="400000000"'),
        ome_xml(data='IFD="0" NumPlanes="400000000"'),
        ome_xml("SizeX=1 SizeY=1 SizeT=400000000", data='IFD="0" FirstT="399999999"'),
        ome_xml("DimensionOrder=XYTTTT SizeT=400"),
        ome_xml("SizeT=-1"),
        ome_xml("SizeT=many"),
        ome_xml("SizeT=0"),
    ],
)
@pytest.mark.usefixtures("little_memory")
def test_planes_that_are_not_there(tmp_path: Path, xml: str) -> None:
    path = write(tmp_path / "a.ome.tif", xml)
    with pytest.raises(DataError, match=r"a\.ome\.tif: ") as caught:
        open_slide(path, 0.25)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("little_memory")
def test_many_images_that_claim_a_little_each(tmp_path: Path) -> None:
    image = ome_xml("SizeT=1000000")
    image = image[image.index("<Image") : image.index("</OME>")]
    path = write(tmp_path / "a.ome.tif", ome_xml().replace("</OME>", f"{image * 100}</OME>"))
    with pytest.raises(DataError, match="must not claim more planes than the file has pages"):
        open_slide(path)


def test_modulo_axes_are_refused(tmp_path: Path) -> None:
    axes = (
        '<StructuredAnnotations><XMLAnnotation ID="A" Namespace="openmicroscopy.org/omero/modulo">'
        '<Value><Modulo><ModuloAlongT Type="phase" Start="0" End="1e12"/></Modulo></Value>'
        "</XMLAnnotation></StructuredAnnotations>"
    )
    path = write(tmp_path / "a.ome.tif", ome_xml().replace("</OME>", f"{axes}</OME>"))
    with pytest.raises(DataError, match="Received: modulo axes"):
        open_slide(path)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif", "a.svs"])
@pytest.mark.usefixtures("little_memory")
def test_pages_by_the_ten_thousand(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, ome_xml() if ".ome" in name else "no OME-XML")
    with tifffile.TiffFile(path) as tiff:
        first = tiff.pages.first.offset
    data = bytearray(path.read_bytes())
    after_tags = first + 2 + 12 * int.from_bytes(data[first : first + 2], "little")
    data[after_tags : after_tags + 4] = struct.pack("<I", len(data))
    for number in range(40_000, 0, -1):
        following = len(data) + 18 if number > 1 else 0
        data += struct.pack("<HHHIII", 1, 256, 4, 1, 64, following)
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"must have at most {LARGEST_PAGES} pages"):
        open_slide(path)


def test_levels_count_as_pages(tmp_path: Path) -> None:
    path = write_ome_tiff(tmp_path / "a.ome.tif", IMAGE, levels=(2, 4), tile_px=16)
    open_slide(path).close()
    with tifffile.TiffFile(path) as tiff:
        tag = tiff.pages.first.tags["SubIFDs"]
    data = bytearray(path.read_bytes())
    assert data[tag.offset + 4 : tag.offset + 8] == struct.pack("<I", 2)
    levels = struct.pack("<I", 8) * (LARGEST_PAGES + 1)
    data[tag.offset + 4 : tag.offset + 12] = struct.pack("<II", LARGEST_PAGES + 1, len(data))
    path.write_bytes(data + levels)
    with pytest.raises(DataError, match=f"must have at most {LARGEST_PAGES} pages"):
        open_slide(path)


@pytest.mark.usefixtures("little_memory")
def test_a_strip_of_more_bytes_than_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ome.tif", ome_xml())
    set_tag(path, "StripByteCounts", 2**31)
    with closing(open_slide(path)) as slide, pytest.raises(DataError, match="the file is cut off"):
        slide.read(0, 0, 64, 64)
