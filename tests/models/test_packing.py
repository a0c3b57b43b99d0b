from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import ops

from mitokeras.models.packing import Unpack, packed_kernel, packing_kernel


def test_packing_kernel_of_an_identity_is_space_to_depth() -> None:
    kernel = np.ones((1, 1, 1, 1), dtype="float32")
    x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    packed = ops.conv(x, packing_kernel(kernel, 2), strides=2, padding="same")
    expected = [[[0, 1, 4, 5], [2, 3, 6, 7]], [[8, 9, 12, 13], [10, 11, 14, 15]]]
    np.testing.assert_array_equal(packed[0], expected)


def test_packing_kernel_places_each_pixel_in_its_window() -> None:
    # (s, s) = (3, 3), k = 2: pixel (1, 1) of a block reads the lower right 3 x 3 of the 4 x 4
    kernel = np.arange(1, 10, dtype="float32").reshape(3, 3, 1, 1)
    packed = np.asarray(packing_kernel(kernel, 2))
    assert packed.shape == (4, 4, 1, 4)
    np.testing.assert_array_equal(packed[1:, 1:, 0, 3], kernel[:, :, 0, 0])
    assert packed[0, :, 0, 3].sum() == packed[:, 0, 0, 3].sum() == 0


@pytest.mark.parametrize("packing", [1, 2, 4, 8])
def test_packed_convolutions_equal_the_plain_ones_with_borders(
    packing: int, conv_same: Callable[..., np.ndarray], unpacked: Callable[..., np.ndarray]
) -> None:
    rng = np.random.default_rng(packing)
    x = rng.normal(size=(2, 16, 24, 3)).astype("float32")
    first = rng.normal(size=(7, 7, 3, 2)).astype("float32")
    second = rng.normal(size=(3, 3, 2, 3)).astype("float32")

    packed = ops.conv(x, packing_kernel(first, packing), strides=packing, padding="same")
    plain = conv_same(x, first)
    np.testing.assert_allclose(unpacked(np.asarray(packed), packing), plain, rtol=1e-5, atol=1e-4)

    packed = ops.conv(packed, packed_kernel(second, packing), padding="same")
    plain = conv_same(plain, second)
    np.testing.assert_allclose(unpacked(np.asarray(packed), packing), plain, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("packing", [1, 2, 4])
def test_unpack(packing: int, unpacked: Callable[..., np.ndarray]) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 5, packing**2)).astype("float32")
    packed = keras.Input(x.shape[1:])
    model = keras.Model(packed, Unpack(packing)(packed))
    np.testing.assert_array_equal(model(x), unpacked(x, packing))
