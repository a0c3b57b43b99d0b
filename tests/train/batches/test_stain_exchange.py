import numpy as np
import pytest

from mitokeras.data.stain import DEFAULT_NORMALIZER
from mitokeras.train.batches.stain_exchange import (
    GREATEST_GAIN,
    Stains,
    draw_stains,
    exchange_stains,
    plausible_stains,
)


def stains(haematoxylin: tuple[float, ...], eosin: tuple[float, ...], *maxima: float) -> Stains:
    matrix = np.array([haematoxylin, eosin]).T
    return matrix / np.linalg.norm(matrix, axis=0), np.array(maxima)


PALE = stains((0.65, 0.70, 0.29), (0.27, 0.90, 0.30), 1.0, 0.8)
RICH = stains((0.55, 0.75, 0.37), (0.25, 0.83, 0.50), 1.6, 1.0)
VIOLET = stains((0.66, 0.73, 0.18), (0.52, 0.65, 0.56), 1.3, 0.7)

MIXTURES = np.random.default_rng(0).uniform(0.0, 1.0, (24, 24, 2))


def drawn(own: Stains, shares: np.ndarray, residual: float | np.ndarray = 0.0) -> np.ndarray:
    """Tissue whose two concentrations are shares, (height, width, 2), of the maxima."""
    density = (shares * own[1]) @ own[0].T + residual
    return np.clip(240.0 * np.exp(-density) - 1.0, 0, 255).round().astype(np.uint8)


def test_tissue_of_two_stains_takes_on_two_others() -> None:
    result = exchange_stains(drawn(PALE, MIXTURES), PALE, RICH)
    assert result.dtype == np.uint8
    # Rounding the input to whole grey levels, of which the darkest is 70, is enhanced.
    np.testing.assert_allclose(result.astype(int), drawn(RICH, MIXTURES).astype(int), atol=3)
    back = exchange_stains(result, RICH, PALE)
    np.testing.assert_allclose(back.astype(int), drawn(PALE, MIXTURES).astype(int), atol=3)


def test_equal_stains_change_nothing() -> None:
    levels = np.random.default_rng(1).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(exchange_stains(levels, RICH, RICH), levels)


def test_what_is_neither_stain_stays() -> None:
    normal = np.cross(*PALE[0].T)
    residual = 0.2 * normal / np.linalg.norm(normal)
    result = exchange_stains(drawn(PALE, MIXTURES, residual), PALE, RICH)
    expected = drawn(RICH, MIXTURES, residual)
    np.testing.assert_allclose(result.astype(int), expected.astype(int), atol=3)
    assert np.abs(expected.astype(int) - drawn(RICH, MIXTURES)).max() > 15


def test_concentrations_change_within_a_range() -> None:
    matrix, maxima = PALE
    shares = np.full((2, 2, 2), 0.4)
    for factor, clipped in [(10.0, 2.5), (0.01, 0.4)]:
        result = exchange_stains(drawn(PALE, shares), PALE, (matrix, factor * maxima))
        expected = drawn(PALE, clipped * shares).astype(int)
        np.testing.assert_allclose(result.astype(int), expected, atol=2)


def test_noise_is_not_blown_up() -> None:
    narrow = stains((0.60, 0.74, 0.30), (0.55, 0.79, 0.27), 1.0, 1.0)  # 5 degrees
    noise = np.random.default_rng(2).normal(0.0, 1.0, (64, 64, 3))
    image = (np.array([150, 110, 170]) + 4 * noise).round().astype(np.uint8)
    density, changed = (
        -np.log((x + 1.0) / 240.0).reshape(-1, 3)
        for x in (image, exchange_stains(image, narrow, RICH))
    )
    greatest = np.linalg.norm(np.cov(changed.T), 2) / np.linalg.eigvalsh(np.cov(density.T))[0]
    assert greatest**0.5 < 1.5 * GREATEST_GAIN  # red, green and blue noise differ in OD


def test_a_grey_second_stain_is_mended() -> None:
    assert plausible_stains(PALE) is PALE
    mended, maxima = plausible_stains(VIOLET)
    np.testing.assert_array_equal(mended[:, 0], VIOLET[0][:, 0])
    assert np.linalg.norm(mended[:, 1]) == pytest.approx(1.0)
    assert mended[1, 1] - mended[0, 1] > 0.3  # it was 0.13
    np.testing.assert_array_equal(maxima, VIOLET[1])
    # Halfway: as far from one as from the other.
    to_haematoxylin = mended[:, 1] @ mended[:, 0]
    reference = DEFAULT_NORMALIZER.stain_matrix[:, 1]
    to_eosin = mended[:, 1] @ reference / np.linalg.norm(reference)
    assert to_haematoxylin == pytest.approx(to_eosin, abs=1e-4)


def test_half_of_the_draws_are_members_and_the_rest_between_them() -> None:
    rng = np.random.default_rng(3)
    maxima = np.array([draw_stains([PALE, RICH], rng)[1][0] for _ in range(400)])
    assert maxima.min() == 1.0
    assert maxima.max() == 1.6
    between = (maxima > 1.0) & (maxima < 1.6)
    # Half are mixtures, of which half are of a member with itself.
    assert 0.18 < between.mean() < 0.32
    matrix, _ = draw_stains([PALE, RICH], rng)
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=0), 1.0)
