"""The two-stage detector, and `detector.json`, the one contract of every run and bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from mitokeras.candidates import (
    Candidates,
    Classifier,
    classifier_scores,
    find_candidates,
)
from mitokeras.data.stain import MacenkoNormalizer
from mitokeras.errors import ConfigError, ModelError
from mitokeras.files import read_json, sha256_of
from mitokeras.records import Record, parse
from mitokeras.runners import Role, load_runner
from mitokeras.spacing import resize, resize_factor
from mitokeras.tiling import Segmenter, probability_map

if TYPE_CHECKING:
    from mitokeras.predict.sources import Source
    from mitokeras.prediction import Prediction

FORMAT_VERSION = 1
DETECTOR_FILE = "detector.json"

Probability = Annotated[float, Field(ge=0, le=1)]


class ModelFile(Record):
    """One network of a run or bundle.

    Attributes:
        file: Name inside the folder of detector.json, no path.
        sha256: Of the file, hexadecimal.
    """

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class DetectorSpec(Record):
    """Everything that running the two networks needs besides them.

    Attributes:
        format_version: Of this file; a newer one is refused.
        spacing_um_px: Images are brought to it.
        tile_px: Edge of the segmenter's input.
        halo_px: Context on each side of a tile.
        color_order: Of every input.
        value_range: Of every input; rescaling is inside the networks.
        stain: `{"policy": "none"}`, or "macenko" with the reference that each field is
            normalised to.
        segmenter_threshold: A pixel is a candidate's when its probability is greater.
        classifier_threshold: A candidate is accepted at this probability or more.
        thresholds_chosen: How, and on what.
        min_area_px: A candidate is larger.
        crop_px: Edge of the square about a candidate, the classifier's input.
        protocol: The thresholds were chosen by it.
        data_sha256: Of the training store.
        models: Under "segmenter" and "classifier".
    """

    format_version: Literal[1] = 1
    spacing_um_px: Annotated[float, Field(gt=0)]
    tile_px: Annotated[int, Field(gt=0, multiple_of=8)]
    halo_px: Annotated[int, Field(ge=0)]
    color_order: Literal["RGB"] = "RGB"
    value_range: Annotated[tuple[Literal[0], Literal[255]], Field(strict=False)] = (0, 255)
    stain: dict[str, Any]
    segmenter_threshold: Probability
    classifier_threshold: Probability
    thresholds_chosen: str
    min_area_px: Annotated[int, Field(ge=0)]
    crop_px: Annotated[int, Field(gt=0, multiple_of=2)]
    protocol: str
    data_sha256: str
    models: dict[Literal["segmenter", "classifier"], ModelFile]

    @model_validator(mode="after")
    def _core_is_left(self) -> DetectorSpec:
        if 2 * self.halo_px >= self.tile_px:
            raise ValueError("halo_px must be less than half of tile_px")
        return self

    @property
    def thresholds(self) -> dict[str, float]:
        """Of both stages, as score reports name them."""
        return {"segmenter": self.segmenter_threshold, "classifier": self.classifier_threshold}

    def normalizer(self) -> MacenkoNormalizer | None:
        """The stain normaliser, or None by the policy "none".

        Raises:
            ModelError: The policy is unknown or its reference malformed.
        """
        return stain_normalizer(self.stain)


def stain_normalizer(stain: dict[str, Any]) -> MacenkoNormalizer | None:
    """Build the normaliser of a stain policy as detector.json states it.

    Raises:
        ModelError: The policy is unknown or its reference malformed.
    """
    reference = {key: value for key, value in stain.items() if key != "policy"}
    if stain.get("policy") == "none" and not reference:
        return None
    if stain.get("policy") == "macenko":
        return MacenkoNormalizer.from_json(reference)
    raise ModelError(f"the stain policy must be none or macenko. Received: {stain}")


def read_spec(folder: Path) -> DetectorSpec:
    """Read and check `detector.json` and the model files that it names.

    Raises:
        ModelError: The folder holds no finished run or bundle, the format is newer, a value is
            wrong, or a model file is missing or has another hash.
    """
    path = folder / DETECTOR_FILE
    if not path.is_file():
        raise ModelError(f"{folder}: must be a finished run or bundle, with a {DETECTOR_FILE}")
    values = read_json(path)
    version = values.get("format_version") if isinstance(values, dict) else None
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise ModelError(
            f"{path}: format_version must be at most {FORMAT_VERSION}, so a newer mitokeras "
            f"wrote it. Received: {version}"
        )
    try:
        spec: DetectorSpec = parse(DetectorSpec, values)
        spec.normalizer()
    except (ConfigError, ModelError) as error:
        raise ModelError(f"{path}: {error}") from error
    for role in ("segmenter", "classifier"):
        if role not in spec.models:
            raise ModelError(f"{path}: 'models' must name a {role}")
        _check_file(folder, spec.models[role])
    return spec


def newest_version(folder: Path) -> Path:
    """The folder itself, or the highest integer version in it where it has no detector.json."""
    if (folder / DETECTOR_FILE).is_file() or not folder.is_dir():
        return folder
    versions = [path for path in folder.iterdir() if path.name.isdecimal()]
    return max(versions, key=lambda path: int(path.name), default=folder)


def _check_file(folder: Path, model: ModelFile) -> None:
    path = folder / model.file
    if not path.is_file():
        raise ModelError(f"{path}: named in {DETECTOR_FILE} but missing")
    found = sha256_of(path)
    if found != model.sha256:
        raise ModelError(
            f"{path}: its SHA-256 must be {model.sha256} as {DETECTOR_FILE} says. Received: {found}"
        )


class Detector:
    """Finds mitotic figures in fields and slides.

    Args:
        spec: Thresholds and sizes.
        segmenter: Stage 1, as a function of tiles.
        classifier: Stage 2, as a function of crops.
        name: Of the model, as predictions state it.

    Source: SCMitosis (arXiv 2212.13401), sections 3.1 and 3.5.
    """

    def __init__(
        self, spec: DetectorSpec, segmenter: Segmenter, classifier: Classifier, name: str = "model"
    ) -> None:
        self.spec = spec
        self.name = name
        self.segmenter = segmenter
        self.classifier = classifier
        self._normalizer = spec.normalizer()

    @classmethod
    def load(cls, folder: str | Path, threads: int | None = None) -> Detector:
        """Load a run, or a bundle of any format.

        Args:
            folder: A run, a bundle, or a base path of TF Serving, whose newest version is taken.
            threads: CPU threads to run the networks with; None for all cores.

        Raises:
            ModelError: See `read_spec`; or a model file cannot be run.
            MissingExtraError: The packages that run the networks are not installed.
        """
        folder = newest_version(Path(folder))
        spec = read_spec(folder)
        sides: dict[Role, int] = {"segmenter": spec.tile_px, "classifier": spec.crop_px}
        segmenter, classifier = (
            load_runner(folder / spec.models[role].file, role, side, threads)
            for role, side in sides.items()
        )
        return cls(spec, segmenter, classifier, folder.resolve().name)

    def predict(
        self, image: np.ndarray, spacing_um_px: float, field_diameter_mm: float | None = None
    ) -> Prediction:
        """Find and count the mitotic figures of an image in memory, as `mitokeras predict` does.

        Args:
            image: RGB, uint8, shape (height, width, 3).
            spacing_um_px: Size of its pixels.
            field_diameter_mm: Of one high-power field; None for `FIELD_DIAMETER_MM`.

        Raises:
            DataError: The spacing is too far from the model's, or the image shows no tissue.
        """
        from mitokeras.predict.sources import SlideInMemory
        from mitokeras.slides.image_reader import ImageSlide

        source = SlideInMemory(ImageSlide(image, spacing_um_px), "image")
        return self._predict(source, field_diameter_mm)

    def predict_slide(
        self,
        path: str | Path,
        spacing_um_px: float | None = None,
        field_diameter_mm: float | None = None,
    ) -> Prediction:
        """Find and count the mitotic figures of a slide or image file, as `mitokeras predict` does.

        Args:
            path: Of the file.
            spacing_um_px: Instead of what the file states.
            field_diameter_mm: Of one high-power field; None for `FIELD_DIAMETER_MM`.

        Raises:
            DataError: The file cannot be read, states no spacing, its spacing is too far from the
                model's, or it shows no tissue.
        """
        from mitokeras.predict.sources import SlideFile

        return self._predict(SlideFile(Path(path), spacing_um_px), field_diameter_mm)

    def _predict(self, source: Source, field_diameter_mm: float | None) -> Prediction:
        # Training and scoring need no slide readers.
        from mitokeras.predict.detection import FIELD_DIAMETER_MM, detect_steps
        from mitokeras.predict.engines.local import LocalEngine

        diameter = field_diameter_mm or FIELD_DIAMETER_MM
        steps = detect_steps(source, self.spec, self.name, diameter)
        return LocalEngine(self).follow(source, steps)

    def find(self, image: np.ndarray, spacing_um_px: float, name: str = "image") -> Candidates:
        """Find the candidates of a field in one piece.

        Args:
            image: RGB, uint8, shape (height, width, 3).
            spacing_um_px: Size of its pixels.
            name: For messages.

        Returns:
            All candidates of stage 1 in pixels of `image`, those that stage 2 rejected as well.

        Raises:
            DataError: The spacing is too far from the model's.
        """
        factor = resize_factor(spacing_um_px, self.spec.spacing_um_px, name)
        image = resize(image, factor)
        if self._normalizer is not None:
            image = self._normalizer.transform(image)
        return self.detect(image).scaled(1 / factor)

    def detect(self, image: np.ndarray) -> Candidates:
        """Both stages on a field at the model's spacing, with its stain policy applied."""
        spec = self.spec
        probability = self.probability(image)
        found = find_candidates(probability, spec.segmenter_threshold, spec.min_area_px)
        return self.judge(image, found)

    def probability(self, image: np.ndarray) -> np.ndarray:
        """Stage 1's map of a prepared field, float32, shape (height, width)."""
        return probability_map(image, self.segmenter, self.spec.tile_px, self.spec.halo_px)

    def judge(self, image: np.ndarray, found: Candidates) -> Candidates:
        """Stage 2's word on the candidates of a prepared field."""
        spec = self.spec
        scores = classifier_scores(image, found.xy, self.classifier, spec.crop_px)
        return found.judged(scores, spec.classifier_threshold)
