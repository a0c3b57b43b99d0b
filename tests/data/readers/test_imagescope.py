from pathlib import Path

import pytest

from mitokeras.data.readers import read_dataset
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write

Place = tuple[object, object]

SQUARE: list[Place] = [(20, 10), (24, 10), (24, 14), (20, 14)]
"""Columns 20 to 23 and rows 10 to 13."""

WHOLE: list[Place] = [(0, 0), (400, 0), (400, 300), (0, 300)]


def region(kind: int, *places: Place, text: str = "", negative: int = 0) -> str:
    vertices = "".join(f'<Vertex X="{x}" Y="{y}" Z="0"/>' for x, y in places)
    return (
        f'<Region Id="7" Type="{kind}" Text="{text}" NegativeROA="{negative}"><Attributes/>'
        f"<Vertices>{vertices}</Vertices></Region>"
    )


def layer(name: str, *regions: str) -> str:
    return (
        f'<Annotation Id="1" Name="{name}" Type="4"><Attributes/><Regions>'
        f"<RegionAttributeHeaders/>{''.join(regions)}</Regions><Plots/></Annotation>"
    )


def imagescope(*layers: str, um_px: str = 'MicronsPerPixel="0.2525"') -> str:
    return f"<Annotations {um_px}>{''.join(layers)}</Annotations>"


def test_areas_less_half_a_pixel(tmp_path: Path, write: Write) -> None:
    image = write("P1_1.png")
    write(
        "P1_1.xml",
        imagescope(
            layer("Mitosis", region(0, *SQUARE), region(2, (4, 4), (8, 6))),
            layer("Layer 2", region(1, *((9, 20), (13, 20), (13, 26), (9, 26)), text="apoptosis")),
            layer("", region(0, *WHOLE), region(0, *WHOLE, negative=1)),
        ),
    )
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "imagescope"
    (field,) = dataset.fields
    assert (field.image, field.case, field.spacing_um_px) == (image, "P1", 0.2525)
    assert [(m.x, m.y, m.size_px) for m in field.figures] == [
        (21.5, 11.5, (4, 4)),
        (5.5, 4.5, (4, 2)),
    ]
    assert [(m.x, m.y, m.label) for m in field.lookalikes] == [(10.5, 22.5, "apoptosis")]
    assert any("1 annotations over 50 um are left out (1 without" in n for n in dataset.notes)
    assert "1 areas are to be ignored: nothing is known there" in dataset.notes
    assert not any("spacing assumed" in note for note in dataset.notes)
    (field,) = read_dataset(tmp_path, spacing_um_px=0.5).fields
    assert field.spacing_um_px == 0.5


@pytest.mark.parametrize("um_px", ["", 'MicronsPerPixel=""'])
def test_without_spacing_it_is_assumed(tmp_path: Path, write: Write, um_px: str) -> None:
    write("a.png")
    write("a.xml", imagescope(um_px=um_px))
    dataset = read_dataset(tmp_path)
    assert dataset.fields[0].spacing_um_px == 0.25
    assert any("spacing assumed" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("name", "text", "subtype"),
    [
        ("Mitosis", "", ""),
        ("Layer 1", "Mitosis", ""),
        ("Mitosis", "3", ""),  # a number that the region has
        ("Mitosis", "atypical mitosis", "atypical"),
        ("atypical mitosis", "MF", "atypical"),
    ],
)
def test_the_layer_or_the_text_is_the_class(
    tmp_path: Path, write: Write, name: str, text: str, subtype: str
) -> None:
    write("a.png")
    write("a.xml", imagescope(layer(name, region(0, *SQUARE, text=text))))
    (field,) = read_dataset(tmp_path).fields
    assert [mark.subtype for mark in field.figures] == [subtype]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (layer("Mitosis", region(0, *SQUARE, text="apoptosis")), "say the same as its layer's"),
        (
            layer("normal mitosis", region(0, *SQUARE, text="atypical mitosis")),
            "Received: atypical mitosis in normal mitosis",
        ),
        (layer("", region(0, *SQUARE)), "layer 1, region 7: an annotation needs a class"),
        (layer("Mitosis?", region(0, *SQUARE)), "a label must say whether"),
        (layer("Mitosis", region(3, *SQUARE[:2])), "Received: Type 3 of 2 vertices"),
        (layer("Mitosis", region(0, *SQUARE[:2])), "Received: Type 0 of 2 vertices"),
        (layer("Mitosis", region(0, *SQUARE, negative=1)), "an object must not be negative"),
        (layer("Mitosis", region(0, *SQUARE, ("1,5", 3))), "X must be a number"),
        (layer("Mitosis", region(0, *WHOLE)), "must be at most 50 um wide"),
    ],
)
def test_what_is_refused(tmp_path: Path, write: Write, content: str, message: str) -> None:
    write("a.png")
    write("a.xml", imagescope(content))
    with pytest.raises(DataError, match=rf"a\.xml.*{message}"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("content", ["<Annotation/>", "<Regions/>", "<object/>"])
def test_what_another_program_writes_does_not_say_none(
    tmp_path: Path, write: Write, content: str
) -> None:
    write("a.png")
    write("a.xml", imagescope(content))
    with pytest.raises(DataError, match=r"a\.xml: must hold layers with Regions"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("stated", ["0", "x", "inf", "5000"])
def test_the_spacing_must_be_one(tmp_path: Path, write: Write, stated: str) -> None:
    write("a.png")
    write("a.xml", imagescope(um_px=f'MicronsPerPixel="{stated}"'))
    with pytest.raises(DataError, match=r"a\.xml: MicronsPerPixel must be"):
        read_dataset(tmp_path)
