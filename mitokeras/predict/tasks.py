"""The tasks that a slide is divided into; each can run in another process than its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from mitokeras.counting.prediction import Prediction
from mitokeras.detect.candidates import CROPS_A_CALL, crop_corners
from mitokeras.detect.regions import Regions, tile_regions
from mitokeras.detect.windows import averaged_map, in_windows
from mitokeras.predict.location import SlideFile, SlideLocation
from mitokeras.predict.survey import Survey, survey_slide
from mitokeras.report.slide.outputs import render
from mitokeras.slides import Slide
from mitokeras.slides.ahead import read_ahead

if TYPE_CHECKING:
    from mitokeras.detect.detector import FieldDetector

Tick = Callable[[int], object]
"""Called with the number of tiles or candidates that were done since the last call."""

TILES_A_CALL = 4

Item = TypeVar("Item")
Result = TypeVar("Result", covariant=True)


class Task(Protocol[Result]):
    """A piece of work on one slide.

    Attributes:
        location: Where the slide is found.
        size: Tiles or candidates in it.
    """

    @property
    def location(self) -> SlideLocation: ...

    @property
    def size(self) -> int: ...

    def run(self, slide: Slide, detector: FieldDetector, tick: Tick) -> Result: ...


@dataclass(frozen=True)
class SurveyTask:
    """The first look at the slide."""

    location: SlideLocation
    size: int = 1

    def run(self, slide: Slide, detector: FieldDetector, tick: Tick) -> Survey:
        location = self.location
        file = location.path if isinstance(location, SlideFile) else None
        return survey_slide(slide, detector.spec, str(location), detector.learned, file)


@dataclass(frozen=True, eq=False)
class SegmentTask:
    """Stage 1 on some tiles, or by windows on a field in one piece.

    Attributes:
        location: Where the slide is found.
        survey: What the first look at the slide gave.
        cores: Top left (y, x) of each tile's core, shape (n, 2).
    """

    location: SlideLocation
    survey: Survey
    cores: np.ndarray

    @property
    def size(self) -> int:
        return len(self.cores)

    def run(self, slide: Slide, detector: FieldDetector, tick: Tick) -> Regions:
        spec = detector.spec
        plane = self.survey.plane(slide, spec)
        grid = self.survey.grid(spec)
        cores = [(int(y), int(x)) for y, x in self.cores]
        threshold, least = spec.segmenter_threshold, spec.min_area_px
        found = []
        if in_windows(spec.tiling, grid.height, grid.width):
            whole = averaged_map(
                lambda corner: plane.read(corner, spec.tile_px),
                detector.segmenter,
                (grid.height, grid.width),
                spec.tile_px,
            )
            for y, x in cores:
                own = whole[y : y + grid.core_px, x : x + grid.core_px]
                found.append(tile_regions(own, (y, x), grid, threshold, least))
            tick(len(cores))
            return Regions.concatenate(found)
        # Closed before the slide is, whatever is raised here: its threads read from it.
        with closing(
            read_ahead(lambda core: plane.read(grid.corner(core), spec.tile_px), cores)
        ) as tiles:
            for chunk in _chunks(zip(cores, tiles, strict=True), TILES_A_CALL):
                maps = detector.segmenter(np.stack([tile for _, tile in chunk]))
                for (core, _), tile_map in zip(chunk, maps, strict=True):
                    own = grid.own(core, tile_map)
                    found.append(tile_regions(own, core, grid, threshold, least))
                tick(len(chunk))
        return Regions.concatenate(found)


@dataclass(frozen=True, eq=False)
class Judgement:
    """What stages 2 and 3 say about some candidates.

    Attributes:
        classifier_score: Of stage 2, float32, shape (n,).
        atypical_score: Of stage 3, float32, shape (n,); NaN where a candidate is not accepted or
            there is no stage 3.
    """

    classifier_score: np.ndarray
    atypical_score: np.ndarray


@dataclass(frozen=True, eq=False)
class JudgeTask:
    """Stage 2 on some candidates, and stage 3 on those that it accepts.

    Attributes:
        location: Where the slide is found.
        survey: What the first look at the slide gave.
        xy: Centroids (x, y) in pixels of the plane, shape (n, 2).
    """

    location: SlideLocation
    survey: Survey
    xy: np.ndarray

    @property
    def size(self) -> int:
        return len(self.xy)

    def run(self, slide: Slide, detector: FieldDetector, tick: Tick) -> Judgement:
        crop_px, subtyper = detector.spec.crop_px, detector.subtyper
        plane = self.survey.plane(slide, detector.spec)
        corners = [(int(y), int(x)) for y, x in crop_corners(self.xy, crop_px)]
        scores, atypical = [np.zeros(0, np.float32)], [np.zeros(0, np.float32)]
        with closing(read_ahead(lambda corner: plane.read(corner, crop_px), corners)) as crops:
            for chunk in _chunks(crops, CROPS_A_CALL):
                images = np.stack(chunk)
                scores.append(detector.classifier(images))
                atypical.append(np.full(len(chunk), np.nan, np.float32))
                accepted = scores[-1] >= detector.spec.classifier_threshold
                if subtyper is not None and accepted.any():
                    atypical[-1][accepted] = subtyper(images[accepted])
                tick(len(chunk))
        return Judgement(np.concatenate(scores), np.concatenate(atypical))


@dataclass(frozen=True)
class RenderTask:
    """The output files of the slide, as bytes.

    Attributes:
        location: Where the slide is found.
        prediction: What was found.
        outputs: Names of `OUTPUTS`.
    """

    location: SlideLocation
    prediction: Prediction
    outputs: tuple[str, ...]
    size: int = 1

    def run(self, slide: Slide, detector: FieldDetector, tick: Tick) -> dict[str, bytes]:
        return render(self.prediction, slide, self.outputs)


def _chunks(items: Iterable[Item], length: int) -> Iterator[Sequence[Item]]:
    rest = iter(items)
    while chunk := list(islice(rest, length)):
        yield chunk
