"""How often `predict` doubts a stain or the focus, rightly and wrongly: `suitability.csv`.

    python recipes/suitability.py DATA

DATA holds the folders of recipes/edge.json, and icpr2012_format. Each laboratory's cases are judged
by the range of the others', as they are and with their stain changed; tissue as it is and blurred.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from mitokeras.data.loading import decode_image
from mitokeras.data.stain import HED_FROM_RGB, remix
from mitokeras.data.stain_range import LEAST_MM2, StainRange, sampled, stain_numbers
from mitokeras.detect.blank import tissue_tiles
from mitokeras.detect.focus import is_sharp
from mitokeras.detect.folder import model_folder
from mitokeras.detect.learned import read_learned
from mitokeras.detect.spec import read_spec
from mitokeras.predict.plane import Plane
from mitokeras.predict.suitability import WINDOW_PX, suitability_of
from mitokeras.report.slide.words import BLURRED_SHARE
from mitokeras.slides.image_reader import ImageSlide

SPACING_UM_PX = 0.25
RGB_FROM_HED = np.linalg.inv(HED_FROM_RGB)
DAB = (0.27, 0.57, 0.78)
CASE_PIXELS = 60_000
"""About as many give the same numbers, and sooner."""

SIGMAS_UM = (0.0, 0.25, 0.375, 0.5, 0.75)

Change = Callable[[np.ndarray], np.ndarray]


def hue(degrees: float, pixels: np.ndarray) -> np.ndarray:
    turned = cv2.cvtColor(pixels[:, None], cv2.COLOR_RGB2HSV_FULL)
    turned[..., 0] = (turned[..., 0].astype(int) + round(degrees * 256 / 360)) % 256
    return cv2.cvtColor(turned, cv2.COLOR_HSV2RGB_FULL)[:, 0]


def density(mixing: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Optical density, as a row, times a matrix."""
    offset = np.full(3, np.log(256.0))
    return remix(pixels[:, None], 256.0, -mixing.T, offset, shift=-1.0)[:, 0]


def stains(*vectors: object) -> Change:
    """Haematoxylin, eosin and the rest with other vectors, at the same concentrations."""
    return partial(density, HED_FROM_RGB @ np.array(vectors))


H, E, REST = RGB_FROM_HED
CHANGES: dict[str, Change] = {
    "as it is": lambda pixels: pixels,
    "red and blue exchanged": lambda pixels: pixels[:, ::-1],
    "grey": lambda pixels: np.repeat(pixels[:, 1:2], 3, axis=1),
    "hue turned by 30 degrees": partial(hue, 30),
    "hue turned by -30 degrees": partial(hue, -30),
    "hue turned by 60 degrees": partial(hue, 60),
    "hue turned by -60 degrees": partial(hue, -60),
    "brown (DAB) in place of eosin": stains(H, DAB, REST),
    "faded to half": partial(density, 0.5 * np.eye(3)),
    "faded to 0.7": partial(density, 0.7 * np.eye(3)),
    "haematoxylin x 0.4": stains(0.4 * H, E, REST),
}


def laboratories(data: Path) -> dict[str, dict[str, list[Path]]]:
    """Laboratory (scanner or data set) -> case -> images."""
    found: dict[str, dict[str, list[Path]]] = {}
    for name in ("midogpp_patches", "atnorm_br", "brecahad"):
        with (data / name / "labels.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                tumour = row.get("tumour", name).removeprefix("likely ")
                laboratory = row.get("scanner") or tumour
                images = found.setdefault(laboratory, {}).setdefault(row["case"], [])
                path = data / name / row["image"]
                if path not in images:
                    images.append(path)
    return found


def stain_rows(data: Path) -> Iterator[list[object]]:
    cases: dict[str, list[tuple[list[np.ndarray], float]]] = {}
    for laboratory, own in laboratories(data).items():
        for paths in own.values():
            images = [decode_image(path) for path in paths]
            mm2 = sum(image[..., 0].size * SPACING_UM_PX**2 / 1e6 for image in images)
            if mm2 >= LEAST_MM2:
                pixels = np.concatenate([sampled(image) for image in images])
                few = pixels[:: max(1, len(pixels) // CASE_PIXELS) | 1]
                cases.setdefault(laboratory, []).append(([few], mm2))
    every = StainRange.of(case for own in cases.values() for case in own)
    others = {
        laboratory: StainRange.of(
            c for name, own in cases.items() if name != laboratory for c in own
        )
        for laboratory in cases
    }
    for change, function in CHANGES.items():
        warned = np.zeros(2, int)
        count = 0
        for laboratory, own in cases.items():
            before = warned.copy()
            for (pixels,), _ in own:
                numbers = stain_numbers(function(pixels))
                for which, known in enumerate((others[laboratory], every)):
                    warned[which] += numbers is None or bool(known and known.beyond(numbers))
            count += len(own)
            if change == "as it is":
                yield ["stain", change, laboratory, len(own), *(warned - before)]
        yield ["stain", change, "all", count, *warned]


def blurred(image: np.ndarray, sigma_um: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma_um / SPACING_UM_PX) if sigma_um else image


def focus_rows(data: Path) -> Iterator[list[object]]:
    """Frames as `predict` takes them, then pieces of 64 um and patches of 32 um alone."""
    folder = model_folder("edge")
    spec, learned = read_spec(folder), read_learned(folder)
    frames = {
        name: [decode_image(path) for path in sorted((data / name).rglob("*.jpg"))]
        for name in ("brecahad", "icpr2012_format")
    }
    pieces = {
        name: [
            image[y : y + WINDOW_PX, x : x + WINDOW_PX]
            for image in images
            for y in range(0, image.shape[0] - WINDOW_PX + 1, WINDOW_PX)
            for x in range(0, image.shape[1] - WINDOW_PX + 1, WINDOW_PX)
        ]
        for name, images in frames.items()
    }
    for laboratory, own in laboratories(data).items():
        if laboratory != "brecahad":
            pieces[laboratory] = [
                decode_image(path) for paths in own.values() for path in paths[:12]
            ]
    for sigma_um in SIGMAS_UM:
        change = f"blur, sigma {sigma_um:g} um" if sigma_um else "as it is"
        for name, images in frames.items():
            warned = 0
            for image in images:
                slide = ImageSlide(blurred(image, sigma_um), SPACING_UM_PX)
                found = tissue_tiles(slide, 1.0, spec)
                share = suitability_of(Plane(slide), found, spec, learned, None).out_of_focus
                warned += share is not None and share >= BLURRED_SHARE
            yield ["focus, frames", change, name, len(images), warned, ""]
        for name, images in pieces.items():
            sharp = [is_sharp(blurred(image, sigma_um), SPACING_UM_PX) for image in images]
            yield ["focus, pieces", change, name, len(images), sharp.count(False), ""]


def main(data: Path) -> None:
    with Path(__file__).with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["what", "change", "of", "number", "warned", "warned_laboratory_known"])
        table.writerows(stain_rows(data))
        table.writerows(focus_rows(data))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
