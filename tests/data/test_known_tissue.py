import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.imprints import Imprint
from mitokeras.data.known_tissue import KnownTissue
from mitokeras.data.synthetic.field import draw_field
from mitokeras.data.views import View
from mitokeras.errors import ModelError


def drawn(seed: int, height: int = 128, width: int = 128) -> np.ndarray:
    return draw_field(height, width, seed=seed, case=seed).image


def view(image: np.ndarray, spacing_um_px: float = 0.25) -> View:
    return View.at(np.ascontiguousarray(image), spacing_um_px)


def jpeg_again(image: np.ndarray, quality: int) -> np.ndarray:
    data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1]


def known(*images: np.ndarray) -> KnownTissue:
    return KnownTissue(view(image).imprint for image in images)


FIELDS = [drawn(seed) for seed in range(1, 9)]


@pytest.fixture(scope="module")
def tissue() -> KnownTissue:
    return known(*FIELDS)


@pytest.mark.parametrize("quality", [90, 70, 50])
def test_compressed_again(tissue: KnownTissue, quality: int) -> None:
    assert all(tissue.is_shown_by(view(jpeg_again(f, quality)).keypoints) for f in FIELDS)


@pytest.mark.parametrize("gain", [0.9, 1.1])
def test_darker_and_brighter(tissue: KnownTissue, gain: float) -> None:
    other = [np.clip(field * gain, 0, 255).astype(np.uint8) for field in FIELDS]
    assert all(tissue.is_shown_by(view(field).keypoints) for field in other)


@pytest.mark.parametrize("factor", [0.9, 1.1])
@pytest.mark.parametrize("stated", [True, False])
def test_at_another_spacing_whether_it_is_stated_or_not(
    tissue: KnownTissue, factor: float, stated: bool
) -> None:
    spacing = 0.25 / factor if stated else 0.25
    other = [cv2.resize(field, None, fx=factor, fy=factor) for field in FIELDS]
    assert all(tissue.is_shown_by(view(field, spacing).keypoints) for field in other)


def test_a_part_of_it_and_more_than_it() -> None:
    whole = drawn(20, 300, 400)
    patch = jpeg_again(whole[100:228, 200:328], 80)
    assert known(patch).is_shown_by(view(whole).keypoints)
    assert known(whole[:, :250]).is_shown_by(view(whole[:, 150:]).keypoints)


def test_other_tissue_is_not_known(tissue: KnownTissue) -> None:
    flat = np.full((128, 128, 3), 240, np.uint8)
    others = [*(drawn(seed) for seed in range(100, 130)), drawn(99, 512, 512), flat]
    assert not any(tissue.is_shown_by(view(other).keypoints) for other in others)


def test_where_there_is_nothing_to_compare() -> None:
    flat = view(np.full((128, 128, 3), 240, np.uint8))
    assert len(flat.imprint.xy) == 0
    for nothing in (KnownTissue([]), KnownTissue([flat.imprint])):
        assert nothing.agreement(view(FIELDS[0]).keypoints) == 0
    assert known(FIELDS[0]).agreement(flat.keypoints) == 0


def test_places_that_one_shift_and_scale_bring_together() -> None:
    """Five keypoints at 1.1 times their distances, of 7; one of the others is too far off."""
    places = np.array([(10, 10), (60, 12), (35, 50), (90, 80), (20, 95), (70, 40), (50, 110)])
    bits = np.random.default_rng(1).integers(0, 2**16, (7, 4)).astype(np.uint16)
    other = places * 1.1 + (31, 7)
    other[5] += 40
    own = KnownTissue([Imprint(places.astype(np.uint16), bits)])
    looks = bits.copy()
    looks[6] = ~looks[6]
    keypoints = View.at(FIELDS[0], 0.25).keypoints._replace(xy=other, bits=looks)
    assert own.agreement(keypoints) == 5
    assert own.agreement(keypoints._replace(xy=places * 1.4)) < 4


def test_a_file_is_small_and_gives_the_same(tmp_path: Path, tissue: KnownTissue) -> None:
    path = tmp_path / "tissue.npz"
    patches = [View.at(drawn(seed), 0.25).imprint for seed in range(40)]
    KnownTissue(patches).write(path)
    assert path.stat().st_size < 40 * 400
    known(drawn(1, 1024, 1360)).write(path)
    assert path.stat().st_size < 4096 + 600  # what a zip file says of itself
    tissue.write(path)
    first = path.read_bytes()
    again = KnownTissue.read(path)
    again.write(path)
    assert path.read_bytes() == first
    keypoints = view(jpeg_again(FIELDS[3], 70)).keypoints
    assert again.agreement(keypoints) == tissue.agreement(keypoints) > 10


def spoilt(**changes: np.ndarray) -> bytes:
    arrays = {
        "xy": np.zeros((3, 2), np.uint16),
        "bits": np.zeros((3, 4), np.uint16),
        "sizes": np.array([1, 2], np.uint16),
    }
    file = io.BytesIO()
    np.savez(file, **{**arrays, **changes})
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive",
        spoilt()[:-40],
        spoilt()[:100] + b"???" + spoilt()[103:],
        spoilt(xy=np.zeros((2, 2), np.uint16)),
        spoilt(bits=np.zeros((3, 5), np.uint16)),
        spoilt(bits=np.zeros((3, 4))),
        spoilt(sizes=np.array([1, 1], np.uint16)),
        spoilt(sizes=np.array(3, np.uint16)),
        spoilt(xy=np.array([[{}, {}]] * 3, object)),
    ],
)
def test_a_spoilt_file_is_refused_in_a_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "learned_tissue.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"learned_tissue\.npz: not as") as error:
        KnownTissue.read(path)
    assert "\n" not in str(error.value)


def test_a_file_holds_no_pickle(tmp_path: Path, tissue: KnownTissue) -> None:
    path = tmp_path / "tissue.npz"
    tissue.write(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["xy.npy", "bits.npy", "sizes.npy"]
        for name in archive.namelist():
            assert b"'descr': '<u2'" in archive.read(name)
