"""Channels in pages of their own, which names and colours may say to be no red, green and blue."""

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from mitokeras.errors import DataError
from mitokeras.slides.opening import open_slide
from tests.slides import noise_image

IMAGE = noise_image(48, 64)
PLANES = np.ascontiguousarray(np.moveaxis(IMAGE, 2, 0))

# RGBA in 32 bits, with a sign: 0xFF0000FF - 2**32, 0x00FF00FF, 0x0000FFFF, 0xFFFFFFFF - 2**32.
RED, GREEN, BLUE, WHITE = -16776961, 16711935, 65535, -1

RAMP = np.arange(256, dtype=np.uint8)
NONE = np.zeros(256, np.uint8)
TABLES = {
    "red": np.stack([RAMP, NONE, NONE]),
    "green": np.stack([NONE, RAMP, NONE]),
    "blue": np.stack([NONE, NONE, RAMP]),
    "grey": np.stack([RAMP] * 3),
}


def seen(path: Path) -> np.ndarray:
    with closing(open_slide(path, 0.25)) as slide:
        return slide.read(0, 0, slide.width, slide.height)


def write_ome(path: Path, channel: dict[str, Any]) -> Path:
    metadata = {"axes": "CYX", "Channel": channel}
    tifffile.imwrite(path, PLANES, photometric="minisblack", metadata=metadata)
    return path


@pytest.mark.parametrize(
    "channel",
    [
        {},
        {"Name": ["Red", "Green", "Blue"]},
        {"Name": ["R", "G", "B"], "Color": [RED, GREEN, BLUE]},
        {"Color": [WHITE] * 3},
    ],
)
def test_red_green_and_blue(tmp_path: Path, channel: dict[str, Any]) -> None:
    assert np.array_equal(seen(write_ome(tmp_path / "a.ome.tif", channel)), IMAGE)


@pytest.mark.parametrize(
    ("channel", "received"),
    [
        ({"Name": ["Blue", "Green", "Red"]}, "blue, green, red"),
        ({"Name": ["DAPI", "FITC", "TRITC"]}, "dapi, fitc, tritc"),
        ({"Color": [BLUE, GREEN, RED]}, "#0000ff, #00ff00, #ff0000"),
        ({"Name": ["Red", "Green", "Blue"], "Color": [BLUE, GREEN, RED]}, "#0000ff, "),
    ],
)
def test_other_channels(tmp_path: Path, channel: dict[str, Any], received: str) -> None:
    message = rf"a\.ome\.tif: its channels must be red, green and blue\. Received: {received}"
    with pytest.raises(DataError, match=message):
        seen(write_ome(tmp_path / "a.ome.tif", channel))


@pytest.mark.parametrize("colours", ["red green blue", "grey grey grey", "blue green red"])
def test_imagej(tmp_path: Path, colours: str) -> None:
    path = tmp_path / "a.tif"
    tables = [TABLES[colour] for colour in colours.split()]
    metadata = {"axes": "CYX", "mode": "composite", "LUTs": tables}
    tifffile.imwrite(path, PLANES, imagej=True, metadata=metadata)
    if colours != "blue green red":
        assert np.array_equal(seen(path), IMAGE)
        return
    with pytest.raises(DataError, match=r"a\.tif: its channels must .* #0000ff, #00ff00, #ff0000"):
        seen(path)
