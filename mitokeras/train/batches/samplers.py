"""What a stage learns from: the n-th augmented patch and its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from mitokeras.counting.atypical import SUBTYPES
from mitokeras.data.fields import UNLABELLED
from mitokeras.data.protocols import get_protocol
from mitokeras.data.stain import estimate_stains
from mitokeras.data.stored_field import StoredField
from mitokeras.run.config import Config
from mitokeras.run.data_config import AugmentConfig
from mitokeras.run.seeds import stream
from mitokeras.train.batches.augment import augmentation, region_px
from mitokeras.train.batches.borders import SharedBorders
from mitokeras.train.batches.feed import Sampler
from mitokeras.train.batches.mosaic import mosaic, parts_a_side
from mitokeras.train.batches.places import (
    Kind,
    Places,
    away_from_borders,
    figure_places,
    joined,
    lookalike_places,
    nucleus_places,
    places_at,
    random_places,
    read_region,
    sliding_places,
)
from mitokeras.train.batches.sequence import (
    CYCLE,
    FIGURE_NAME,
    MIXTURE_CYCLE,
    PlaceSequence,
    SourceWeights,
    by_source,
    handed_on,
)
from mitokeras.train.batches.stain_exchange import Stains

RANDOM_PLACES = 20_000
"""Drawn once; more than any training visits between two repeats that a net could remember."""

CENTRE_JITTER = 0.25
"""A segmenter's patch is shifted by up to this share of its edge, so that figures lie anywhere."""

CANDIDATE_JITTER_PX = 4.0
"""A classifier's crop is shifted by up to this: stage 1's centroids are off by a few pixels."""

BORDER_SHARE = 0.25
"""A negative crop's centre is at least that share of its edge away from the border of its field."""

UNLABELLED_TARGET = 0.05
"""Target of a crop away from the labels of a field that is not completely labelled: hardly ever a
mitotic figure, but not certainly none."""

FIGURE, LOOKALIKE, CANDIDATE, NUCLEUS, RANDOM, SLIDING = map(
    Kind, (FIGURE_NAME, "lookalike", "candidate", "nucleus", "random", "sliding")
)

NORMAL, ATYPICAL = SUBTYPES


def segmenter_sampler(fields: Sequence[StoredField], config: Config) -> Sampler:
    """Augmented patches for stage 1; the target is the mask, uint8 (patch, patch, 1).

    Where fields are small, a patch is a mosaic of smaller ones.

    Args:
        fields: Fields that patches may come from.
        config: Configuration of the run.
    """
    part = config.segmenter
    side = parts_a_side(fields, part.patch_px)
    patch_px = part.patch_px // side
    complete = [field for field in fields if field.complete]
    anywhere = random_places(complete, RANDOM_PLACES, _random(config, "segmenter"), 0.0)
    jitter_px = CENTRE_JITTER * patch_px
    if side > 1:
        # So that neither mirrored tissue nor the place in its part tells a figure.
        anywhere = away_from_borders(anywhere, complete, patch_px / 2)
        jitter_px = patch_px / 2
    places = {
        FIGURE: figure_places(fields),
        LOOKALIKE: lookalike_places(fields),
        RANDOM: anywhere,
        SLIDING: sliding_places(complete, patch_px, min(part.overlap_px, patch_px // 2)),
    }
    shares = _by_kind(part.mix.model_dump())
    own_shares, own_places = _shared_out(fields, places, shares, {LOOKALIKE: RANDOM}, config)
    sequence = _sequence(own_places, own_shares, config, "segmenter")
    by_index = {field.index: field for field in fields}
    cut_px = region_px(config.augment, patch_px)
    stains = field_stains(fields) if config.augment.stain_exchange else {}
    augment = augmentation(config.augment, patch_px, patch_px, _pool(stains))

    def sample(index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = stream(config.seed, "segmenter patch", index)
        kind, place = sequence(index)
        x, y = place["x"], place["y"]
        if kind.name in (FIGURE.name, LOOKALIKE.name):
            shift = rng.uniform(-jitter_px, jitter_px, 2)
            x, y = x + shift[0], y + shift[1]
        field = int(place["field"])
        image, mask = read_region(by_index[field], x, y, cut_px)
        result = augment({"image": image, "mask": mask, "stains": stains.get(field)}, rng)
        return result["image"], result["mask"][..., None]

    return mosaic(sample, side, config.seed)


def classifier_sampler(
    fields: Sequence[StoredField], candidates: Places, config: Config
) -> Sampler:
    """Augmented crops for stage 2; the target is 1 for a mitotic figure, float32 (1,).

    Args:
        fields: Fields that crops may come from.
        candidates: What stage 1 found in these fields: a target of 1 on a mitotic figure, less on
            a false candidate.
        config: Configuration of the run.
    """
    part = config.classifier
    on_figure = candidates["target"] == 1
    least_px = part.crop_px * BORDER_SHARE

    def inside(found: Places) -> Places:
        return away_from_borders(found, fields, least_px)

    places = {
        FIGURE: joined([figure_places(fields), candidates[on_figure]]),
        CANDIDATE: inside(candidates[~on_figure]),
        LOOKALIKE: lookalike_places(fields),
    }
    heirs = {LOOKALIKE: CANDIDATE, CANDIDATE: RANDOM}
    if part.mix.nucleus:
        clear_px = get_protocol(config.detection.protocol).radius_px(config.data.spacing_um_px)
        places[NUCLEUS] = _less_certain(inside(nucleus_places(fields, clear_px)), fields)
        heirs[NUCLEUS] = RANDOM
    anywhere = random_places(fields, RANDOM_PLACES, _random(config, "classifier"), part.crop_px / 2)
    places[RANDOM] = _less_certain(inside(anywhere), fields)
    shares = _by_kind(part.mix.model_dump())
    own_shares, own_places = _shared_out(fields, places, shares, heirs, config)
    return _crops(fields, own_places, own_shares, config, "classifier")


def subtyper_sampler(fields: Sequence[StoredField], config: Config) -> Sampler:
    """Augmented crops about mitotic figures for stage 3; the target is 1 for an atypical one.

    Each data set that has figures of both subtypes gives both by the same shares, so that its look
    says nothing about the subtype; what has one alone is left out.

    Args:
        fields: Fields that crops may come from.
        config: Configuration of the run.
    """
    places = {
        Kind(name): joined(
            [
                places_at(field.index, field.figures[field.subtypes == name], name == ATYPICAL)
                for field in fields
            ]
        )
        for name in SUBTYPES
    }
    atypical = config.subtyper.atypical
    shares = {Kind(NORMAL): 1 - atypical, Kind(ATYPICAL): atypical}
    own_shares, own_places = _of_both(fields, places, shares, config)
    return _crops(fields, own_places, own_shares, config, "subtyper")


def _of_both(
    fields: Sequence[StoredField],
    places: Mapping[Kind, Places],
    shares: Mapping[Kind, float],
    config: Config,
) -> tuple[dict[Kind, float], dict[Kind, Places]]:
    """Shares and places by data set, of those that have places of each kind."""
    source_of = {field.index: field.source for field in fields}
    weights = {
        name: source.figure_weight or source.weight for name, source in config.data.sources.items()
    }
    own_shares, own_places = {}, {}
    for source, weight in (weights or dict.fromkeys(source_of.values(), 1.0)).items():
        own = {
            kind: found[[source_of[index] == source for index in found["field"]]]
            for kind, found in places.items()
        }
        if all(map(len, own.values())):
            for kind, found in own.items():
                kept = Kind(kind.name, source)
                own_shares[kept], own_places[kept] = weight * shares[kind], found
    return own_shares, own_places


def _crops(
    fields: Sequence[StoredField],
    places: Mapping[Kind, Places],
    shares: Mapping[Kind, float],
    config: Config,
    stage: Literal["classifier", "subtyper"],
) -> Sampler:
    """Augmented crops about places, each with its target, float32 (1,)."""
    part = getattr(config, stage)
    crop_px = part.crop_px or config.classifier.crop_px
    sequence = _sequence(places, shares, config, stage)
    borders = SharedBorders(places, shares, fields)
    by_index = {field.index: field for field in fields}
    cut_px = region_px(config.augment, crop_px)
    stains = field_stains(fields) if config.augment.stain_exchange else {}
    augment = augmentation(config.augment, crop_px, part.patch_px, _pool(stains))

    def sample(index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = stream(config.seed, f"{stage} patch", index)
        kind, place = sequence(index)
        reach = borders.reach(kind, place, rng)
        dx, dy = rng.uniform(-CANDIDATE_JITTER_PX, CANDIDATE_JITTER_PX, 2)
        field = int(place["field"])
        image, mask = read_region(by_index[field], place["x"] + dx, place["y"] + dy, cut_px, reach)
        result = augment({"image": image, "mask": mask, "stains": stains.get(field)}, rng)
        return result["image"], np.array([place["target"]], dtype=np.float32)

    return sample


def as_detected(config: Config) -> Config:
    """The same configuration with patches as a detector sees them: unchanged.

    Their kinds stay those of training: moments of tissue with few figures lift the background, and
    an F1 of stage 1 of 0.66 fell to 0.24.
    """
    off = AugmentConfig(rotation=False, scale=(1.0, 1.0), blur_px=0.0, stain=0.0)
    return config.changed(augment=off)


def _random(config: Config, stage: str) -> np.random.Generator:
    return stream(config.seed, f"{stage}, random places")


def _by_kind(shares: Mapping[str, float]) -> dict[Kind, float]:
    return {Kind(name): share for name, share in shares.items()}


def _less_certain(places: Places, fields: Sequence[StoredField]) -> Places:
    """Negatives of which those where not every figure is labelled may be one."""
    for field in fields:
        if not field.complete or field.labelled is not None:
            own = np.flatnonzero(places["field"] == field.index)
            xy = np.column_stack([places["x"][own], places["y"][own]])
            places["target"][own[~field.is_labelled(xy)]] = UNLABELLED_TARGET
    return places


def _shared_out(
    fields: Sequence[StoredField],
    places: dict[Kind, Places],
    shares: dict[Kind, float],
    heirs: Mapping[Kind, Kind],
    config: Config,
) -> tuple[dict[Kind, float], dict[Kind, Places]]:
    """Shares and places of the kinds that have places, by data set where these are weighed."""
    sources = config.data.sources
    if not sources:
        own = handed_on(shares, places, heirs)
        return {kind: share for kind, share in own.items() if len(places.get(kind, ()))}, places
    weights = {
        name: SourceWeights(source.figure_weight or source.weight, source.weight)
        for name, source in sources.items()
    }
    return by_source(shares, places, fields, weights, heirs)


def _sequence(
    places: Mapping[Kind, Places], shares: Mapping[Kind, float], config: Config, stage: str
) -> PlaceSequence:
    cycle = MIXTURE_CYCLE if config.data.sources else CYCLE
    return PlaceSequence(places, shares, config.seed, stage, cycle)


def field_stains(fields: Sequence[StoredField]) -> dict[int, Stains | None]:
    """The two stains of each field by its index, None where it shows none."""
    stains = {}
    for field in fields:
        image, mask = field.pixels()
        if not field.complete:
            # A small patch about a mitotic figure is darker for it than its tissue is.
            image = image[mask == UNLABELLED][:, None]
        stains[field.index] = estimate_stains(image)
    return stains


def _pool(stains: Mapping[int, Stains | None]) -> list[Stains]:
    return [each for each in stains.values() if each is not None]
