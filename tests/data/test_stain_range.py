import json
from pathlib import Path

import numpy as np
import pytest

from mitokeras.data.stain_range import (
    LEAST_CASES,
    PARTS,
    StainRange,
    read_stain_range,
    sampled,
    stain_numbers,
)
from mitokeras.errors import ModelError

HAEMATOXYLIN = np.array([0.65, 0.70, 0.29])
EOSIN = np.array([0.07, 0.99, 0.11])


def tissue(strength: float = 1.0, eosin: np.ndarray = EOSIN, seed: int = 0) -> np.ndarray:
    """Pixels that mix both stains in all shares, about 2 and 1 dense at most."""
    amounts = strength * np.random.default_rng(seed).uniform(0.2, (2.0, 1.0), (20_000, 2))
    density = amounts @ np.array([HAEMATOXYLIN, eosin])
    return (240 * np.exp(-density) - 1).round().clip(0, 255).astype(np.uint8)


def known(cases: int = LEAST_CASES) -> StainRange:
    """The range of cases that are 0.8 to 1.2 strong."""
    strengths = np.linspace(0.8, 1.2, cases)
    found = StainRange.of(([tissue(s, seed=i)], 1.0) for i, s in enumerate(strengths))
    assert found is not None
    return found


def test_a_known_stain_and_others() -> None:
    stains = known()
    assert stains.cases == LEAST_CASES

    def beyond(pixels: np.ndarray) -> tuple[str, ...] | None:
        numbers = stain_numbers(pixels)
        assert numbers is not None and numbers.shape == (len(PARTS),)
        return stains.beyond(numbers)

    assert beyond(tissue(seed=99)) == ()
    faded = beyond(tissue(0.5))
    assert faded and "the strength of haematoxylin" in faded and "the strength of eosin" in faded
    brown = beyond(tissue(eosin=np.array([0.27, 0.57, 0.78])))
    assert brown and "the colour of eosin" in brown
    assert brown and "the mean colour" in brown
    assert len(set(brown)) == len(brown)


def test_the_margin_is_a_tenth_of_the_width() -> None:
    stains = StainRange(cases=50, low=(0.0,) * 10, high=(1.0,) * 10)
    middle = np.full(10, 0.5)
    for value, told in ((1.09, ()), (-0.09, ()), (1.11, (PARTS[6],)), (-0.11, (PARTS[6],))):
        numbers = middle.copy()
        numbers[6] = value
        assert stains.beyond(numbers) == told


def test_a_few_cases_say_nothing() -> None:
    few = known(LEAST_CASES - 1)
    assert few.beyond(np.full(10, 99.0)) is None
    assert few.joined(known()).beyond(np.full(10, 99.0)) == tuple(dict.fromkeys(PARTS))


def test_glass_little_tissue_and_black_bars_are_no_stain() -> None:
    assert stain_numbers(np.full((5000, 3), 242, np.uint8)) is None
    assert StainRange.of([([tissue()], 0.009)]) is None
    bar = np.zeros((20_000, 3), np.uint8)
    whole = stain_numbers(tissue())
    barred = stain_numbers(np.concatenate([tissue(), bar]))
    assert whole is not None
    np.testing.assert_array_equal(barred, whole)


def test_a_sample_is_a_regular_grid() -> None:
    image = np.arange(300 * 300 * 3, dtype=np.uint32).reshape(300, 300, 3)
    np.testing.assert_array_equal(sampled(image, 10_000), image[::3, ::3].reshape(-1, 3))


@pytest.mark.parametrize(
    "change", [{"low": [1.0] * 9}, {"low": [2.0] * 10}, {"cases": 0}, {"more": 1}]
)
def test_a_damaged_file_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "learned_stain.json"
    content = {"cases": 40, "low": [0.0] * 10, "high": [1.0] * 10}
    path.write_text(json.dumps(content))
    assert read_stain_range(path).cases == 40
    path.write_text(json.dumps({**content, **change}))
    with pytest.raises(ModelError, match=r"learned_stain\.json: not as `mitokeras fit` writes"):
        read_stain_range(path)
