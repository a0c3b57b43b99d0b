from types import SimpleNamespace

import numpy as np
import pytest

from mitokeras.train.batches.mosaic import mosaic, parts_a_side


def numbered(index: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full((2, 2, 3), index, np.int32), np.full((2, 2, 1), 1000 + index, np.int32)


def test_a_mosaic_is_of_four_samples_and_their_targets() -> None:
    image, target = mosaic(numbered, 2, seed=0)(5)
    assert image.shape == (4, 4, 3)
    assert target.shape == (4, 4, 1)
    parts = image[::2, ::2, 0]
    assert len(set(parts.ravel().tolist())) == 4
    np.testing.assert_array_equal(image[1::2, 1::2, 0], parts)
    np.testing.assert_array_equal(target[::2, 1::2, 0], parts + 1000)


def test_each_sample_is_taken_once_in_an_order_of_the_seed() -> None:
    def taken(seed: int) -> list[int]:
        sampler = mosaic(numbered, 2, seed)
        return [int(n) for i in range(500) for n in sampler(i)[0][::2, ::2, 0].ravel()]

    one = taken(0)
    assert sorted(one) == list(range(2000))
    assert sorted(one[:1000]) == list(range(1000))
    assert one == taken(0) != taken(1)
    # neighbours in the sequence are no neighbours in a mosaic
    assert np.abs(np.diff(one)).mean() > 100


def test_one_part_is_the_sample_itself() -> None:
    assert mosaic(numbered, 1, seed=0) is numbered


@pytest.mark.parametrize(
    ("patch_px", "fields", "side"),
    [
        (128, [(1024, 1360)], 1),
        (128, [(256, 200)], 1),  # the wider side counts
        (128, [(128, 128), (1024, 1360)], 2),  # one is enough
        (256, [(128, 128)], 4),
        (256, [(510, 510)], 2),
        (512, [(128, 128)], 8),
        (128, [(64, 64)], 2),  # no part under 64 px
        (64, [(64, 64)], 1),
        (160, [(128, 128)], 2),  # 40 px would be too small
        (200, [(64, 64)], 2),
        (75, [(64, 64)], 1),
    ],
)
def test_a_part_is_half_as_wide_as_the_smallest_field(
    patch_px: int, fields: list[tuple[int, int]], side: int
) -> None:
    stored = [SimpleNamespace(height=height, width=width) for height, width in fields]
    assert parts_a_side(stored, patch_px) == side
