"""Between the stages: stage 1's threshold, and its candidates as stage 2's training material."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import keras
import numpy as np

from mitokeras.data.protocols import Protocol, get_protocol
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import Candidates, find_candidates
from mitokeras.disk.files import atomic_path
from mitokeras.run.config import Config
from mitokeras.run.seeds import stream
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.thresholds import (
    SEGMENTER_THRESHOLDS,
    candidates_at_thresholds,
    highest_with_recall,
    segmenter_counts,
)
from mitokeras.train.batches.places import Places, joined, places_at
from mitokeras.train.batches.samplers import UNLABELLED_TARGET, field_stains
from mitokeras.train.batches.stain_exchange import draw_stains, exchange_stains, plausible_stains
from mitokeras.train.field_maps import FieldMaps, Unseen
from mitokeras.train.prepare import RunData

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Mined:
    """What stage 1 says about the training and validation fields, by the index of the field.

    Attributes:
        threshold: Chosen on the validation fields.
        training: Candidates of each training field, at the lower mining threshold.
        validation: Candidates of each validation field, at the chosen threshold.

    The validation fields are those that are completely labelled; the training fields are all,
    as a classifier whose figures come from other laboratories than its false candidates learns
    to know the laboratories.
    """

    threshold: float
    training: dict[int, Candidates]
    validation: dict[int, Candidates]

    def places(self, fields: Sequence[StoredField], protocol: Protocol) -> Places:
        """The candidates of the training fields, each with what is known of the truth."""
        parts = []
        for field in fields:
            xy = self.training[field.index].xy
            hits = is_figure(field, xy, protocol)
            taught = hits | ~field.is_unsure(xy)
            other = np.where(field.is_labelled(xy), 0.0, UNLABELLED_TARGET)
            target = np.where(hits, 1.0, other)
            parts.append(places_at(field.index, xy[taught], target[taught]))
        return joined(parts)


def is_figure(field: StoredField, xy: np.ndarray, protocol: Protocol) -> np.ndarray:
    """Whether each point of a field is within the protocol's radius of a mitotic figure."""
    distance = np.linalg.norm(xy[:, None] - field.figures[None], axis=2)
    return (distance <= protocol.radius_px(field.spacing_um_px)).any(axis=1)


def mine(
    segmenter: keras.Model,
    data: RunData,
    config: Config,
    file: Path,
    unseen: Sequence[Unseen] = (),
    threshold: float | None = None,
) -> Mined:
    """Run stage 1 over the training and validation fields, or read what it gave.

    The training fields are mined below the threshold, and looked at by a network that has not seen
    them, where there is one: the run's own knows them, and makes other and fewer mistakes than it
    will on tissue that it does not know.

    Args:
        segmenter: Stage 1, for tiles.
        data: Fields of the run.
        config: Configuration of the run.
        file: NPZ file that keeps the result.
        unseen: Networks of the same kind.
        threshold: Stage 1's; None for the highest that reaches `detection.recall` on the validation
            fields, or on the training fields where there are none.
    """
    if file.is_file():
        return _read(file, data)
    maps = FieldMaps(segmenter, unseen, data.store.fields, config)
    validation: dict[int, Candidates] = {}
    if threshold is None:
        threshold, validation = _choose(data, config, maps)
    mined = Mined(
        threshold=threshold,
        training=_training_candidates(data.of("train"), config, threshold, maps),
        validation=validation,
    )
    logger.info(
        "stage 1: threshold %.2f, %d candidates in training fields, %d in validation fields",
        threshold,
        sum(map(len, mined.training.values())),
        sum(map(len, mined.validation.values())),
    )
    _write(file, mined)
    return mined


def _choose(data: RunData, config: Config, maps: FieldMaps) -> tuple[float, dict[int, Candidates]]:
    """Stage 1's threshold, and what it finds in each validation field."""
    detection = config.detection
    protocol = get_protocol(detection.protocol)
    validation = data.complete("validation")
    swept = {
        field.index: candidates_at_thresholds(
            maps.probability(field, field.image()), detection.min_area_px
        )
        for field in validation or data.complete("train")
    }
    counts = np.sum(
        [
            segmenter_counts(ScoredField.of(data.store.fields[index]), found, protocol)
            for index, found in swept.items()
        ],
        axis=0,
    )
    chosen = highest_with_recall(counts, detection.recall)
    found = {field.index: swept[field.index][chosen] for field in validation}
    return float(SEGMENTER_THRESHOLDS[chosen]), found


def _training_candidates(
    fields: Sequence[StoredField],
    config: Config,
    threshold: float,
    maps: FieldMaps,
) -> dict[int, Candidates]:
    """Candidates of each training field.

    Args:
        fields: The training fields.
        config: Configuration of the run.
        threshold: Chosen for the detector.
        maps: Stage 1's.
    """
    detection = config.detection
    lower = threshold * config.classifier.mining_threshold
    looks = _looks(fields, config)
    result = {}
    for field in fields:
        found = [
            find_candidates(maps.probability(field, image), lower, detection.min_area_px)
            for image in looks(field)
        ]
        result[field.index] = Candidates.joined(found)
    return result


def _looks(
    fields: Sequence[StoredField], config: Config
) -> Callable[[StoredField], Iterator[np.ndarray]]:
    """Training field -> its image, then that in the stains of other training fields."""
    stains = field_stains(fields) if config.classifier.mining_stains else {}
    pool = [plausible_stains(each) for each in stains.values() if each is not None]

    def looks(field: StoredField) -> Iterator[np.ndarray]:
        image = field.image()
        yield image
        own = stains.get(field.index)
        if own is None:
            return
        rng = stream(config.seed, "mining stains", field.index)
        for _ in range(config.classifier.mining_stains):
            yield exchange_stains(image, plausible_stains(own), draw_stains(pool, rng))

    return looks


_ARRAYS = tuple(each.name for each in fields(Candidates))


def _write(file: Path, mined: Mined) -> None:
    all_fields = {**mined.training, **mined.validation}
    arrays = {
        name: np.concatenate([getattr(found, name) for found in all_fields.values()])
        for name in _ARRAYS
    }
    index = np.concatenate([np.full(len(found), i) for i, found in all_fields.items()])
    with atomic_path(file) as partial:
        np.savez(
            partial,
            allow_pickle=False,
            threshold=np.array(mined.threshold),
            field=index,
            **arrays,
        )


def _read(file: Path, data: RunData) -> Mined:
    with np.load(file, allow_pickle=False) as saved:
        arrays = {name: saved[name] for name in (*_ARRAYS, "field")}
        threshold = float(saved["threshold"])

    def of(index: int) -> Candidates:
        own = arrays["field"] == index
        return Candidates(**{name: arrays[name][own] for name in _ARRAYS})

    return Mined(
        threshold=threshold,
        training={field.index: of(field.index) for field in data.of("train")},
        validation={field.index: of(field.index) for field in data.complete("validation")},
    )
