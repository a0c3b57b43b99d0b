from pathlib import Path

import numpy as np
import pytest

from mitokeras.errors import DataError
from mitokeras.slides import samples
from mitokeras.slides.samples import Samples, check_fits, check_is_image, check_is_seen, over_white

RGBA = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 200, 51]]], np.uint8)


def test_what_was_never_scanned_is_white() -> None:
    assert over_white(RGBA).tolist() == [[[10, 20, 30], [255, 255, 255], [204, 224, 244]]]
    assert np.array_equal(over_white(RGBA[:, :1]), RGBA[:, :1, :3])


def test_alpha_is_multiplied_in_once() -> None:
    # A fifth of (0, 100, 200) is (0, 20, 40); the rest is 204 of white.
    stored = np.array([[[0, 20, 40, 51], [255, 0, 0, 51]]], np.uint8)
    assert over_white(stored, premultiplied=True).tolist() == [[[204, 224, 244], [255, 204, 204]]]
    multiplied = Samples(stored[..., :3], stored[..., 3], premultiplied=True)
    assert multiplied.on_glass()[0, 0].tolist() == [204, 224, 244]


def test_without_alpha_nothing_is_done() -> None:
    values = RGBA[..., :3]
    assert Samples(values).on_glass() is values


def test_what_is_no_image(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("a.tif")
    check_is_image(path, 3, "uint8")
    with pytest.raises(DataError, match=r"a\.tif: an image must be in colour"):
        check_is_image(path, 1, "uint8")
    with pytest.raises(DataError, match=r"a\.tif: an image must have 8 bits .* Received: uint16"):
        check_is_image(path, 3, "uint16")
    check_is_seen(path, True)
    with pytest.raises(DataError, match=r"a\.tif: an image must be opaque somewhere"):
        check_is_seen(path, False)
    monkeypatch.setattr(samples, "LARGEST_IMAGE_PX", 6)
    check_fits(path, 2, 3)
    with pytest.raises(DataError, match=r"a\.tif: .* at most 6 px\. Received: 7 x 1 px"):
        check_fits(path, 7, 1)
