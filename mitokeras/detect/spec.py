"""`detector.json`, the one contract of every run and bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mitokeras.counting.atypical import Subtyping
from mitokeras.data.sizes import CropPx, TilePx, Tiling, check_halo
from mitokeras.disk.files import read_json, sha256_of
from mitokeras.disk.records import LeanRecord, Record, parse
from mitokeras.errors import ConfigError, ModelError
from mitokeras.runners.runner import Role

if TYPE_CHECKING:
    from mitokeras.data.stain import MacenkoNormalizer

FORMAT_VERSION = 1
DETECTOR_FILE = "detector.json"

Probability = Annotated[float, Field(ge=0, le=1)]


class Thresholds(Record):
    """Thresholds of both stages, 0 to 1.

    Attributes:
        segmenter: A pixel is a candidate's when its probability is greater.
        classifier: A candidate is accepted at this probability or more.
    """

    segmenter: Probability
    classifier: Probability


class ModelFile(Record):
    """One network of a run or bundle.

    Attributes:
        file: Name inside the folder of detector.json, no path.
        sha256: Hash of the file, hexadecimal.
    """

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

    @classmethod
    def of(cls, path: Path) -> Self:
        """A file as it is now."""
        return cls(file=path.name, sha256=sha256_of(path))


class DetectorSpec(LeanRecord):
    """Everything that running the networks needs besides them.

    Attributes:
        format_version: Version of this file; a newer one is refused.
        spacing_um_px: Images are brought to it.
        tile_px: Edge of the segmenter's input.
        halo_px: Context on each side of a tile.
        tiling: "halo", or "windows": a field in one piece goes by windows of `tile_px`, and each
            pixel gets the mean over those that cover it; a slide goes in tiles with a halo.
        color_order: Order of the channels of every input.
        value_range: Range of every input; rescaling is inside the networks.
        stain: `{"policy": "none"}`, or "macenko" with the reference that each field is
            normalised to.
        segmenter_threshold: A pixel is a candidate's when its probability is greater.
        classifier_threshold: A candidate is accepted at this probability or more.
        thresholds_chosen: How, and on what.
        min_area_px: A candidate is larger.
        crop_px: Edge of the square about a candidate, the classifier's input.
        protocol: The thresholds were chosen by it.
        data_sha256: Hash of the training store.
        subtyping: How stage 3 tells atypical figures from normal ones; None without a stage 3.
        models: The network files, under "segmenter", "classifier" and, with a stage 3, "subtyper".
    """

    format_version: Literal[1] = 1
    spacing_um_px: Annotated[float, Field(gt=0)]
    tile_px: TilePx
    halo_px: Annotated[int, Field(ge=0)]
    tiling: Tiling = "halo"
    color_order: Literal["RGB"] = "RGB"
    value_range: Annotated[tuple[Literal[0], Literal[255]], Field(strict=False)] = (0, 255)
    stain: dict[str, Any]
    segmenter_threshold: Probability
    classifier_threshold: Probability
    thresholds_chosen: str
    min_area_px: Annotated[int, Field(ge=0)]
    crop_px: CropPx
    protocol: str
    data_sha256: str
    subtyping: Subtyping | None = None
    models: dict[Role, ModelFile]

    @model_validator(mode="after")
    def _core_is_left(self) -> DetectorSpec:
        check_halo(self.tile_px, self.halo_px)
        return self

    @property
    def sides(self) -> dict[Role, int]:
        """Edge of the images that each of its networks takes, in the order of the stages."""
        sides: dict[Role, int] = {"segmenter": self.tile_px, "classifier": self.crop_px}
        return sides if self.subtyping is None else {**sides, "subtyper": self.crop_px}

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(segmenter=self.segmenter_threshold, classifier=self.classifier_threshold)

    def at(self, thresholds: Thresholds, chosen: str | None = None) -> Self:
        """The same with other thresholds, and how they were chosen."""
        return self.changed(
            segmenter_threshold=thresholds.segmenter,
            classifier_threshold=thresholds.classifier,
            thresholds_chosen=self.thresholds_chosen if chosen is None else chosen,
        )

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
        from mitokeras.data.stain import MacenkoNormalizer  # reading a file needs no OpenCV

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
    for role in spec.sides:
        if role not in spec.models:
            raise ModelError(f"{path}: 'models' must name a {role}")
        _check_file(folder, spec.models[role])
    if "subtyper" in spec.models and spec.subtyping is None:
        raise ModelError(f"{path}: 'subtyping' must be there beside a subtyper")
    return spec


def _check_file(folder: Path, model: ModelFile) -> None:
    path = folder / model.file
    if not path.is_file():
        raise ModelError(f"{path}: named in {DETECTOR_FILE} but missing")
    found = sha256_of(path)
    if found != model.sha256:
        raise ModelError(
            f"{path}: its SHA-256 must be {model.sha256} as {DETECTOR_FILE} says. Received: {found}"
        )
