from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.overlaps import Overlap, find_overlaps, overlaps_of
from mitokeras.data.readers import read_dataset


def texture(seed: int, side: int = 700) -> np.ndarray:
    """Blobs as dark and as large as nuclei, with structure in them, on pink."""
    rng = np.random.default_rng(seed)
    image = np.full((side, side, 3), (225, 170, 205), np.float32)
    for _ in range(side**2 // 900):
        centre = tuple(int(v) for v in rng.integers(0, side, 2))
        axes = tuple(int(v) for v in rng.integers(5, 14, 2))
        colour = tuple(float(v) for v in rng.uniform(60, 160, 3))
        cv2.ellipse(image, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1)
    grain = cv2.GaussianBlur(rng.normal(0, 60, (side, side)).astype(np.float32), (0, 0), 1.5)
    image = cv2.GaussianBlur(image + grain[..., None], (0, 0), 1.0)
    return np.clip(image, 0, 255).astype(np.uint8)


def jpeg_again(image: np.ndarray, quality: int = 60) -> np.ndarray:
    data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1]


def found(*images: np.ndarray, spacing: float = 0.25) -> list[Overlap]:
    return find_overlaps((image, spacing) for image in images)


def test_the_shift_and_the_share_are_those_that_were_cut() -> None:
    slide = texture(1)
    (overlap,) = found(slide[0:300, 0:400], texture(2), slide[100:400, 160:560])
    assert (overlap.first, overlap.second) == (0, 2)
    assert (overlap.dx_um, overlap.dy_um) == (40.0, 25.0)
    assert (overlap.width_um, overlap.height_um) == (60.0, 50.0)
    assert overlap.share == pytest.approx(240 * 200 / (300 * 400))


@pytest.mark.parametrize("gain", [0.9, 1.0, 1.08])
def test_compressed_again_and_brighter(gain: float) -> None:
    slide = texture(3)
    other = np.clip(slide[40:168, 30:158] * gain, 0, 255).astype(np.uint8)
    (overlap,) = found(slide[0:128, 0:128], jpeg_again(other))
    assert (overlap.dx_um, overlap.dy_um) == (7.5, 10.0)
    assert overlap.ncc > 0.8


def test_another_spacing() -> None:
    slide = texture(4)
    shrunk = cv2.resize(slide[100:600, 80:580], (400, 400), interpolation=cv2.INTER_AREA)
    (overlap,) = find_overlaps([(slide[0:500, 0:500], 0.25), (shrunk, 0.3125)])
    assert (overlap.dx_um, overlap.dy_um) == pytest.approx((20, 25), abs=0.5)


def test_a_patch_in_a_frame() -> None:
    slide = texture(5, 1200)
    (overlap,) = found(slide, jpeg_again(slide[600:728, 500:628]))
    assert (overlap.dx_um, overlap.dy_um) == (125.0, 150.0)
    assert overlap.share == 1.0


def test_no_false_pairs() -> None:
    slides = [texture(seed, 256) for seed in range(40, 60)]
    assert found(*slides) == []
    flat = np.full((128, 128, 3), 240, np.uint8)
    assert found(flat, flat.copy(), np.zeros_like(flat), np.zeros_like(flat)) == []
    assert found() == found(slides[0]) == []


def test_black_bars_are_no_tissue() -> None:
    images = [texture(seed, 128) for seed in (70, 71, 72)]
    for image in images:
        image[:, :50] = 0
    assert found(*images) == []


def test_the_same_again() -> None:
    slide = texture(6)
    images = [slide[y : y + 200, x : x + 200] for x in (0, 100, 200) for y in (0, 100, 200)]
    cv2.setRNGSeed(1)
    first = found(*images)
    cv2.setRNGSeed(2)
    assert found(*images) == first
    # All neighbours, straight and across; and those two steps away only touch.
    assert len(first) == 20


def test_real_frames(shared_data: Path) -> None:
    fields = read_dataset(shared_data / "brecahad").fields
    names = [field.image.stem.removeprefix("Case_") for field in fields]
    share = {(names[o.first], names[o.second]): o.share for o in overlaps_of(fields)}
    assert share.pop(("10-07", "10-08")) == 1.0
    share.pop(("12-01", "12-09"), None)  # a corner
    assert set(share) == {
        ("12-01", "12-11"),
        ("12-02", "12-09"),
        ("12-05", "12-07"),
        ("12-06", "12-12"),
    }
    assert all(0.27 < value < 0.5 for value in share.values())


@pytest.mark.slow
def test_real_patches(shared_data: Path) -> None:
    fields = read_dataset(shared_data / "atnorm_br").fields
    overlaps = overlaps_of(fields)
    pairs = {(int(fields[o.first].image.stem), int(fields[o.second].image.stem)) for o in overlaps}
    pairs = {(min(pair), max(pair)) for pair in pairs}
    assert pairs >= {
        *((25, 26), (159, 162), (442, 443), (453, 454), (501, 504), (575, 576), (609, 612)),
        *((665, 667), (697, 700), (787, 792), (820, 823)),
    }
    # Files are ordered by slide, about 25 of each, so that no pair is far apart.
    assert all(high - low <= 25 for low, high in pairs)
    copies = {tuple(sorted((o.first, o.second))) for o in overlaps if o.share == 1}
    for first, second in copies:
        assert fields[first].image.read_bytes() == fields[second].image.read_bytes()
    assert len(copies) == 46  # 21 images are there twice, 5 thrice, one five times
    assert min(overlap.ncc for overlap in overlaps) > 0.85
