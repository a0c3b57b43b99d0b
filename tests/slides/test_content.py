import os
from pathlib import Path

import pytest

from mitokeras.slides.content import PART_BYTES, PARTS, content_sha256


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(data)
    return path


def test_a_copy_has_the_content_of_the_first_whatever_its_name_and_time(tmp_path: Path) -> None:
    first = write(tmp_path / "a.svs", b"abc")
    copy = write(tmp_path / "day 2" / "b.tif", b"abc")
    os.utime(copy, ns=(1, 1))
    assert content_sha256(first) == content_sha256(copy)
    assert content_sha256(first) != content_sha256(write(tmp_path / "c.svs", b"abd"))
    assert content_sha256(first) != content_sha256(write(tmp_path / "d.svs", b"abc\0"))


@pytest.mark.parametrize("changed", [0, PARTS * PART_BYTES // 3, PARTS * PART_BYTES - 1])
def test_a_small_file_is_read_whole(tmp_path: Path, changed: int) -> None:
    data = bytearray(PARTS * PART_BYTES)
    before = content_sha256(write(tmp_path / "a.bmp", data))
    data[changed] = 1
    assert content_sha256(write(tmp_path / "a.bmp", data)) != before


def test_of_a_large_file_eight_parts_at_equal_distances_count(tmp_path: Path) -> None:
    size = 15 * PART_BYTES  # parts begin at 0, 2, 4 ... 14 times their size
    before = content_sha256(write(tmp_path / "a.bmp", bytes(size)))

    def counts(place: int) -> bool:
        data = bytearray(size)
        data[place] = 1
        return content_sha256(write(tmp_path / "a.bmp", data)) != before

    for part in range(8):
        assert counts(2 * part * PART_BYTES) and counts((2 * part + 1) * PART_BYTES - 1)
    assert not counts(PART_BYTES)
    assert not counts(14 * PART_BYTES - 1)
    assert content_sha256(write(tmp_path / "a.bmp", bytes(size + 1))) != before


def test_all_files_of_a_slide_count_in_any_order(tmp_path: Path) -> None:
    first = write(tmp_path / "1" / "a.dcm", b"label")
    write(tmp_path / "1" / "b.dcm", b"level 0")
    copy = write(tmp_path / "2" / "x.dcm", b"level 0")
    other = write(tmp_path / "2" / "y.dcm", b"label")
    assert content_sha256(first) == content_sha256(copy) == content_sha256(other)
    other.write_bytes(b"LABEL")
    assert content_sha256(first) != content_sha256(copy)


def test_the_data_of_a_mirax_slide_count(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mrxs", b"")
    data = write(tmp_path / "a" / "Data0000.dat", b"one")
    before = content_sha256(path)
    data.write_bytes(b"two")
    assert content_sha256(path) != before


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        content_sha256(tmp_path / "a.svs")
