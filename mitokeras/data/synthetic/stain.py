"""The look of a case: how one laboratory stains and one scanner records.

Concentrations become colours by Beer and Lambert's law with one unit vector of optical density
for each stain (Ruifrok and Johnston, 2001); the ranges of the vectors cover what breast
carcinoma of several laboratories shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mitokeras.data.synthetic.canvas import Canvas, smooth_noise

_CASE_STREAM = 7_001


@dataclass(frozen=True, eq=False)
class Look:
    """One laboratory and scanner.

    Attributes:
        vectors: Unit optical density vectors of haematoxylin and eosin, RGB, shape (2, 3).
        strength: Factors on the two concentrations.
        white: RGB of the empty slide, 0 to 255.
        gamma: Exponent of the recorded intensity.
        blur_um: Standard deviation of the optics' blur.
        sharpen: Weight of the scanner's unsharp mask.
        noise: Standard deviation of the sensor's noise, grey levels.
        jpeg_quality: Quality of the scanner's JPEG compression, 0 to 100.
        vesicular: 0 where nuclei are dark and smooth, 1 where they are clear and granular.
        chromatin: Haematoxylin of condensed chromatin, in figures and look-alikes alike.
        nuclear_eosin: Eosin of ordinary nuclei.
        foam: 0 where cytoplasm is even, 1 where it is a web about small vacuoles.
        membrane: Extra eosin of the borders between cells; negative where they draw apart.
        looseness: Texture of the stroma, from 0, dense bundles, to 1, wisps.
        pallor: Mean eosin of the tumour's cytoplasm.
        amphophilia: Mean haematoxylin of the tumour's cytoplasm.
        stroma: Share of the field that is stroma, about.
        nucleus_um: Mean length of the tumour's nuclei.
    """

    vectors: np.ndarray
    strength: tuple[float, float]
    white: np.ndarray
    gamma: float
    blur_um: float
    sharpen: float
    noise: float
    jpeg_quality: int
    vesicular: float
    chromatin: float
    nuclear_eosin: float
    foam: float
    membrane: float
    looseness: float
    pallor: float
    amphophilia: float
    stroma: float
    nucleus_um: float


def look_of_case(case: int) -> Look:
    """The look that belongs to a case number."""
    rng = np.random.default_rng([_CASE_STREAM, case])
    redness = rng.uniform()  # from the blue-violet to the crimson laboratories
    haematoxylin = np.array([0.70, 0.64, 0.31]) + redness * np.array([-0.16, 0.06, 0.10])
    eosin = np.array([0.22, 0.86, 0.38]) + redness * np.array([-0.12, -0.02, 0.16])
    vectors = np.stack([haematoxylin, eosin]) + rng.normal(0, 0.025, (2, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Look(
        vectors=vectors.astype(np.float32),
        strength=(rng.uniform(0.8, 1.2), rng.uniform(0.7, 1.2) * (1 + 0.35 * redness)),
        white=(rng.uniform(232, 250) + rng.normal(0, 3.5, 3)).astype(np.float32),
        gamma=rng.uniform(0.88, 1.12),
        blur_um=rng.uniform(0.12, 0.26),
        sharpen=rng.choice([0.0, rng.uniform(0.2, 0.8)]),
        noise=rng.uniform(1.0, 3.5),
        jpeg_quality=int(rng.integers(72, 93)),
        vesicular=rng.uniform(0.1, 1.0),
        chromatin=rng.uniform(0.95, 1.4),
        nuclear_eosin=0.05 + 0.22 * redness,
        foam=rng.uniform(0.2, 1.0),
        membrane=rng.choice([rng.uniform(0.03, 0.12), rng.uniform(-0.1, -0.03)]),
        looseness=rng.uniform(0, 0.9),
        pallor=rng.uniform(0.17, 0.3),
        amphophilia=rng.uniform(0.04, 0.13),
        stroma=rng.uniform(0.15, 0.45),
        nucleus_um=rng.uniform(8.5, 11.5),
    )


def _focus(
    concentrations: np.ndarray, look: Look, spacing: float, rng: np.random.Generator
) -> np.ndarray:
    """Blur as the optics do, more where the section lies out of the focal plane."""
    sharp = cv2.GaussianBlur(concentrations, (0, 0), max(0.3, look.blur_um / spacing))
    soft = cv2.GaussianBlur(sharp, (0, 0), 0.45 / spacing)
    drift = smooth_noise(rng, concentrations.shape[:2], 90 / spacing) + rng.normal(-0.9, 0.5)
    weight = np.clip(drift, 0, 1)[..., None]
    return sharp + weight * (soft - sharp)


def develop(canvas: Canvas, look: Look, rng: np.random.Generator) -> np.ndarray:
    """The RGB image, uint8, that the scanner makes of the stained section."""
    strength = np.array(look.strength) * rng.normal(1, 0.05, 2)
    stains = np.dstack([canvas.haematoxylin, canvas.eosin]) * strength.astype(np.float32)
    thickness = 1 + 0.06 * smooth_noise(rng, canvas.shape, 150 / canvas.spacing)
    stains = _focus(np.maximum(stains, 0) * thickness[..., None], look, canvas.spacing, rng)
    density = stains @ look.vectors
    light = 1 + 0.02 * smooth_noise(rng, canvas.shape, 400 / canvas.spacing)
    image = np.exp(density * np.float32(-np.log(10) * look.gamma))
    image *= (look.white * rng.normal(1, 0.012)) * light[..., None]
    if look.sharpen:
        image += look.sharpen * (image - cv2.GaussianBlur(image, (0, 0), 0.35 / canvas.spacing))
    image += rng.normal(0, look.noise, image.shape).astype(np.float32)
    pixels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, look.jpeg_quality]
    _, coded = cv2.imencode(".jpg", pixels[..., ::-1], quality)
    return cv2.cvtColor(cv2.imdecode(coded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
