"""Between the stages: stage 1's threshold, and its candidates as stage 2's training material."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import keras
import numpy as np

from mitokeras.data.protocols import Protocol, get_protocol
from mitokeras.data.store import Store
from mitokeras.detect.candidates import Candidates, find_candidates
from mitokeras.detect.tiling import probability_map
from mitokeras.disk.files import atomic_path
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner
from mitokeras.score.thresholds import (
    SEGMENTER_THRESHOLDS,
    candidates_at_thresholds,
    choose_segmenter_threshold,
)
from mitokeras.train.batches.places import Places
from mitokeras.train.batches.samplers import UNLABELLED_TARGET, field_stains
from mitokeras.train.batches.stain_exchange import draw_stains, exchange_stains, plausible_stains
from mitokeras.train.prepare import RunData, truth_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Mined:
    """What stage 1 says about the training and validation fields.

    Attributes:
        threshold: Chosen on the validation fields.
        counts: Pooled (tp, fp, fn) of the validation fields at each of `SEGMENTER_THRESHOLDS`.
        training: Candidates of each training field, at the lower mining threshold.
        validation: Candidates of each validation field, at the chosen threshold.

    The validation fields are those that are completely labelled; the training fields are all,
    as a classifier whose figures come from other laboratories than its false candidates learns
    to know the laboratories.
    """

    threshold: float
    counts: np.ndarray
    training: dict[int, Candidates]
    validation: dict[int, Candidates]

    def places(self, store: Store, config: Config) -> Places:
        """The training candidates, each labelled by what is known of the truth."""
        protocol = get_protocol(config.detection.protocol)
        rows = [np.zeros((0, 4))]
        for index, found in self.training.items():
            label = is_figure(store, index, found.xy, protocol).astype(float)
            if not store.fields[index].complete:
                label[label == 0] = UNLABELLED_TARGET
            rows.append(np.column_stack([np.full(len(found), index), found.xy, label]))
        return np.concatenate(rows)


def is_figure(store: Store, index: int, xy: np.ndarray, protocol: Protocol) -> np.ndarray:
    """Whether each point of a field is within the protocol's radius of a mitotic figure."""
    figures = store.fields[index].figures
    distance = np.linalg.norm(xy[:, None] - figures[None], axis=2)
    return (distance <= protocol.radius_px(store.spacing_um_px)).any(axis=1)


def mine(run: RunFolder, store: Store, data: RunData, segmenter: keras.Model) -> Mined:
    """Run stage 1 over the training and validation fields, or read what it gave.

    The threshold is the highest that reaches `detection.recall` on the validation fields, or on
    the training fields where there are none. The training fields are mined below it, because the
    network knows them and makes few mistakes.
    """
    config = run.settings.config
    file = run.checkpoints / "candidates.npz"
    if file.is_file():
        return _read(file, data)
    runner = KerasRunner(segmenter)
    detection = config.detection

    def probability(index: int) -> np.ndarray:
        return of_image(store.image(index))

    def of_image(image: np.ndarray) -> np.ndarray:
        return probability_map(image, runner, detection.tile_px, detection.halo_px)

    protocol = get_protocol(detection.protocol)
    validation = data.complete("validation")
    swept = {
        index: candidates_at_thresholds(probability(index), detection.min_area_px)
        for index in validation or data.complete("train")
    }
    chosen, counts = choose_segmenter_threshold(
        ((truth_of(store, i), found) for i, found in swept.items()), protocol, detection.recall
    )
    threshold = float(SEGMENTER_THRESHOLDS[chosen])
    mining_threshold = threshold * config.classifier.mining_threshold
    looks = _looks(store, data, config)
    mined = Mined(
        threshold=threshold,
        counts=counts,
        training={
            index: Candidates.joined(
                [
                    find_candidates(of_image(image), mining_threshold, detection.min_area_px)
                    for image in looks(index)
                ]
            )
            for index in data.of("train")
        },
        validation={index: swept[index][chosen] for index in validation},
    )
    logger.info(
        "stage 1: threshold %.2f, %d candidates in training fields, %d in validation fields",
        threshold,
        sum(map(len, mined.training.values())),
        sum(map(len, mined.validation.values())),
    )
    _write(file, mined)
    return mined


def _looks(store: Store, data: RunData, config: Config) -> Callable[[int], Iterator[np.ndarray]]:
    """Index -> the image of a training field, then in the stains of other training fields."""
    stains = field_stains(store, data.of("train") if config.classifier.mining_stains else [])
    pool = [plausible_stains(each) for each in stains.values() if each is not None]

    def looks(index: int) -> Iterator[np.ndarray]:
        image = store.image(index)
        yield image
        own = stains.get(index)
        if own is None:
            return
        rng = np.random.default_rng((config.seed, 3, index))
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
            counts=mined.counts,
            field=index,
            **arrays,
        )


def _read(file: Path, data: RunData) -> Mined:
    with np.load(file, allow_pickle=False) as saved:
        arrays = {name: saved[name] for name in (*_ARRAYS, "field", "counts")}
        threshold = float(saved["threshold"])

    def of(index: int) -> Candidates:
        own = arrays["field"] == index
        return Candidates(**{name: arrays[name][own] for name in _ARRAYS})

    return Mined(
        threshold=threshold,
        counts=arrays["counts"],
        training={index: of(index) for index in data.of("train")},
        validation={index: of(index) for index in data.complete("validation")},
    )
