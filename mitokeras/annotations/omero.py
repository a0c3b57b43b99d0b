"""Annotations for OMERO: regions of interest in the JSON of its API.

Sources: the schema of June 2016 at https://www.openmicroscopy.org/Schemas/OME/2016-06, and
https://github.com/ome/omero-marshal, which turns this JSON into OMERO's objects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from mitokeras.annotations.annotations import Annotations, Area
from mitokeras.report.colours import rgb

SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06#"

MARK = b'{"mitokeras": '
"""How the file begins."""


def omero_json(drawn: Annotations) -> bytes:
    """Write a region of interest for each figure and area, under "data" as the API lists them.

    A figure's name is its class, its description the candidate's number and score; the areas say
    where all comes from, with the warnings.

    Returns:
        JSON in ASCII.
    """
    about = {
        "image": drawn.image.model_dump(),
        "model": drawn.model,
        "reviewer": drawn.reviewer or None,
        "prediction": drawn.prediction,
        "about": drawn.about,
        "warnings": drawn.warnings,
    }
    record = {"mitokeras": about, "data": list(_rois(drawn))}
    return (json.dumps(record, allow_nan=False) + "\n").encode("ascii")


def _rois(drawn: Annotations) -> Iterator[dict[str, Any]]:
    for layer in drawn.layers:
        places = np.round(layer.places, 4).tolist()
        for (x, y), candidate, score in zip(places, layer.candidates, layer.scores, strict=True):
            said = "added" if candidate is None else f"candidate {candidate}, score {score:.6f}"
            yield _roi(layer.kind, said, layer.colour, {"@type": f"{SCHEMA}Point", "X": x, "Y": y})
    for area in drawn.areas:
        said = "; ".join([*[area.text] * bool(area.text), drawn.description])
        yield _roi(area.kind, said, area.colour, _shape(area))


def _shape(area: Area) -> dict[str, Any]:
    if not area.is_ellipse:
        points = " ".join(f"{x:.4f},{y:.4f}" for x, y in area.corners.tolist())
        return {"@type": f"{SCHEMA}Polygon", "Points": points}
    low, high = area.corners.min(axis=0), area.corners.max(axis=0)
    x, y = np.round((low + high) / 2, 4).tolist()
    radius_x, radius_y = np.round((high - low) / 2, 4).tolist()
    return {
        "@type": f"{SCHEMA}Ellipse",
        "X": x,
        "Y": y,
        "RadiusX": radius_x,
        "RadiusY": radius_y,
    }


def _roi(kind: str, said: str, colour: str, shape: dict[str, Any]) -> dict[str, Any]:
    """A region of interest of one shape, on whatever plane is shown."""
    red, green, blue = rgb(colour)
    rgba = int.from_bytes((red, green, blue, 255), "big", signed=True)
    width = {"@type": "TBD#LengthI", "Unit": "PIXEL", "Symbol": "pixel", "Value": 1.0}
    shown = {"Text": kind, "StrokeColor": rgba, "StrokeWidth": width}
    return {
        "@type": f"{SCHEMA}ROI",
        "Name": kind,
        "Description": said,
        "shapes": [{**shape, **shown}],
    }
