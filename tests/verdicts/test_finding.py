"""Which slide belongs to a prediction."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mitokeras.errors import DataError
from mitokeras.verdicts.finding import find_predicted, predicted_folders
from tests.review.slides import write_predicted
from tests.runs import call


def test_beside_below_and_of_one(tmp_path: Path) -> None:
    out = write_predicted(tmp_path, "day 1/S1.svs")
    write_predicted(tmp_path, "S2.svs")
    found = find_predicted(out, None)
    assert [(one.name, one.slide is not None) for one in found] == [
        ("S2.svs", True),
        ("day 1/S1.svs", True),
    ]
    (one,) = find_predicted(out / "S2.svs", None)
    assert one.slide is not None
    assert one.slide.path == tmp_path / "S2.svs"
    (tmp_path / "scans").mkdir()
    shutil.move(tmp_path / "S2.svs", tmp_path / "scans" / "S2.svs")
    for folder in (out, out / "S2.svs"):
        found = find_predicted(folder, None)
        assert found[0].slide is not None
        assert found[0].slide.path == tmp_path / "scans" / "S2.svs"
    shutil.move(tmp_path / "scans" / "S2.svs", tmp_path / "S2.svs")
    elsewhere = tmp_path / "far" / "archive" / "2026"
    elsewhere.mkdir(parents=True)
    shutil.move(tmp_path / "S2.svs", elsewhere / "S2.svs")
    assert [one.slide is None for one in find_predicted(out, None)] == [True, False]
    (one,) = find_predicted(out / "S2.svs", tmp_path / "far")
    assert one.slide is not None
    assert one.slide.path == elsewhere / "S2.svs"


def test_linked_folders_are_followed(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    write_predicted(tmp_path, "S2.svs")
    (tmp_path / "archive").mkdir()
    shutil.move(out / "S2.svs", tmp_path / "archive" / "S2.svs")
    (out / "S2.svs").symlink_to(tmp_path / "archive" / "S2.svs")
    (out / "S1.svs" / "all").symlink_to(out)  # leads back up
    found = find_predicted(out, None)
    assert [(each.name, each.trouble) for each in found] == [("S1.svs", ""), ("S2.svs", "")]
    linked = tmp_path / "linked"
    linked.symlink_to(out)
    assert [each.name for each in find_predicted(linked, None)] == ["S1.svs", "S2.svs"]
    (out / "S3.svs").symlink_to(tmp_path / "not mounted")
    *fine, away = find_predicted(out, None)
    assert [(each.name, each.trouble) for each in fine] == [("S1.svs", ""), ("S2.svs", "")]
    assert away.name == "S3.svs"
    assert "S3.svs" in away.trouble


def test_a_slide_that_changed_is_refused(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    slide = tmp_path / "S1.svs"
    os.utime(slide, ns=(1, slide.stat().st_mtime_ns + 10**9))
    with pytest.raises(DataError, match=r"S1\.svs: must be the file that was predicted"):
        find_predicted(out, None)
    slide.unlink()
    with pytest.raises(DataError, match="--slides"):
        find_predicted(out, None)


def test_another_slide_of_the_same_name_size_and_time_is_passed_over(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    slide = tmp_path / "S1.svs"
    time_ns = slide.stat().st_mtime_ns
    (tmp_path / "scans").mkdir()
    shutil.copy2(slide, tmp_path / "scans" / "S1.svs")
    data = bytearray(slide.read_bytes())
    data[0] ^= 1
    slide.write_bytes(data)
    os.utime(slide, ns=(time_ns, time_ns))
    (one,) = find_predicted(out, None)
    assert one.slide is not None and one.slide.path == tmp_path / "scans" / "S1.svs"
    (tmp_path / "scans" / "S1.svs").unlink()
    with pytest.raises(DataError, match=r"S1\.svs: must be the file that was predicted"):
        find_predicted(out, None)


def test_slides_in_the_folder_of_another_and_such_of_hidden_names(tmp_path: Path) -> None:
    for name in (".S1.svs", "S2.svs", "S2.svs.more/S3.svs"):
        out = write_predicted(tmp_path, name)
    (out / "S2.svs.more").rename(out / "S2.svs" / "more")
    shutil.copytree(out / "S2.svs", out / ".S2.svs.partial")
    names = [folder.relative_to(out).as_posix() for folder in predicted_folders(out)]
    assert names == [".S1.svs", "S2.svs", "S2.svs/more/S3.svs"]
    assert predicted_folders(out / "S2.svs") == [out / "S2.svs"]


def test_folders_that_hold_no_prediction(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        find_predicted(tmp_path / "nothing", None)
    with pytest.raises(DataError, match="must hold what predict or watch wrote"):
        find_predicted(tmp_path, None)
    out = write_predicted(tmp_path)
    with pytest.raises(DataError, match="--slides must be"):
        find_predicted(out, tmp_path / "nothing")
    (out / "S1.svs" / "prediction.json").write_text("{")
    with pytest.raises(DataError, match=r"prediction\.json: not a JSON file"):
        find_predicted(out, None)


def test_the_command_says_it_in_one_line(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    for arguments, line in (
        ((tmp_path / "nothing",), "no such folder"),
        ((out, "--reviewer", "../x"), "--reviewer must be"),
        ((out, "--reviewer", ""), "--reviewer must be"),
        ((out, "--reviewer", "a.b"), "--reviewer must be"),
    ):
        done = call("review", *arguments, "--no-browser")
        assert done.exit_code == 1
        assert done.output.startswith("Error: ")
        assert line in done.output
        assert len(done.output.splitlines()) == 1
    journal = out / "S1.svs" / "review.anna.jsonl"
    journal.write_text("nonsense\n")
    done = call("review", out, "--reviewer", "anna", "--no-browser")
    assert (done.exit_code, len(done.output.splitlines())) == (1, 1)
    assert f"{journal}: line 1 must be one that a review wrote" in done.output
    done = call("review", out, "--reviewer", "Anna", "--no-browser")
    assert done.exit_code == 1
    assert "more than capitals" in done.output
