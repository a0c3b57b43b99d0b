"""Against a plain reading of the codes one by one, and what encoders write."""

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from mitokeras.slides.lzw import check_lzw

RNG = np.random.default_rng(0)
CONTENTS = {
    "noise": RNG.integers(0, 256, 20_000, dtype=np.uint8).tobytes(),
    "few values": RNG.integers(0, 3, 60_000, dtype=np.uint8).tobytes(),
    "one value": bytes(100_000),
    "one byte": b"a",
    "nothing": b"",
}


def is_valid(data: bytes) -> bool:
    bits = "".join(f"{byte:08b}" for byte in data)
    place, width, entries, is_first = 0, 9, 258, False
    while place + width <= len(bits):
        code, place = int(bits[place : place + width], 2), place + width
        if code == 257:
            return True
        if code == 256:
            width, entries, is_first = 9, 258, True
        elif is_first:
            if code > 255:
                return False
            is_first = False
        else:
            if entries > 4096 or code > entries:
                return False
            entries += 1
            width = 9 + (entries >= 511) + (entries >= 1023) + (entries >= 2047)
    return True


def accepted(data: bytes) -> bool:
    try:
        check_lzw(data)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", CONTENTS)
def test_what_an_encoder_writes_is_accepted_whole_or_cut(name: str) -> None:
    data = imagecodecs.lzw_encode(CONTENTS[name])
    for length in (*range(2, min(len(data), 40)), len(data) // 2, len(data)):
        check_lzw(data[:length])


def test_what_libtiff_writes_is_accepted(tmp_path: Path) -> None:
    image = RNG.integers(0, 40, (300, 200, 3), dtype=np.uint8)
    Image.fromarray(image).save(tmp_path / "a.tif", compression="tiff_lzw")
    content = (tmp_path / "a.tif").read_bytes()
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        page = tiff.pages.first
        assert len(page.dataoffsets) > 0
        for start, count in zip(page.dataoffsets, page.databytecounts, strict=True):
            check_lzw(content[start : start + count])


@pytest.mark.parametrize("name", ["noise", "few values"])
def test_damage_is_found_where_reading_code_by_code_finds_it(name: str) -> None:
    whole = imagecodecs.lzw_encode(CONTENTS[name])
    verdicts = []
    for _ in range(60):
        data = bytearray(whole)
        for place in RNG.integers(2, len(data), RNG.integers(1, 4)):
            data[place] = RNG.integers(256)
        verdicts.append(accepted(bytes(data)))
        assert verdicts[-1] == is_valid(data)
    assert len(set(verdicts)) == 2


@pytest.mark.parametrize("first", [258, 300, 511])
def test_the_first_code_after_a_clear_code_must_be_a_byte(first: int) -> None:
    bits = f"{256:09b}{first:09b}{257:09b}".ljust(32, "0")
    with pytest.raises(ValueError, match="LZW data are damaged"):
        check_lzw(int(bits, 2).to_bytes(4, "big"))


def test_a_stream_of_before_tiff_6_is_refused() -> None:
    with pytest.raises(ValueError, match="do not begin with a clear code"):
        check_lzw(b"\0\1" + bytes(30))
