"""Every combination of how a label file may be written: read to the same labels, or refused."""

import itertools
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitokeras.data.readers import read_dataset
from mitokeras.errors import DataError
from tests.conftest import ROOT
from tests.data.readers.conftest import Write

FIGURES = [(10.5, 12.5), (20.5, 7.5)]
LOOKALIKES = [(30.5, 5.5)]
ROUNDED = [(10.0, 12.0), (20.0, 8.0)]

REPEATS = {"none": [], "exact": FIGURES, "rounded": ROUNDED, "contrary": LOOKALIKES}
"""What is labelled a mitosis once more."""

ONCE = "2 labels within 1 px of another of the same kind: taken once"


def outcome(root: Path, repeated: str, expected: bool, about: object) -> str:
    """Read the data set, which must give the labels above where it is expected to be read."""
    try:
        dataset = read_dataset(root)
    except DataError as error:
        assert not expected, (about, error)
        assert str(error).startswith(str(root)), "an error names the file"
        return "refused"
    assert expected, about
    (field,) = dataset.fields
    for marks, places in ((field.figures, FIGURES), (field.lookalikes, LOOKALIKES)):
        np.testing.assert_allclose([(mark.x, mark.y) for mark in marks], places, err_msg=str(about))
    assert field.case == "Müller", about
    assert (ONCE in dataset.notes) == (repeated in ("exact", "rounded")), about
    return "read"


def check_documented(form: str, counts: Counter[str]) -> None:
    row = f"| {form} | {counts.total()} | {counts['read']} | {counts['refused']} |"
    assert row in (ROOT / "docs" / "data.md").read_text("utf-8"), row


def tables() -> Iterator[tuple[tuple[str, ...], bytes, bool]]:
    """What a table is like, its bytes, and whether it can be read."""
    header_orders = {
        "plain": ("image", "x", "y", "label", "case"),
        "other": ("Label", "Y", "X", "case", "image"),
        "row numbers": ("", "image", "x", "y", "label", "case"),
    }
    for delimiter, encoding, decimal, order, repeated in itertools.product(
        (",", ";", "\t", "|"),
        ("utf-8", "utf-8-sig", "utf-16", "cp1252"),
        (".", ",", '","'),
        header_orders,
        REPEATS,
    ):
        objects = [("mitosis", at) for at in FIGURES] + [("apoptosis", at) for at in LOOKALIKES]
        objects += [("mitosis", at) for at in REPEATS[repeated]]
        lines = [delimiter.join(header_orders[order])]
        for number, (label, place) in enumerate(objects):
            quote = '"' if decimal == '","' else ""
            x, y = (quote + f"{v}".replace(".", decimal.strip('"')) + quote for v in place)
            cells = {"": str(number), "image": "a.png", "x": x, "y": y, "label": label}
            cells["case"] = "Müller"
            lines.append(delimiter.join(cells[name.lower()] for name in header_orders[order]))
        about = (delimiter, encoding, decimal, order, repeated)
        is_plain = delimiter != "," or decimal == "."
        expected = is_plain and encoding != "cp1252" and repeated != "contrary"
        yield about, "\r\n".join(lines).encode(encoding), expected


def test_tables(tmp_path: Path, write: Write) -> None:
    write("images/a.png")
    counts: Counter[str] = Counter()
    for about, data, expected in tables():
        (tmp_path / "labels.csv").write_bytes(data)
        counts[outcome(tmp_path, about[-1], expected, about)] += 1
    check_documented("`labels.csv`: delimiter x encoding x decimals x columns x repeats", counts)


EVIDENCE = {
    "area": ("xywh", "xyxy"),
    "iscrowd": ("xywh",),
    "border": ("xywh", "xyxy"),
    "size": ("xywh", "xyxy"),
    "dataset.json": ("xywh", "xyxy"),
    "name": ("xyxy",),
    "none": ("xywh", "xyxy"),
}
"""What shows the convention of the boxes, and those that it can show."""


def coco_file(convention: str, evidence: str, id_type: type, repeated: str) -> dict[str, Any]:
    """An image of 40 x 30 px whose borders show the convention, or a larger one.

    There, a box is 1.2 times as large as its centre is far from the corner of the image, so that
    it has an area and a place in the image either way, or all have one size.
    """
    is_small = evidence == "border"
    places = [(1, at) for at in FIGURES] + [(2, at) for at in LOOKALIKES]
    places += [(1, at) for at in REPEATS[repeated]]
    annotations = []
    for category, (x, y) in places:
        w, h = {"border": (4, 6), "size": (70, 60)}.get(evidence, (1.2 * x, 1.2 * y))
        corners = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
        box = corners if convention == "xyxy" else [x + 0.5 - w / 2, y + 0.5 - h / 2, w, h]
        keys = {"area": {"area": w * h}, "iscrowd": {"iscrowd": 0}}.get(evidence, {})
        annotations.append({"image_id": id_type(7), "category_id": category, "bbox": box} | keys)
    size = {"width": 40, "height": 30} if is_small else {"width": 400, "height": 300}
    return {
        "info": {"description": "MIDOG, a part" if evidence == "name" else "mine"},
        "images": [{"id": 7} | size],
        "categories": [{"id": "1", "name": "mitosis"}, {"id": "2", "name": "apoptosis"}],
        "annotations": annotations,
    }


def test_coco(tmp_path: Path, write: Write) -> None:
    counts: Counter[str] = Counter()
    pairs = [(each, name) for name, conventions in EVIDENCE.items() for each in conventions]
    for (convention, evidence), id_type, separator, repeated in itertools.product(
        pairs, (int, str), ("/", "\\"), REPEATS
    ):
        root = tmp_path / "set"
        shutil.rmtree(root, ignore_errors=True)
        name = "images/Müller.png" if evidence == "name" else "images/Müller/a.png"
        write(f"set/{name}")
        content = coco_file(convention, evidence, id_type, repeated)
        content["images"][0]["file_name"] = name.replace("/", separator)
        stated = {"bbox": convention} if evidence == "dataset.json" else {}
        write("set/dataset.json", json.dumps(stated))
        write("set/labels.json", json.dumps(content))
        expected = evidence != "none" and repeated != "contrary"
        about = (convention, evidence, id_type, separator, repeated)
        counts[outcome(root, repeated, expected, about)] += 1
    check_documented("COCO: corners or size x what shows it x ids x separators x repeats", counts)


def geojson_features(shape: str, classified: str, kind: str, repeated: str) -> list[Any]:
    objects = [("Mitosis", at) for at in FIGURES] + [("Apoptosis", at) for at in LOOKALIKES]
    objects += [("Mitosis", at) for at in REPEATS[repeated]]
    features = []
    for name, (x, y) in objects:
        x, y = x + 0.5, y + 0.5
        ring = [[x - 2, y - 3], [x + 2, y - 3], [x + 2, y + 3], [x - 2, y + 3], [x - 2, y - 3]]
        coordinates: dict[str, Any] = {
            "Point": [x, y],
            "MultiPoint": [[x, y]],
            "Polygon": [ring],
            "MultiPolygon": [[ring]],
            "LineString": ring[:2],
        }
        properties: dict[str, Any] = {} if kind == "none" else {"objectType": kind}
        classes = {"name": {"name": name}, "names": {"names": [name]}, "text": name, "none": None}
        properties["classification"] = classes[classified]
        geometry = {"type": shape, "coordinates": coordinates[shape]}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return features


def test_geojson(tmp_path: Path, write: Write) -> None:
    write("Müller/a.png")
    counts: Counter[str] = Counter()
    for shape, classified, kind, wrapped, repeated in itertools.product(
        ("Point", "MultiPoint", "Polygon", "MultiPolygon", "LineString"),
        ("name", "names", "text", "none"),
        ("annotation", "none"),
        ("collection", "list"),
        REPEATS,
    ):
        features: Any = geojson_features(shape, classified, kind, repeated)
        if wrapped == "collection":
            features = {"type": "FeatureCollection", "features": features}
        write("Müller/a.geojson", json.dumps(features))
        about = (shape, classified, kind, wrapped, repeated)
        expected = shape != "LineString" and classified != "none" and repeated != "contrary"
        counts[outcome(tmp_path, repeated, expected, about)] += 1
    check_documented("GeoJSON: shape x class x object x collection x repeats", counts)


@pytest.mark.parametrize("row_number", [True, False])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("confidence", [None, 0.5])
def test_points_without_header(
    tmp_path: Path, write: Write, row_number: bool, delimiter: str, confidence: float | None
) -> None:
    write("01/01.png")
    rows = []
    for number, (x, y) in enumerate(FIGURES):
        cells = [number] * row_number + [y, x] + ([] if confidence is None else [confidence])
        rows.append(delimiter.join(map(str, cells)))
    write("01/01.csv", "\n".join(rows))
    if row_number:
        with pytest.raises(DataError, match=r"01\.csv, line 1"):
            read_dataset(tmp_path)
        return
    (field,) = read_dataset(tmp_path).fields
    assert [(mark.x, mark.y) for mark in field.figures] == FIGURES
