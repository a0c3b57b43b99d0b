"""Training batches of both stages, through tf.data or as plain NumPy arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from mitokeras.data.fields import UNLABELLED
from mitokeras.data.protocols import get_protocol
from mitokeras.data.stain import estimate_stains
from mitokeras.data.store import Store
from mitokeras.run.config import Config
from mitokeras.train.batches.augment import augmentation, region_px
from mitokeras.train.batches.places import (
    MIXTURE_CYCLE,
    Places,
    PlaceSequence,
    by_source,
    handed_on,
    labelled_places,
    nucleus_places,
    random_places,
    read_region,
    sliding_places,
)
from mitokeras.train.batches.stain_exchange import Stains

if TYPE_CHECKING:
    import tensorflow as tf

RANDOM_PLACES = 20_000
"""Drawn once; more than any training visits between two repeats that a net could remember."""

CENTRE_JITTER = 0.25
"""A segmenter's patch is shifted by up to this share of its edge, so that figures lie anywhere."""

CANDIDATE_JITTER_PX = 4.0
"""A classifier's crop is shifted by up to this: stage 1's centroids are off by a few pixels."""

UNLABELLED_TARGET = 0.05
"""Of a crop away from the labels of a field that is not completely labelled: hardly ever a mitotic
figure, but not certainly none."""

Sampler = Callable[[int], tuple[np.ndarray, np.ndarray]]
"""Index -> image, RGB uint8 (edge, edge, 3), and target."""


def segmenter_sampler(store: Store, fields: list[int], config: Config) -> Sampler:
    """Augmented patches for stage 1; the target is the mask, uint8 (patch, patch, 1).

    Args:
        store: Of all fields.
        fields: Indices that patches may come from.
        config: Of the run.
    """
    part = config.segmenter
    patch_px = part.patch_px
    complete = [index for index in fields if store.fields[index].complete]
    places = {
        "figure": labelled_places(store, fields, "figures", 1),
        "lookalike": labelled_places(store, fields, "lookalikes", 0),
        "random": random_places(store, complete, RANDOM_PLACES, config.seed, 0.0),
        "sliding": sliding_places(store, complete, patch_px, part.overlap_px),
    }
    shares = handed_on(part.mix.model_dump(), places, {"lookalike": "random"})
    sequence = _sequence(store, places, shares, config)
    cut_px = region_px(config.augment, patch_px)
    stains = field_stains(store, fields if config.augment.stain_exchange else [])
    augment = augmentation(config.augment, patch_px, patch_px, _pool(stains))

    def sample(index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng((config.seed, 1, index))
        kind, (field, x, y, _) = sequence(index)
        if kind.startswith(("figure", "lookalike")):
            shift = rng.uniform(-CENTRE_JITTER, CENTRE_JITTER, 2) * patch_px
            x, y = x + shift[0], y + shift[1]
        image, mask = read_region(store, int(field), x, y, cut_px)
        result = augment({"image": image, "mask": mask, "stains": stains.get(int(field))}, rng)
        return result["image"], result["mask"][..., None]

    return sample


def classifier_sampler(
    store: Store, fields: list[int], candidates: Places, config: Config
) -> Sampler:
    """Augmented crops for stage 2; the target is 1 for a mitotic figure, float32 (1,).

    Args:
        store: Of all fields.
        fields: Indices that crops may come from.
        candidates: What stage 1 found in these fields, each labelled by what is known of the
            truth: 1 for a mitotic figure, less for a false candidate.
        config: Of the run.
    """
    part = config.classifier
    labelled = labelled_places(store, fields, "figures", 1)
    places = {
        "figure": np.concatenate([labelled, candidates[candidates[:, 3] == 1]]),
        "candidate": candidates[candidates[:, 3] < 1],
        "lookalike": labelled_places(store, fields, "lookalikes", 0),
    }
    heirs = {"lookalike": "candidate", "candidate": "random"}
    if part.mix.nucleus:
        clear_px = get_protocol(config.detection.protocol).radius_px(store.spacing_um_px)
        places["nucleus"] = nucleus_places(store, fields, clear_px)
        heirs["nucleus"] = "random"
    places["random"] = random_places(store, fields, RANDOM_PLACES, config.seed, part.crop_px / 2)
    complete = np.array([field.complete for field in store.fields])
    for kind in places.keys() & {"nucleus", "random"}:
        places[kind][~complete[places[kind][:, 0].astype(int)], 3] = UNLABELLED_TARGET
    shares = handed_on(part.mix.model_dump(), places, heirs)
    sequence = _sequence(store, places, shares, config)
    cut_px = region_px(config.augment, part.crop_px)
    stains = field_stains(store, fields if config.augment.stain_exchange else [])
    augment = augmentation(config.augment, part.crop_px, part.input_px, _pool(stains))

    def sample(index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng((config.seed, 2, index))
        _, (field, x, y, label) = sequence(index)
        dx, dy = rng.uniform(-CANDIDATE_JITTER_PX, CANDIDATE_JITTER_PX, 2)
        image, mask = read_region(store, int(field), x + dx, y + dy, cut_px)
        result = augment({"image": image, "mask": mask, "stains": stains.get(int(field))}, rng)
        return result["image"], np.array([label], dtype=np.float32)

    return sample


def _sequence(
    store: Store, places: dict[str, Places], shares: dict[str, float], config: Config
) -> PlaceSequence:
    sources = config.data.sources
    if not sources:
        return PlaceSequence(places, shares, config.seed)
    weights = {name: source.weight for name, source in sources.items()}
    shares, places = by_source(shares, places, store, weights)
    return PlaceSequence(places, shares, config.seed, MIXTURE_CYCLE)


def field_stains(store: Store, fields: list[int]) -> dict[int, Stains | None]:
    """The two stains of each field, None where it shows none."""
    stains = {}
    for index in fields:
        image, mask = store.field(index)
        if not store.fields[index].complete:
            # A small patch about a mitotic figure is darker for it than its tissue is.
            image = image[mask == UNLABELLED][:, None]
        stains[index] = estimate_stains(image)
    return stains


def _pool(stains: dict[int, Stains | None]) -> list[Stains]:
    return [each for each in stains.values() if each is not None]


def tf_batches(sampler: Sampler, batch: int, first: int = 0) -> tf.data.Dataset:
    """Endless batches, from the sample of index `first` on, in order."""
    import tensorflow as tf

    image, target = sampler(first)

    def load(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # OpenCV and HDF5 do the work outside of Python's lock.
        pair = tf.numpy_function(
            lambda i: sampler(int(i)), [index], [image.dtype, target.dtype], stateful=False
        )
        return tf.ensure_shape(pair[0], image.shape), tf.ensure_shape(pair[1], target.shape)

    options = tf.data.Options()
    # A pool of its own: TensorFlow's may have one thread only, see `devices.add_up_in_order`.
    options.threading.private_threadpool_size = os.cpu_count() or 1
    return (
        tf.data.Dataset.range(first, np.iinfo(np.int64).max)
        # In order whatever finishes first: the same seed gives the same training.
        .map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .batch(batch, drop_remainder=True)
        .prefetch(2)
        .with_options(options)
    )


def numpy_batches(
    sampler: Sampler, batch: int, first: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The same batches without TensorFlow, for the other backends of Keras."""
    while True:
        images, targets = zip(*(sampler(first + i) for i in range(batch)), strict=True)
        yield np.stack(images), np.stack(targets)
        first += batch
