"""All stages on a field in one piece."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np

from mitokeras.data.resize import resize, resize_factor
from mitokeras.detect.candidates import (
    Candidates,
    Classifier,
    classifier_scores,
    find_candidates,
)
from mitokeras.detect.curve import FalseCurve, at_false_rate, read_curve
from mitokeras.detect.folder import model_folder
from mitokeras.detect.learned import Learned, read_learned
from mitokeras.detect.spec import DetectorSpec, Thresholds, read_spec
from mitokeras.detect.tiling import Segmenter, probability_map
from mitokeras.errors import ModelError
from mitokeras.runners.loading import load_runner
from mitokeras.slides.samples import check_is_rgb


class FieldDetector:
    """Finds the candidates of a field, and says which are mitotic figures, and which atypical.

    Args:
        spec: Thresholds and sizes.
        segmenter: Stage 1, as a function of tiles.
        classifier: Stage 2, as a function of crops.
        name: Name of the model, as predictions state it.
        curve: The false figures that a cross-validation has measured, where one has.
        learned: What the networks have learned from, as far as it is known.
        subtyper: Stage 3, as a function of crops, where `spec` has a `subtyping`.

    Source: SCMitosis (arXiv 2212.13401), sections 3.1 and 3.5.
    """

    def __init__(
        self,
        spec: DetectorSpec,
        segmenter: Segmenter,
        classifier: Classifier,
        name: str = "model",
        curve: FalseCurve | None = None,
        learned: Learned | None = None,
        subtyper: Classifier | None = None,
    ) -> None:
        self.spec = spec
        self.learned = learned or Learned()
        self.name = name
        self.curve = curve
        self.segmenter = segmenter
        self.classifier = classifier
        self.subtyper = subtyper
        self._normalizer = spec.normalizer()

    @classmethod
    def load(cls, model: str | Path, threads: int | None = None) -> Self:
        """Load a run, a bundle of any format, or a model that ships with the package.

        Args:
            model: A run, a bundle, or a base path of TF Serving, whose newest version is taken; or
                the name of a shipped model, such as "edge". A string that is such a name means
                the shipped model even where a folder of that name is in the working directory: so
                "edge" is the same wherever a program runs. That folder is "./edge", or any Path.
            threads: CPU threads to run the networks with; None for all cores.

        Raises:
            ModelError: There is no such folder or name; see `read_spec`; a model file cannot
                be run; or crossvalidation.json or what says what it has learned from is malformed.
            MissingExtraError: The packages that run the networks are not installed.
        """
        folder = model_folder(model)
        spec = read_spec(folder)
        curve = read_curve(folder, spec)
        networks = {
            role: load_runner(folder / spec.models[role].file, role, side, threads)
            for role, side in spec.sides.items()
        }
        name = folder.resolve().name
        return cls(
            spec,
            networks["segmenter"],
            networks["classifier"],
            name,
            curve,
            read_learned(folder),
            networks.get("subtyper"),
        )

    def at(self, thresholds: Thresholds, chosen: str | None = None) -> Self:
        """The same networks at other thresholds; see `DetectorSpec.at`."""
        return self._at(self.spec.at(thresholds, chosen))

    def at_false_rate(self, false_per_mm2: float) -> Self:
        """The same networks at the lowest threshold of stage 2 with at most so many false figures.

        Args:
            false_per_mm2: The most false figures per mm2 of tissue, by the curve that the model's
                cross-validation has measured.

        Raises:
            ModelError: The model has no such curve, or it does not come down to the rate.
        """
        return self._at(at_false_rate(self.spec, self.curve, false_per_mm2, self.name))

    @property
    def false_per_mm2(self) -> float | None:
        """False figures per mm2 at its thresholds; None where they were not measured."""
        return None if self.curve is None else self.curve.false_per_mm2(self.spec.thresholds)

    def _at(self, spec: DetectorSpec) -> Self:
        networks = self.segmenter, self.classifier
        return type(self)(
            spec, *networks, self.name, self.curve, self.learned, subtyper=self.subtyper
        )

    def find(self, image: np.ndarray, spacing_um_px: float, name: str = "image") -> Candidates:
        """Find the candidates of a field in one piece.

        Args:
            image: RGB, uint8, shape (height, width, 3).
            spacing_um_px: Size of its pixels.
            name: For messages.

        Returns:
            All candidates of stage 1 in pixels of `image`, those that stage 2 rejected as well.

        Raises:
            DataError: The array is no such image, or its spacing is too far from the model's.
        """
        factor = resize_factor(spacing_um_px, self.spec.spacing_um_px, name)
        return self.detect(self._prepared(image, factor)).scaled(1 / factor)

    def atypical_scores(
        self, image: np.ndarray, spacing_um_px: float, xy: np.ndarray, name: str = "image"
    ) -> np.ndarray:
        """What stage 3 says about mitotic figures whose places are known.

        Args:
            image: RGB, uint8, shape (height, width, 3).
            spacing_um_px: Size of its pixels.
            xy: Centres (x, y) in its pixels, shape (n, 2).
            name: For messages.

        Returns:
            Probability of an atypical one, float32, shape (n,).

        Raises:
            DataError: As of `find`.
            ModelError: The model has no stage 3.
        """
        if self.subtyper is None:
            raise ModelError(f"{self.name}: has no stage 3")
        factor = resize_factor(spacing_um_px, self.spec.spacing_um_px, name)
        at = (xy + 0.5) * factor - 0.5  # pixel centres are at whole numbers
        prepared = self._prepared(image, factor)
        return classifier_scores(prepared, at, self.subtyper, self.spec.crop_px)

    def _prepared(self, image: np.ndarray, factor: float) -> np.ndarray:
        """At the model's spacing, with its stain policy applied."""
        check_is_rgb(image)
        image = resize(image, factor)
        return image if self._normalizer is None else self._normalizer.transform(image)

    def detect(self, image: np.ndarray) -> Candidates:
        """All stages on a field at the model's spacing, with its stain policy applied."""
        spec = self.spec
        probability = self.probability(image)
        found = find_candidates(probability, spec.segmenter_threshold, spec.min_area_px)
        return self.subtype(image, self.judge(image, found))

    def probability(self, image: np.ndarray) -> np.ndarray:
        """Stage 1's map of a prepared field, float32, shape (height, width)."""
        spec = self.spec
        return probability_map(image, self.segmenter, spec.tile_px, spec.halo_px, spec.tiling)

    def judge(self, image: np.ndarray, found: Candidates) -> Candidates:
        """Stage 2's word on the candidates of a prepared field."""
        spec = self.spec
        scores = classifier_scores(image, found.xy, self.classifier, spec.crop_px)
        return found.judged(scores, spec.classifier_threshold)

    def subtype(self, image: np.ndarray, judged: Candidates) -> Candidates:
        """Stage 3's word on the accepted candidates of a prepared field; as they are without it."""
        if self.subtyper is None:
            return judged
        xy = judged.xy[judged.accepted]
        return judged.subtyped(classifier_scores(image, xy, self.subtyper, self.spec.crop_px))
