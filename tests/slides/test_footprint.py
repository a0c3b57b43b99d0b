import os
from pathlib import Path

import pytest

from mitokeras.errors import DataError
from mitokeras.slides.footprint import Footprint, footprint


def write(path: Path, size: int, time_ns: int) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(bytes(size))
    os.utime(path, ns=(time_ns, time_ns))
    return path


def test_a_single_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.svs", 10, 5_000_000_000)
    write(tmp_path / "b.svs", 20, 6_000_000_000)
    assert footprint(path) == Footprint(10, 5_000_000_000)


def test_mirax_counts_its_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mrxs", 1, 5_000_000_000)
    assert footprint(path) == Footprint(1, 5_000_000_000)
    write(tmp_path / "a" / "Data0000.dat", 100, 7_000_000_000)
    write(tmp_path / "a" / "deeper" / "Data0001.dat", 1000, 6_000_000_000)
    write(tmp_path / "b" / "Data0000.dat", 10_000, 8_000_000_000)
    assert footprint(path) == Footprint(1101, 7_000_000_000)


def test_dicom_counts_its_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "1.dcm", 1, 5_000_000_000)
    write(tmp_path / "2.DCM", 10, 9_000_000_000)
    write(tmp_path / "notes.txt", 100, 10_000_000_000)
    assert footprint(path) == Footprint(11, 9_000_000_000)


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.svs: cannot be read"):
        footprint(tmp_path / "a.svs")
