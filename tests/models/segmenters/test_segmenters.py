"""Segmenters of the user's own, and what every name must keep to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import pytest

from mitokeras.errors import ConfigError
from mitokeras.models.segmenters import SEGMENTERS, build_segmenter

OWN = """
import keras

def net(input_px):
    image = keras.Input((input_px, input_px, 3), name="image")
    out = keras.layers.Conv2D(1, 1, activation="sigmoid", name="probability")(image)
    return keras.Model(image, out)

def flat(input_px):
    image = keras.Input((input_px, input_px, 3))
    return keras.Model(image, keras.layers.Flatten()(image))

def nothing(input_px):
    return 3
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "own_networks.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    yield "own_networks"
    sys.modules.pop("own_networks", None)


def test_a_function_of_the_user_s_own(own: str) -> None:
    model = build_segmenter(f"{own}:net", input_px=40)
    assert isinstance(model, keras.Model)
    assert model.output_shape == (None, 40, 40, 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("own_networks:absent", "must be a function of a module"),
        ("no_such_module:net", "must be a function of a module"),
        ("own_networks:flat", r"must map \(None, 40, 40, 3\) to \(None, 40, 40, 1\)"),
        ("own_networks:nothing", r"Received: None to None"),
    ],
)
def test_what_is_no_such_function(own: str, name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_segmenter(name, input_px=40)


def test_sizes_that_a_baseline_cannot_halve() -> None:
    with pytest.raises(ConfigError, match=r"segnet must be a multiple of 32\. Received: 48"):
        build_segmenter("segnet", input_px=48)
    for name, preset in SEGMENTERS.items():
        assert 32 % getattr(preset, "multiple_px", 8) == 0, name
