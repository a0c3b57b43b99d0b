import os
import sys
from pathlib import Path

import pytest

from mitokeras.errors import ConfigError, DataError
from mitokeras.slides.inputs import find_inputs
from tests.slides import noise_image
from tests.slides.dicom import write_dicom


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(*given: str | Path, exclude: Path | None = None) -> list[str]:
    return [each.name for each in find_inputs(given, exclude)]


def test_outputs_are_no_inputs(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "out/overlay.png", "out/deeper/b.png", "output/c.png")
    out = tmp_path / "out"
    assert names(tmp_path, exclude=out) == ["a.png", "output/c.png"]
    assert names(tmp_path / "**" / "*.png", exclude=out) == ["a.png", "c.png"]
    assert names(out / "overlay.png", exclude=out) == ["overlay.png"], "named by the user"
    with pytest.raises(DataError, match=r"no slide or image in this folder, apart from"):
        find_inputs([tmp_path], tmp_path)


def test_files_and_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.png", "b.png", "c.txt", "x/d.png", "x/y/e.png")
    assert names(tmp_path / "c.txt") == ["c.txt"], "a file is taken whatever its suffix"
    assert names(str(tmp_path / "*")) == ["a.png", "b.png"]
    assert names(tmp_path / "**" / "*.png") == ["a.png", "b.png", "d.png", "e.png"]
    monkeypatch.chdir(tmp_path)
    assert names("x/*.png", "a.png") == ["d.png", "a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids * and ? in names")
def test_what_exists_is_no_pattern(tmp_path: Path) -> None:
    touch(tmp_path, "a[1].png", "a1.png", "*.png", "[x]/b.png", "x/c.png")
    assert names(tmp_path / "a[1].png") == ["a[1].png"]
    assert names(tmp_path / "*.png") == ["*.png"]
    assert names(tmp_path / "[x]") == ["b.png"]


def test_each_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.png", "b.png")
    monkeypatch.chdir(tmp_path)
    assert names("b.png", tmp_path, tmp_path / "a.png", "*.png") == ["b.png", "a.png"]


def test_a_link_to_a_file_that_is_taken_by_another_name_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    touch(tmp_path, "a.png", "c.png")
    try:
        (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    except OSError:
        pytest.skip("no links here")
    assert names(tmp_path, tmp_path / "a.png", tmp_path / "*.png") == ["a.png", "c.png"]
    assert caplog.messages == [
        f"{tmp_path / 'b.png'}: left out: the same file as {tmp_path / 'a.png'}"
    ]


def test_names_must_differ(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.png", "y/A.png")
    with pytest.raises(ConfigError, match="must have a name of its own") as caught:
        find_inputs([tmp_path / "x" / "a.png", tmp_path / "y" / "A.png"])
    assert str(tmp_path / "x" / "a.png") in str(caught.value)
    assert str(tmp_path / "y" / "A.png") in str(caught.value)
    assert names(tmp_path) == ["x/a.png", "y/A.png"]


def test_names_must_differ_in_more_than_the_coding_of_accents(tmp_path: Path) -> None:
    touch(tmp_path, "x/\u00e9.png", "y/e\u0301.png")
    with pytest.raises(ConfigError, match="must have a name of its own"):
        find_inputs([*(tmp_path / "x").iterdir(), *(tmp_path / "y").iterdir()])


def test_nothing_found(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt")
    with pytest.raises(DataError, match=r"missing\.svs: no such file or folder"):
        find_inputs([tmp_path / "missing.svs"])
    with pytest.raises(DataError, match=r"\*\.svs: no slide or image matches"):
        find_inputs([tmp_path / "*.svs"])
    with pytest.raises(DataError, match="no slide or image in this folder"):
        find_inputs([tmp_path])


def test_the_dicom_files_of_a_series_are_one_slide(tmp_path: Path) -> None:
    image = noise_image(200, 200)
    write_dicom(tmp_path / "s", image, levels=(2, 4))
    write_dicom(tmp_path / "other", image, series="1.2.4")
    for level in (tmp_path / "other").iterdir():
        level.rename(tmp_path / "s" / f"other {level.name}")
    touch(tmp_path, "s/0.dcm", "s/a.png", "bad/1.dcm", "bad/2.DCM")
    # No file in `bad` is known: the first stands for the slide, and fails when it is opened.
    assert names(tmp_path) == ["bad/1.dcm", "s/1.2.3.dcm", "s/a.png", "s/1.2.4.dcm"]
    assert names(tmp_path / "s" / "*.dcm") == ["1.2.3.dcm", "1.2.4.dcm"]
    assert names(tmp_path / "s" / "2.dcm") == ["1.2.3.dcm"], "whichever of its files is given"


@pytest.mark.parametrize("series", ["../../1.2", "1.2\x1b", "", "1" * 64 + ".2", "a.svs"])
def test_a_series_that_is_no_uid_names_no_folder(tmp_path: Path, series: str) -> None:
    write_dicom(tmp_path / "s", noise_image(200, 200), levels=(), series=series)
    assert names(tmp_path / "s") == ["1.dcm"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read all")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "secret/b.png")
    (tmp_path / "secret").chmod(0)
    with pytest.raises(DataError, match="secret: cannot be read"):
        find_inputs([tmp_path])
    (tmp_path / "secret").chmod(0o700)
