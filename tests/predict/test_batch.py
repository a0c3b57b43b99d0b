import csv
import os
import shutil
from pathlib import Path

import cv2
import pytest

from mitokeras.errors import DataError
from mitokeras.predict.batch import Batch
from mitokeras.predict.engines.local import LocalEngine
from mitokeras.predict.jobs import SlideJob
from mitokeras.predict.location import SlideFile
from tests.predict.fake import fake_detector, tissue


def predict(out: Path, name: str) -> SlideJob:
    path = out.parent / "slide.png"
    cv2.imwrite(str(path), tissue(300, 400, 10)[..., ::-1])
    job = SlideJob(SlideFile(path, 0.25), out / name)
    LocalEngine(fake_detector()).predict(job)
    return job


def listed(out: Path) -> dict[str, str]:
    with (out / "summary.csv").open(encoding="utf-8", newline="") as file:
        return {row["slide"]: row["status"] for row in csv.DictReader(file)}


def test_all_slides_of_the_folder_have_a_row_by_whichever_command(tmp_path: Path) -> None:
    out = tmp_path / "out"
    Batch(out).write({"b.svs": "b.svs: cut off"})
    assert listed(out) == {"b.svs": "failed"}
    predict(out, "day 1/a.png")
    batch = Batch(out)
    batch.write({})
    assert listed(out) == {"day 1/a.png": "done"}
    page = (out / "index.html").read_text("utf-8")
    for name in ("report.html", "thumbnail.jpg"):
        assert f'"day%201/a.png/{name}"' in page
    predict(out, "c.png")
    batch.write({"day 1/a.png": "its new version is cut off"})
    assert listed(out) == {"c.png": "done", "day 1/a.png": "failed"}


def test_a_file_that_has_not_changed_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    job = predict(out, "a.png")
    batch = Batch(out)
    batch.write({})
    before = (out / "summary.csv").read_bytes()
    facts = (job.folder / "prediction.json").stat()
    (job.folder / "prediction.json").write_bytes(b" " * facts.st_size)
    os.utime(job.folder / "prediction.json", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    batch.write({})
    assert (out / "summary.csv").read_bytes() == before
    Batch(out).write({})
    assert listed(out) == {"a.png": "failed"}
    page = (out / "summary.csv").read_text("utf-8")
    assert f"{job.folder / 'prediction.json'}: not a JSON file" in page
    (job.folder / "prediction.json").unlink()
    Batch(out).write({})
    assert listed(out) == {}


def test_predictions_that_are_linked_have_a_row_and_so_has_a_link_to_nothing(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    job = predict(out, "a.png")
    shutil.move(job.folder, tmp_path / "archive")
    (out / "a.png").symlink_to(tmp_path / "archive")
    Batch(out).write({})
    assert listed(out) == {"a.png": "done"}
    shutil.move(tmp_path / "archive", tmp_path / "elsewhere")
    Batch(out).write({})
    assert listed(out) == {"a.png": "failed"}


def test_what_a_slide_gave_before_it_changed_is_not_shown_till_it_is_predicted_again(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    job = predict(out, "a.png")
    whole = job.location.path.read_bytes()
    time_ns = job.location.path.stat().st_mtime_ns
    job.location.path.write_bytes(whole[:100])
    (outcome,) = LocalEngine(fake_detector()).run([job])
    assert outcome.error is not None
    batch = Batch(out)
    batch.write({"a.png": outcome.error})
    for later in (batch, Batch(out)):
        later.write({})
        assert listed(out) == {"a.png": "failed"}
        assert "has changed since it was predicted" in (out / "summary.csv").read_text("utf-8")
    job.location.path.write_bytes(whole)
    os.utime(job.location.path, ns=(time_ns, time_ns))
    LocalEngine(fake_detector()).predict(job)  # it is the file of before
    batch.write({})
    assert listed(out) == {"a.png": "done"}
    job.location.path.write_bytes(whole[:100])
    assert [one.error for one in LocalEngine(fake_detector()).run([job])] == [outcome.error]
    cv2.imwrite(str(job.location.path), tissue(500, 400, 10)[..., ::-1])
    LocalEngine(fake_detector()).predict(job)
    batch.write({})
    assert listed(out) == {"a.png": "done"}
    assert not (job.folder / "outdated.txt").exists()


def test_only_what_lies_there_for_a_time_and_hidden_folders_have_no_row(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name in (".a.png", "b.png", "b.png/c.png", ".trash/d.png"):
        predict(out, name)
    for left in (".e.png.partial", ".e.png.old"):
        shutil.copytree(out / "b.png", out / left)
    Batch(out).write({})
    assert listed(out) == {".a.png": "done", "b.png": "done", "b.png/c.png": "done"}


@pytest.mark.parametrize("name", ["summary.csv", "index.html"])
def test_what_somebody_else_keeps_there_is_not_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match=rf"{name}: must be the file of that name that predict"):
        Batch(tmp_path)
    (tmp_path / name).unlink()
    batch = Batch(tmp_path)
    (tmp_path / name).mkdir()
    with pytest.raises(DataError, match=name):
        batch.write({})


@pytest.mark.skipif(os.name == "nt", reason="names on Windows are text")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    out = tmp_path / "out"
    predict(out, os.fsdecode(b"a\xff.png"))
    Batch(out).write({})
    assert listed(out) == {"a\\udcff.png": "done"}
    assert "a%FF.png/report.html" in (out / "index.html").read_text("utf-8")


def test_it_keeps_up_without_taking_the_time_of_the_slides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("mitokeras.predict.batch.time.monotonic", lambda: clock[0])
    batch = Batch(tmp_path)
    write = batch.write

    def slow(failures: dict[str, str]) -> None:
        clock[0] += 2.0
        write(failures)

    monkeypatch.setattr(batch, "write", slow)
    assert batch.keep_up({"a": "cut"})
    clock[0] += 39.0
    assert not batch.keep_up({"a": "cut", "b": "cut"})
    assert listed(tmp_path) == {"a": "failed"}
    clock[0] += 2.0
    assert batch.keep_up({"a": "cut", "b": "cut"})
    assert listed(tmp_path) == {"a": "failed", "b": "failed"}
