"""Shared by the tests of models."""

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture
def conv_same() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The plain convolution that packed ones are compared with: one tap at a time."""

    def convolve(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        side = kernel.shape[0]
        _, height, width, _ = x.shape
        margin = (side // 2, side // 2)
        padded = np.pad(x, ((0, 0), margin, margin, (0, 0)))
        out = np.zeros((*x.shape[:3], kernel.shape[3]))
        for i in range(side):
            for j in range(side):
                out += padded[:, i : i + height, j : j + width] @ kernel[i, j]
        return out

    return convolve


@pytest.fixture
def unpacked() -> Callable[[np.ndarray, int], np.ndarray]:
    """Packed maps (batch, height, width, maps * k * k) as plain ones, maps last."""

    def unpack(x: np.ndarray, k: int) -> np.ndarray:
        batch, height, width, channels = x.shape
        x = x.reshape(batch, height, width, channels // k**2, k, k)
        x = x.transpose(0, 1, 4, 2, 5, 3)
        return x.reshape(batch, height * k, width * k, channels // k**2)

    return unpack
