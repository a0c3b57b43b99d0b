from pathlib import Path

import pytest

from mitokeras.data.readers import read_dataset
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write

Place = tuple[object, object]

SQUARE: list[Place] = [(20, 10), (24, 10), (24, 14), (20, 14)]
"""Columns 20 to 23 and rows 10 to 13."""

LOWER: list[Place] = [(20, 19), (24, 19), (24, 23), (20, 23)]

WHOLE: list[Place] = [(0, 0), (400, 0), (400, 300), (0, 300)]


def annotation(kind: str, group: str, *places: Place) -> str:
    corners = "".join(
        f'<Coordinate Order="{i}" X="{x}" Y="{y}"/>' for i, (x, y) in enumerate(places)
    )
    return (
        f'<Annotation Name="Annotation 0" Type="{kind}" PartOfGroup="{group}" Color="#F4FA58">'
        f"<Coordinates>{corners}</Coordinates></Annotation>"
    )


def asap(*annotations: str) -> str:
    return (
        '<?xml version="1.0"?>\n<ASAP_Annotations><Annotations>'
        + "".join(annotations)
        + '</Annotations><AnnotationGroups><Group Name="Mitosis" PartOfGroup="None" '
        'Color="#64FE2E"><Attributes/></Group></AnnotationGroups></ASAP_Annotations>'
    )


def test_points_and_areas_less_half_a_pixel(tmp_path: Path, write: Write) -> None:
    image = write("images/P1_1.png")
    write(
        "xml/P1_1.xml",
        asap(
            annotation("Dot", "Mitosis", (3.5, 4.5)),
            annotation("PointSet", "Non-mitosis", (6.5, 7.5), (9, 9)),
            annotation("Polygon", "atypical mitosis", *SQUARE),
            annotation("Rectangle", "tumor nucleus", *LOWER),
            annotation("Polygon", "None", *WHOLE),
        ),
    )
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "asap"
    (field,) = dataset.fields
    assert (field.image, field.case, field.spacing_um_px) == (image, "P1", 0.25)
    assert [(m.x, m.y, m.size_px, m.subtype) for m in field.figures] == [
        (3, 4, None, ""),
        (21.5, 11.5, (4, 4), "atypical"),
    ]
    assert [(m.x, m.y) for m in field.lookalikes] == [(6, 7), (8.5, 8.5)]
    assert [(m.x, m.y) for m in field.nuclei] == [(21.5, 20.5)]
    assert any("1 annotations over 50 um are left out (1 without" in n for n in dataset.notes)


def test_corners_are_taken_in_their_order(tmp_path: Path, write: Write) -> None:
    write("a.png")
    square = annotation("Polygon", "Mitosis", *SQUARE)
    first, *others = square.split("<Coordinate ")
    *others, last = (f"<Coordinate {other}" for other in others)
    end = last[last.index("</Coordinates>") :]
    mixed = first + others[1] + others[0] + others[2] + last.removesuffix(end) + end
    write("a.xml", asap(mixed))
    (field,) = read_dataset(tmp_path).fields
    assert [(m.x, m.y, m.size_px) for m in field.figures] == [(21.5, 11.5, (4, 4))]


def test_an_empty_file_says_none(tmp_path: Path, write: Write) -> None:
    write("a.png")
    write("b.png")
    write("a.png.xml", asap())
    dataset = read_dataset(tmp_path)
    assert [(field.image.name, field.figures) for field in dataset.fields] == [("a.png", ())]
    assert "1 of 2 images have no labels and are not read: b" in dataset.notes


def test_a_file_without_annotations_does_not_say_none(tmp_path: Path, write: Write) -> None:
    write("a.png")
    write("a.xml", "<ASAP_Annotations/>")
    with pytest.raises(DataError, match=r"a\.xml: must hold Annotations"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (annotation("Dot", "None", (1, 1)), "annotation 1: an annotation needs a class"),
        (annotation("Dot", "Mitosis?", (1, 1)), "annotation 1: a label must say whether"),
        (annotation("Dot", "Mitosis", ("1,5", 1)), r"annotation 1: X must be a number.*'1,5'"),
        (annotation("Dot", "Mitosis", (1, "nan")), "annotation 1: Y must be a number"),
        (annotation("Dot", "Mitosis", (1e300, 1)), "annotation 1: X must be below 2147483648"),
        (annotation("Dot", "Mitosis"), "coordinates must be numbers of pixels"),
        (annotation("Polygon", "Mitosis", *SQUARE[:2]), "Type must be .* Received: Polygon of 2"),
        (annotation("Measurement", "Mitosis", *SQUARE), "Received: Measurement of 4"),
        (annotation("Polygon", "Mitosis", *WHOLE), "must be at most 50 um wide. Received: 100 um"),
        (annotation("Polygon", "Mitosis", *SQUARE[:2], *SQUARE[:1:-1]), "must not cross itself"),
        ("<Annotation", "must be an XML file"),
    ],
)
def test_what_is_refused(tmp_path: Path, write: Write, one: str, message: str) -> None:
    write("a.png")
    write("a.xml", asap(one))
    with pytest.raises(DataError, match=rf"a\.xml.*{message}"):
        read_dataset(tmp_path)
