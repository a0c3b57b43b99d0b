import numpy as np
import pytest

from mitokeras.train.batches.scanner import JPEG_BEST, add_noise, change_light, recompress

RAMP = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)


class Drawn:
    """A generator whose six numbers of light are known."""

    def __init__(self, *draws: float) -> None:
        self.draws = np.array(draws)

    def uniform(self, low: float, high: float, size: int) -> np.ndarray:
        return self.draws


def test_light_without_strength_changes_nothing() -> None:
    np.testing.assert_array_equal(change_light(RAMP, np.random.default_rng(0), 0.0), RAMP)


@pytest.mark.parametrize("seed", range(20))
def test_light_keeps_the_order_of_grey_levels(seed: int) -> None:
    result = change_light(RAMP, np.random.default_rng(seed), 0.5)
    assert result.shape == RAMP.shape
    assert result.dtype == np.uint8
    assert (np.diff(result[0].astype(int), axis=0) >= 0).all()


def test_light_follows_its_six_numbers() -> None:
    def at(level: int, *draws: float) -> list[int]:
        return change_light(RAMP, Drawn(*draws), 1.0)[0, level].tolist()

    # gamma 2: 255 (102 / 255)^2 = 40.8
    assert at(102, np.log(2), 0, 0, 0, 0, 0) == [41, 41, 41]
    # contrast 3 about mid-grey: 127.5 + 3 (102 - 127.5) = 51
    assert at(102, 0, np.log(3), 0, 0, 0, 0) == [51, 51, 51]
    # brightness: 102 + 255 0.4 / 2 = 153
    assert at(102, 0, 0, 0.4, 0, 0, 0) == [153, 153, 153]
    # gains of the channels: exp(2 log(1.5) / 2) = 1.5, and as much less
    assert at(102, 0, 0, 0, 2 * np.log(1.5), 0, -2 * np.log(1.5)) == [153, 102, 68]
    # nothing wraps round
    assert at(250, 0, 0, 0.2, 0, 0, 0) == [255, 255, 255]
    assert at(5, 0, 0, -0.2, 0, 0, 0) == [0, 0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_the_drawn_deviation_and_no_bias(seed: int) -> None:
    grey = np.full((128, 128, 3), 128, dtype=np.uint8)
    sigma = np.random.default_rng(seed).uniform(0.0, 20.0)
    difference = add_noise(grey, np.random.default_rng(seed), 20.0).astype(float) - 128
    # rounding to whole levels adds a variance of 1/12; 49152 values
    assert difference.std() == pytest.approx(np.hypot(sigma, 12**-0.5), rel=0.02)
    assert abs(difference.mean()) < 5 * (sigma + 0.3) / 49152**0.5
    channels = np.corrcoef(difference.reshape(-1, 3).T)
    assert np.abs(channels - np.eye(3)).max() < 0.05


def test_noise_saturates() -> None:
    ends = np.zeros((64, 64, 3), dtype=np.uint8)
    ends[:32] = 255
    result = add_noise(ends, np.random.default_rng(2), 30.0)
    assert result[:32].min() > 128
    assert result[32:].max() < 128


def test_half_of_the_patches_are_compressed() -> None:
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    results = [recompress(image, np.random.default_rng(seed), 40) for seed in range(200)]
    changed = [(result != image).any() for result in results]
    assert 0.4 < np.mean(changed) < 0.6
    assert all(r.shape == image.shape and r.dtype == np.uint8 for r in results)


@pytest.mark.parametrize("colour", [(200, 40, 90), (30, 60, 220)])
def test_compression_keeps_the_channels_in_their_places(colour: tuple[int, int, int]) -> None:
    image = np.full((32, 48, 3), colour, dtype=np.uint8)
    for seed in range(10):
        result = recompress(image, np.random.default_rng(seed), 60)
        assert np.abs(result.astype(int) - image).max() <= 6


def test_a_lower_quality_costs_more() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    def loss(lowest: int) -> float:
        results = [recompress(image, np.random.default_rng(s), lowest) for s in range(30)]
        return float(np.mean([np.abs(r.astype(int) - image).mean() for r in results]))

    assert loss(5) > loss(60) > loss(JPEG_BEST) > 0
