"""Small valid files of every kind that is read."""

from __future__ import annotations

import hashlib
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mitokeras.run.presets import get_preset
from mitokeras.verdicts.events import Added, Head, Region, Undo, Verdict
from tests.detectors import make_spec
from tests.predictions import detection, prediction
from tests.predictions import slide as pink
from tests.slides import noise_image, write_aperio, write_mha, write_ome_tiff, write_plain_tiff

IMAGE = noise_image(96, 128, grain_px=16)
NETWORK = b"network"
"""Content of both model files; nothing runs them."""

MODELS = {
    role: {"file": f"{role}.tflite", "sha256": hashlib.sha256(NETWORK).hexdigest()}
    for role in ("segmenter", "classifier")
}
REQUEST: dict[str, Any] = {
    "source": "0" * 64,
    "mitokeras": "0",
    "size_bytes": 1,
    "mtime_ns": 2,
    "detector_sha256": "0" * 64,
    "spacing_um_px": None,
}

ASAP = b"""<?xml version="1.0"?>
<ASAP_Annotations><Annotations>
<Annotation Name="Annotation 0" Type="Dot" PartOfGroup="Mitosis" Color="#F4FA58">
<Coordinates><Coordinate Order="0" X="10.5" Y="5"/></Coordinates></Annotation>
<Annotation Name="Annotation 1" Type="Polygon" PartOfGroup="Apoptosis" Color="#F4FA58">
<Coordinates><Coordinate Order="0" X="20" Y="10"/><Coordinate Order="1" X="24" Y="10"/>
<Coordinate Order="2" X="24" Y="14"/></Coordinates></Annotation>
</Annotations><AnnotationGroups/></ASAP_Annotations>"""

IMAGESCOPE = b"""<Annotations MicronsPerPixel="0.2525">
<Annotation Id="1" Name="Mitosis"><Regions>
<Region Id="1" Type="0" Text="" NegativeROA="0"><Vertices><Vertex X="20" Y="10" Z="0"/>
<Vertex X="24" Y="10" Z="0"/><Vertex X="24" Y="14" Z="0"/></Vertices></Region>
<Region Id="2" Type="2" Text="MF" NegativeROA="0"><Vertices><Vertex X="4" Y="4"/>
<Vertex X="8" Y="6"/></Vertices></Region></Regions></Annotation></Annotations>"""

Files = dict[str, bytes]

REVIEW_HEAD = Head(reviewer="anna", image="S1.svs", width_px=640, height_px=480)


def picture(suffix: str, image: np.ndarray | None = None) -> bytes:
    small = noise_image(30, 40, grain_px=8) if image is None else image
    _, data = cv2.imencode(suffix, small)
    return bytes(data.tobytes())


def mask(suffix: str = ".png") -> bytes:
    drawn = np.zeros((30, 40), np.uint8)
    drawn[5:12, 8:15] = 255
    return picture(suffix, drawn)


@cache
def detector_json() -> bytes:
    stain = {
        "policy": "macenko",
        "stain_matrix": [[0.6, 0.2], [0.7, 0.8], [0.4, 0.6]],
        "max_concentrations": [1.9, 1.0],
    }
    spec = make_spec(stain=stain, models=MODELS)
    return json.dumps(spec.model_dump(mode="json")).encode()


@cache
def config_json() -> bytes:
    return json.dumps(get_preset("paper").to_json()).encode()


@cache
def prediction_json() -> bytes:
    told = prediction((detection(), detection(300, 200, 0.2)), pink())
    return json.dumps({"request": REQUEST, "prediction": told.model_dump(mode="json")}).encode()


def review_lines() -> list[bytes]:
    at, prediction = "2026-01-01T00:00:00", "ab"
    lines = (
        Region(at=at, prediction=prediction, outlines=(((0, 0), (9, 0), (0, 9)),)),
        Verdict(at=at, prediction=prediction, candidate=1, x=1.5, y=2.0, label="mitosis"),
        Added(at=at, prediction=prediction, number=1, x=3.0, y=4.0),
        Undo(at=at, prediction=prediction, line=2),
    )
    return [line.model_dump_json().encode() for line in lines]


def watch_json() -> bytes:
    entry = {
        "size_bytes": 1,
        "mtime_ns": 2,
        "status": "failed",
        "reason": "a.svs: damaged",
        "when": "2026-01-01T00:00:00+00:00",
    }
    return json.dumps({"version": 1, "slides": {"a.svs": entry, "b.svs": entry}}).encode()


@cache
def datasets() -> dict[str, tuple[Files, tuple[str, ...]]]:
    """By layout: the files of a data set, and the names of those to damage."""
    coco = {
        "info": {"description": "MIDOG++: a part"},
        "images": [
            {"id": i, "file_name": f"{i:03}.png", "width": 40, "height": 30} for i in (1, 350)
        ],
        "categories": [
            {"id": 1, "name": "mitotic figure"},
            {"id": 2, "name": "not mitotic figure"},
        ],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [10, 5, 20, 15]},
            {"image_id": 1, "category_id": 2, "bbox": [0, 0, 8, 14]},
            {"image_id": 350, "category_id": 1, "bbox": [-4, 20, 6, 34]},
        ],
    }
    shapes = {
        "Point": ([10.5, 5], "Mitosis"),
        "MultiPoint": ([[3, 4], [20, 25]], "Non-mitosis"),
        "Polygon": ([[[20, 10], [24, 10], [24, 14], [20, 10]]], "tumor nucleus"),
    }
    geojson = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "x",
                "geometry": {"type": kind, "coordinates": coordinates},
                "properties": {"objectType": "annotation", "classification": {"name": name}},
            }
            for kind, (coordinates, name) in shapes.items()
        ],
    }
    spacing = b'{"spacing_um_px": 0.25, "seed": 1}'
    points = (
        b"image,x,y,label,box_w,box_h,case,split\n"
        b"a.png,10,12.5,mitosis,8,9,P1,train\nimages/a.png,3,4,apoptosis,,,P1,train\n"
        b"b.png,,,,,,P2,test\n"
    )
    cases = b"image,case,split\na,P1,train\nb.png,P2,test\n"
    png, marked = picture(".png"), mask()
    pairs = {"images/a.png": png, "images/b.png": png, "masks/a.png": marked, "masks/b.png": marked}
    return {
        "points": (
            {"labels.csv": points, "dataset.json": spacing, "images/a.png": png,
             "images/b.png": png},
            ("labels.csv", "dataset.json"),
        ),
        "icpr2012": (
            {"A03_00.csv": b"3,4,4,4,5,4,4,5\n20,21,21,21\n", "A03_00.bmp": picture(".bmp"),
             "H04_01.csv": b"", "H04_01.png": png},
            ("A03_00.csv", "H04_01.csv"),
        ),
        "mitos_atypia14": (
            {"A03/frames/x40/A03_00Aa.png": png, "A03/mitosis/A03_00Aa_mitosis.csv": b"3,4,0.9\n",
             "A03/mitosis/A03_00Aa_not_mitosis.csv": b"20,21,0.2\n30,8,0.4\n"},
            ("A03/mitosis/A03_00Aa_mitosis.csv", "A03/mitosis/A03_00Aa_not_mitosis.csv"),
        ),
        "amida13": (
            {"01/01.csv": b"3,4\n20,30\n", "01/01.tif": picture(".tif"), "02/01.csv": b"",
             "02/01.tif": picture(".tif")},
            ("01/01.csv", "02/01.csv"),
        ),
        "gzmh": (pairs | {"cases.csv": cases}, ("cases.csv",)),
        "folders": (
            pairs | {"cases.csv": cases, "dataset.json": spacing},
            ("cases.csv", "dataset.json", "masks/a.png"),
        ),
        "qupath": (
            {"a.geojson": json.dumps(geojson).encode(), "a.png": png, "b.geojson": b"[]",
             "b.png": png},
            ("a.geojson", "b.geojson"),
        ),
        "asap": ({"a.xml": ASAP, "a.png": png}, ("a.xml",)),
        "imagescope": ({"a.xml": IMAGESCOPE, "a.png": png}, ("a.xml",)),
        "midog": (
            {"MIDOG.json": json.dumps(coco).encode(), "images/001.png": png,
             "images/350.png": png},
            ("MIDOG.json",),
        ),
    }  # fmt: skip


@cache
def pictures() -> dict[str, bytes]:
    names = (".png", ".jpg", ".bmp", ".tif")
    progressive = cv2.imencode(".jpg", IMAGE, (cv2.IMWRITE_JPEG_PROGRESSIVE, 1))[1].tobytes()
    return {name[1:]: picture(name) for name in names} | {"progressive.jpg": bytes(progressive)}


@cache
def slides() -> dict[str, bytes]:
    """TIFF of many kinds and MHA, by a name that ends in the suffix of its file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = [write_aperio(folder / "aperio.svs", IMAGE, tile_px=48, levels=(2,))]
        for compression in (None, "zlib", "jpeg", "lzw", "zstd", "jpeg2000", "webp"):
            path = folder / f"{compression}.ome.tif"
            levels = (2,) if compression in (None, "jpeg") else ()
            written.append(
                write_ome_tiff(path, IMAGE, tile_px=48, compression=compression, levels=levels)
            )
            path = folder / f"{compression}.tif"
            tile_px = 48 if compression in ("zlib", "jpeg") else None
            written.append(write_plain_tiff(path, IMAGE, 0.25, tile_px, compression))
        written += [
            write_mha(folder / "raw.mha", IMAGE),
            write_mha(folder / "zlib.mha", IMAGE, compressed=True),
        ]
        return {path.name: path.read_bytes() for path in written}
