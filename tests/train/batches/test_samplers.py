from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import UNLABELLED, Field, Mark
from mitokeras.data.readers import read_dataset
from mitokeras.data.store import Store, write_store
from mitokeras.data.synthetic.field import draw_field
from mitokeras.data.synthetic.writer import write_synthetic
from mitokeras.run.config import Config
from mitokeras.train.batches.feed import numpy_batches, tf_batches
from mitokeras.train.batches.places import joined, places_at
from mitokeras.train.batches.samplers import (
    UNLABELLED_TARGET,
    classifier_sampler,
    segmenter_sampler,
)

CONFIG = Config().updated({"segmenter": {"patch_px": 64, "overlap_px": 16}, "seed": 3})


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    folder: Path = tmp_path_factory.mktemp("data")
    dataset = read_dataset(write_synthetic(folder / "set", 2, seed=1, field_px=320, cases=2))
    write_store(dataset.fields, folder / "store.h5", 0.25, None)
    return Store(folder / "store.h5")


def test_segmenter_patches_have_their_mix(store: Store) -> None:
    sampler = segmenter_sampler(store.fields, CONFIG)
    samples = [sampler(i) for i in range(60)]
    assert all(image.shape == (64, 64, 3) and image.dtype == np.uint8 for image, _ in samples)
    assert all(mask.shape == (64, 64, 1) and mask.max() <= 1 for _, mask in samples)
    # at least the half that is cut about a figure shows one, and not all do
    positive = np.mean([mask.any() for _, mask in samples])
    assert 0.4 <= positive < 0.95


def test_mask_is_that_of_the_image(store: Store) -> None:
    """Figures are the darkest things: what a mask marks is darker than what it leaves."""
    sampler = segmenter_sampler(store.fields, CONFIG)
    inside, outside = [], []
    for index in range(40):
        image, mask = sampler(index)
        marked = mask[..., 0].astype(bool)
        inside.append(image[marked].ravel())
        outside.append(image[~marked].ravel())
    assert np.concatenate(inside).mean() < 0.7 * np.concatenate(outside).mean()


def test_classifier_crops_are_balanced_and_labelled(store: Store) -> None:
    x, y = store.fields[0].figures[0]
    candidates = joined(
        [
            places_at(0, np.array([[x + 1, y], [5.0, 5.0]]), np.array([1, 0])),
            places_at(1, np.array([[9.0, 90.0]]), 0),
        ]
    )
    sampler = classifier_sampler(store.fields, candidates, CONFIG)
    samples = [sampler(i) for i in range(40)]
    assert all(image.shape == (128, 128, 3) for image, _ in samples)
    assert np.mean([label[0] for _, label in samples]) == pytest.approx(0.45)


def test_classifier_without_candidates_keeps_its_negatives(store: Store) -> None:
    sampler = classifier_sampler(store.fields, joined([]), CONFIG)
    labels = [sampler(i)[1][0] for i in range(40)]
    assert np.mean(labels) == pytest.approx(0.45)


def test_tf_and_numpy_give_the_same_and_start_anywhere(store: Store) -> None:
    sampler = segmenter_sampler(store.fields, CONFIG)
    from_tf = tf_batches(sampler, 3).take(4).as_numpy_iterator()
    from_numpy = numpy_batches(sampler, 3)
    for (image, mask), (same_image, same_mask) in zip(from_tf, from_numpy, strict=False):
        np.testing.assert_array_equal(image, same_image)
        np.testing.assert_array_equal(mask, same_mask)
    late, _ = next(iter(tf_batches(sampler, 3, first=6).take(1).as_numpy_iterator()))
    np.testing.assert_array_equal(late[0], sampler(6)[0])


def test_the_seed_decides(store: Store) -> None:
    same = segmenter_sampler(store.fields, CONFIG)
    one = segmenter_sampler(store.fields, CONFIG)
    other = segmenter_sampler(store.fields, CONFIG.updated({"seed": 4}))
    np.testing.assert_array_equal(one(17)[0], same(17)[0])
    assert (one(17)[0] != other(17)[0]).any()


@pytest.fixture(scope="module")
def mixture(tmp_path_factory) -> Store:
    """Two complete fields and four patches about a figure each, whose surroundings are unknown."""
    folder: Path = tmp_path_factory.mktemp("mixture")
    fields = list(read_dataset(write_synthetic(folder / "a", 2, seed=1, field_px=320)).fields)
    fields = [replace(field, source="a") for field in fields]
    for number in range(4):
        drawn = draw_field(128, 128, seed=number, case=number)
        cv2.imwrite(str(folder / f"{number}.png"), drawn.image[..., ::-1])
        fields.append(
            Field(folder / f"{number}.png", f"c{number}", 0.25, (Mark(64.0, 64.0),), source="b",
                  complete=False)
        )  # fmt: skip
    write_store(fields, folder / "store.h5", 0.25, None)
    return Store(folder / "store.h5")


MIXED = CONFIG.updated(
    {
        "data": {"sources": {"a": {"weight": 0.25}, "b": {"weight": 0.75, "complete": False}}},
        "augment": {"stain_exchange": 1.0},
    }
)


def test_a_mixture_gives_each_data_set_its_share(mixture: Store) -> None:
    sampler = segmenter_sampler(mixture.fields, MIXED)
    masks = [sampler(i)[1] for i in range(200)]
    # half of the patches are about figures, three quarters of them in the patches of b
    of_b = np.mean([(mask >= UNLABELLED).any() for mask in masks])
    assert of_b == pytest.approx(0.375, abs=0.02)


def test_the_place_in_a_patch_says_nothing_about_fields_cut_about_figures(mixture: Store) -> None:
    """The middle quarter of a patch has as many of the figures' pixels as its size says."""
    config = MIXED.updated({"segmenter": {"patch_px": 128}})
    sampler = segmenter_sampler(mixture.fields, config)
    figures = np.stack([sampler(i)[1][..., 0] == 1 for i in range(100)])
    assert figures.shape == (100, 128, 128)
    assert figures[:, 32:96, 32:96].sum() / figures.sum() == pytest.approx(0.25, abs=0.08)
    parts = figures.reshape(100, 2, 64, 2, 64).any(axis=(2, 4))
    assert 0.3 < parts.mean() < 0.7
    # nor does one part say what another holds
    assert np.corrcoef(parts[:, 0, 0], parts[:, 1, 1])[0, 1] == pytest.approx(0, abs=0.25)


def test_unlabelled_surroundings_are_uncertain_negatives(mixture: Store) -> None:
    sampler = classifier_sampler(mixture.fields, joined([]), MIXED)
    labels = np.array([sampler(i)[1][0] for i in range(200)])
    uncertain = np.isclose(labels, UNLABELLED_TARGET)
    assert labels.dtype == np.float32
    assert (labels == 1).mean() == pytest.approx(0.45)
    # all other crops are random ones here, but for look-alikes that are labelled in a
    assert uncertain.any()
    assert (uncertain | (labels == 0) | (labels == 1)).all()


def test_nuclei_away_from_the_labels_are_negatives(mixture: Store) -> None:
    mix = {"figure": 0.5, "candidate": 0.001, "lookalike": 0, "random": 0, "nucleus": 0.5}
    config = MIXED.updated({"classifier": {"mix": mix}})
    sampler = classifier_sampler(mixture.fields, joined([]), config)
    labels = np.array([sampler(i)[1][0] for i in range(200)])
    # those of b by its weight
    assert np.isclose(labels, UNLABELLED_TARGET).mean() == pytest.approx(0.375, abs=0.02)
    assert (labels == 0).mean() == pytest.approx(0.125, abs=0.02)
