"""Golden files of the page: what the Python code gives, for its tests to compare with.

    python web/golden.py

They are written to web/golden, on drawn fields, and never committed: so they are always those of
the Python code beside them.
"""

from __future__ import annotations

import json
import math
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile

from mitokeras.counting.atypical import Subtyping, atypical_share
from mitokeras.counting.count import count_figures
from mitokeras.counting.hotspot import densest_circle
from mitokeras.counting.nottingham import CUT_OFFS
from mitokeras.counting.prediction import Prediction
from mitokeras.data.resize import as_ratio, resize, resize_factor, resized_px
from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.folder import model_folder
from mitokeras.detect.spec import DETECTOR_FILE, read_spec
from mitokeras.detect.tissue import tissue_mask
from mitokeras.detector import Detector
from mitokeras.disk.files import write_json
from mitokeras.errors import DataError
from mitokeras.predict.plane import Plane
from mitokeras.report.slide.atypical_words import atypical_text, subtyping_doubts
from mitokeras.report.slide.geojson import geojson
from mitokeras.report.slide.grand_challenge import multiple_points
from mitokeras.report.slide.table import prediction_table
from mitokeras.slides.image_reader import ImageSlide
from mitokeras.slides.opening import open_slide
from mitokeras.slides.shrinking import area_mean

OUT = Path(__file__).parent / "golden"

SUBTYPING = Subtyping(threshold=0.99, chosen="by hand", sensitivity=0.9, specificity=0.7)

# Width, height, um a pixel: odd sizes; one tile, several, and such as are resized.
FIELDS = (
    (97, 131, 0.25), (255, 257, 0.25), (383, 385, 0.25), (401, 211, 0.25), (129, 403, 0.25),
    (333, 351, 0.23), (301, 299, 0.26), (367, 291, 0.2), (263, 277, 0.31), (209, 223, 0.36),
    (511, 371, 0.2425), (389, 389, 0.25), (777, 333, 0.25), (345, 769, 0.25), (771, 399, 0.25),
    (613, 587, 0.15), (321, 323, 0.2501), (353, 341, 0.3), (371, 313, 0.27), (395, 397, 0.25),
)  # fmt: skip
OME = {"axes": "YXS", "PhysicalSizeX": 250.0, "PhysicalSizeY": 0.25, "PhysicalSizeXUnit": "nm"}
GLASS = {3: 0.4, 13: 0.5, 19: 0.3}
"""Number of a field -> share of its width, from the right, that is glass."""

CM = {"resolution": (40_000, 40_000), "resolutionunit": "CENTIMETER"}
TIFFS: dict[str, dict[str, Any]] = {
    "strips.tif": {"rowsperstrip": 37, **CM},
    "lzw.tif": {"compression": "lzw", "predictor": True, "tile": (64, 48), **CM},
    "deflate.tif": {"compression": "zlib", "tile": (80, 80), "bigtiff": True},
    "inch.tif": {"compression": "zlib", "rowsperstrip": 64, "resolution": (96, 96)},
    "philips.tif": {"tile": (64, 64), "software": "Philips DP v1.0", **CM},
    "ome.ome.tif": {"tile": (64, 64), "ome": True, "metadata": OME},
}


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    detector = Detector.load("edge")
    pure = {"numbers": numbers(), "images": images(), "counts": counts(), "atypical": atypical()}
    write("pure.json", pure)
    write("tiff.json", [tiff(name, options) for name, options in TIFFS.items()])
    for number, (width, height, spacing) in enumerate(FIELDS):
        image = draw_field(height, width, seed=number, case=number).image.copy()
        if number in GLASS:
            image[:, round(width * (1 - GLASS[number])) :] = 242
        cv2.imwrite(str(OUT / f"{number}.png"), image[..., ::-1])
        prediction = detector.predict(image, spacing)
        write(f"{number}.json", field(detector, image, spacing, prediction))
        (OUT / f"{number}.csv").write_bytes(prediction_table(prediction))
    with_stage_3()


def with_stage_3() -> None:
    """Two of the fields again, by a model whose stage 3 is its stage 2 once more, which the
    end-to-end tests serve: the first at its spacing and the first that is resized of those where
    it accepts both subtypes."""
    folder = OUT / "subtyping"
    shutil.copytree(model_folder("edge"), folder)
    spec = read_spec(folder)
    models = {**spec.models, "subtyper": spec.models["classifier"]}
    write_json(folder / DETECTOR_FILE, spec.changed(models=models, subtyping=SUBTYPING).to_json())
    detector = Detector.load(folder)
    shown: dict[bool, int] = {}
    for number, (_, _, spacing) in enumerate(FIELDS):
        image = cv2.imread(str(OUT / f"{number}.png"))[..., ::-1]
        prediction = detector.predict(image, spacing)
        found, resized = prediction.atypical, spacing != detector.spec.spacing_um_px
        if found is None or not 0 < found.figures < found.of or resized in shown:
            continue
        shown[resized] = number
        about = {
            "prediction": prediction.to_json(),
            "geojson": json.loads(geojson(prediction)),
            "text": atypical_text(prediction),
        }
        write(f"subtyping_{number}.json", about)
        (OUT / f"subtyping_{number}.csv").write_bytes(prediction_table(prediction))
    write("subtyped.json", list(shown.values()))


def field(
    detector: Detector, image: np.ndarray, spacing: float, prediction: Prediction
) -> dict[str, Any]:
    """What is found on a field, and the map of stage 1 on the plane that it sees."""
    factor = resize_factor(spacing, detector.spec.spacing_um_px, "image")
    plane = Plane(ImageSlide(image, spacing), factor)
    whole = plane.window(slice(0, plane.height), slice(0, plane.width))
    return {
        "spacing_um_px": spacing,
        "plane": coded(whole),
        "map": coded(detector.probability(whole)),
        "prediction": prediction.to_json(),
        "geojson": json.loads(geojson(prediction)),
        "points": json.loads(multiple_points(prediction)),
    }


def tiff(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """A TIFF, and what Python reads of it."""
    rng = np.random.default_rng(4)
    image = rng.integers(0, 256, (211, 307, 3), dtype=np.uint8)
    tifffile.imwrite(OUT / name, image, photometric="rgb", **{"metadata": None, **options})
    try:
        slide = open_slide(OUT / name)
    except DataError:  # it states no spacing of a scan
        slide = open_slide(OUT / name, 0.25)
    window = slide.read(50, 30, 200, 150)
    facts = {
        "name": name,
        "spacing_um_px": None if slide.stated is None else slide.spacing_um_px,
        "window": coded(window),
        "overview": coded(slide.overview(5)),
    }
    slide.close()
    return facts


def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    values = [0.125, 2.675, 1.005, -0.375, 0.5, 100.125, *rng.uniform(-500, 500, 200).tolist()]
    factors = [0.5, 0.92, 1.04, 1.48, 0.31, *rng.uniform(0.25, 1.5, 60).tolist()]
    sides = [1, 2, 97, 1001, 1003, 2084, 20_000]
    return {
        "rounded": [[value, round(value, 2), round(value, 3)] for value in values],
        "ratios": [[f, as_ratio(f).numerator, as_ratio(f).denominator] for f in factors],
        "resized": [[side, f, resized_px(side, f)] for side in sides for f in factors],
        "cut_offs": [list(row) for row in CUT_OFFS],
    }


def images() -> dict[str, Any]:
    rng = np.random.default_rng(2)
    picture = rng.integers(0, 256, (61, 83, 3), dtype=np.uint8)
    drawn = draw_field(301, 299, seed=5, case=5).image
    drawn = cv2.copyMakeBorder(drawn, 40, 60, 70, 10, cv2.BORDER_CONSTANT, value=(243, 241, 244))
    factors = (0.25, 0.5, 0.92, 26 / 25, 1.24, 1.5, 19 / 64)
    return {
        "picture": coded(picture),
        "resized": [
            [ratio.numerator, ratio.denominator, coded(resize(picture, float(ratio)))]
            for ratio in map(as_ratio, factors)
        ],
        "means": [[n, coded(area_mean(picture, n))] for n in (2, 3, 4, 7, 32)],
        "drawn": coded(drawn),
        "tissue": [[um, coded(tissue_mask(drawn, um).astype(np.uint8))] for um in (4.0, 8.0, 16.0)],
    }  # fmt: skip


def counts() -> list[dict[str, Any]]:
    rng = np.random.default_rng(3)
    cases = []
    for n in (0, 1, 2, 5, 40, 300):
        xy = rng.uniform(0, math.sqrt(n + 1.0), (n, 2)).round(3)
        for tissue, diameter, rate in ((0.4, 0.55, 1.2), (12.0, 0.55, 0.4), (60.0, 0.5, None)):
            cases.append(
                {
                    "xy": xy.tolist(),
                    "tissue_mm2": tissue,
                    "field_diameter_mm": diameter,
                    "false_per_mm2": rate,
                    "count": count_figures(xy, tissue, diameter, rate).model_dump(),
                    "small": None if n == 0 else densest_circle(xy, 0.05).model_dump(),  # type: ignore[union-attr]
                }
            )
    return cases


def atypical() -> list[dict[str, Any]]:
    rates = ((None, None), (0.8, 0.9), (0.75, 1.0), (0.5, 0.5), (0.3, 0.6), (1.0, 1.0))
    numbers = ((0, 0), (0, 1), (1, 1), (1, 3), (7, 40), (40, 40), (211, 1034))
    cases = []
    for sensitivity, specificity in rates:
        subtyping = Subtyping(
            threshold=0.5, chosen="by hand", sensitivity=sensitivity, specificity=specificity
        )
        for figures, of in numbers:
            share = atypical_share(figures, of, subtyping)
            cases.append(
                {
                    "subtyping": subtyping.to_json(),
                    "atypical": share.to_json(),
                    "doubts": subtyping_doubts(subtyping, share),
                }
            )
    return cases


def coded(array: np.ndarray) -> dict[str, Any]:
    return {"shape": array.shape, "base64": b64encode(np.ascontiguousarray(array)).decode()}


def write(name: str, value: Any) -> None:
    (OUT / name).write_text(json.dumps(value), encoding="utf-8")


if __name__ == "__main__":
    main()
