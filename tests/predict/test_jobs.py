"""One slide into its output folder: all at once, resumed where it was, never written over."""

import json
import os
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.disk.locks import sole_writer
from mitokeras.errors import DataError
from mitokeras.predict.engines.local import LocalEngine
from mitokeras.predict.jobs import SlideJob
from mitokeras.predict.location import SlideFile
from mitokeras.report.slide.outputs import DEFAULT_OUTPUTS, OUTPUTS
from mitokeras.slides.image_reader import ImageSlide
from tests.predict.fake import fake_detector, tissue

FILES = sorted(["prediction.json", *(OUTPUTS[name].file_name for name in DEFAULT_OUTPUTS)])


@pytest.fixture
def job(tmp_path: Path) -> SlideJob:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), tissue(700, 900, 60)[..., ::-1])
    return SlideJob(SlideFile(path, 0.25), tmp_path / "out" / "a.png")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Counted:
    """The fake detector, counting its calls, and failing at one of them."""

    def __init__(self, fail_at: int | None = None, **changes: object) -> None:
        self.detector = fake_detector(**changes)
        self.tiles = self.crops = 0
        segmenter, classifier = self.detector.segmenter, self.detector.classifier

        def segment(tiles: np.ndarray) -> np.ndarray:
            self.tiles += len(tiles)
            if fail_at is not None and self.tiles > fail_at:
                raise KeyboardInterrupt
            return segmenter(tiles)

        def classify(crops: np.ndarray) -> np.ndarray:
            self.crops += len(crops)
            return classifier(crops)

        self.detector.segmenter, self.detector.classifier = segment, classify
        self.engine = LocalEngine(self.detector)


def test_everything_is_there_and_nothing_else(job: SlideJob) -> None:
    prediction = Counted().engine.predict(job)
    assert names(job.folder.parent) == ["a.png"]
    assert names(job.folder) == FILES
    kept = json.loads((job.folder / "prediction.json").read_text("utf-8"))
    assert kept["prediction"] == prediction.model_dump(mode="json")
    assert kept["request"]["spacing_um_px"] == 0.25
    assert prediction.image.spacing_source == "--spacing-um-px"


def test_what_is_finished_is_not_done_again(job: SlideJob) -> None:
    first = Counted().engine.predict(job)
    before = contents(job.folder)
    again = Counted()
    assert again.engine.predict(job) == first
    assert again.tiles == 0
    assert contents(job.folder) == before


def test_an_interrupted_slide_goes_on_where_it_was(job: SlideJob, tmp_path: Path) -> None:
    whole = SlideJob(job.location, tmp_path / "whole")
    undisturbed = Counted()
    undisturbed.engine.predict(whole)
    stopped = Counted(fail_at=200)
    with pytest.raises(KeyboardInterrupt):
        stopped.engine.predict(job)
    assert not job.folder.exists()
    assert names(job.folder.parent) == [".a.png.progress"]

    (victim,) = (job.folder.parent / ".a.png.progress").glob("segment_000001.npz")
    victim.write_bytes(victim.read_bytes()[:200])  # as after a power cut
    resumed = Counted()
    resumed.engine.predict(job)
    assert resumed.tiles == undisturbed.tiles - 2 * 64
    assert contents(job.folder) == contents(whole.folder)
    assert names(job.folder.parent) == ["a.png"]


def test_what_a_kill_after_the_last_file_has_left_is_cleared(job: SlideJob) -> None:
    first = Counted().engine.predict(job)
    for left in (".a.png.progress", ".a.png.partial"):
        (job.folder.parent / left).mkdir()
    assert Counted().engine.predict(job) == first
    assert names(job.folder.parent) == ["a.png"]


def test_a_slide_that_another_program_writes_is_left_alone(job: SlideJob) -> None:
    with sole_writer(job.folder):
        (outcome,) = Counted().engine.run([job])
    assert outcome.error == f"{job.folder}: another program is writing there"
    assert not job.folder.exists()
    with pytest.raises(KeyboardInterrupt):
        Counted(fail_at=10).engine.predict(job)
    assert Counted().engine.predict(job)


def test_a_changed_slide_starts_anew(job: SlideJob) -> None:
    with pytest.raises(KeyboardInterrupt):
        Counted(fail_at=200).engine.predict(job)
    cv2.imwrite(str(job.location.path), tissue(700, 900, 50, seed=4)[..., ::-1])
    after = Counted()
    first = after.engine.predict(job)
    assert after.tiles == first.tiles - first.tiles_skipped
    cv2.imwrite(str(job.location.path), tissue(500, 900, 50, seed=5)[..., ::-1])
    second = Counted().engine.predict(job)
    assert second.image.height_px == 500
    assert names(job.folder.parent) == ["a.png"]
    assert names(job.folder) == FILES


def test_a_slide_that_changes_while_it_is_read_gives_no_result(job: SlideJob) -> None:
    counted = Counted()
    segment = counted.detector.segmenter

    def overwritten(tiles: np.ndarray) -> np.ndarray:
        cv2.imwrite(str(job.location.path), tissue(700, 900, 5, seed=9)[..., ::-1])
        return segment(tiles)

    counted.detector.segmenter = overwritten
    with pytest.raises(DataError, match=r"a\.png: has changed while it was read"):
        counted.engine.predict(job)
    assert not job.folder.exists()
    again = Counted()
    again.engine.predict(job)
    assert again.tiles > 0  # what was found on the old content counts no more


def test_a_slide_that_is_taken_away_while_it_is_read_was_read_whole(job: SlideJob) -> None:
    counted = Counted()
    segment = counted.detector.segmenter

    def removed(tiles: np.ndarray) -> np.ndarray:
        job.location.path.unlink(missing_ok=True)
        return segment(tiles)

    counted.detector.segmenter = removed
    counted.engine.predict(job)
    assert names(job.folder) == FILES


def test_another_slide_of_the_same_name_is_not_written_over(job: SlideJob, tmp_path: Path) -> None:
    Counted().engine.predict(job)
    before = contents(job.folder)
    (tmp_path / "day 2").mkdir()
    other = SlideJob(SlideFile(tmp_path / "day 2" / "a.png", 0.25), job.folder)
    cv2.imwrite(str(other.location.path), tissue(700, 900, 50, seed=4)[..., ::-1])
    with pytest.raises(DataError, match="holds a prediction of another slide"):
        Counted().engine.predict(other)
    assert contents(job.folder) == before


def write_bmp(path: Path, seed: int) -> Path:
    """An image of 300 x 400 px, of 360,054 bytes whatever it shows, and always of one time."""
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), tissue(300, 400, 10, seed=seed)[..., ::-1])
    os.utime(path, ns=(10**18, 10**18))
    return path


def test_another_slide_of_the_same_name_size_and_time_is_not_taken_for_it(tmp_path: Path) -> None:
    first = write_bmp(tmp_path / "case 1" / "a.bmp", seed=1)
    other = write_bmp(tmp_path / "case 2" / "a.bmp", seed=2)
    assert first.stat().st_size == other.stat().st_size
    folder = tmp_path / "out" / "a.bmp"
    Counted().engine.predict(SlideJob(SlideFile(first, 0.25), folder, ("csv",)))
    before = contents(folder)
    for outputs in (("csv",), ("overlay",)):
        with pytest.raises(DataError, match="holds a prediction of another slide"):
            Counted().engine.predict(SlideJob(SlideFile(other, 0.25), folder, outputs))
    assert contents(folder) == before


def test_a_slide_replaced_by_one_of_its_size_and_time_is_predicted_anew(tmp_path: Path) -> None:
    slide = SlideFile(write_bmp(tmp_path / "in" / "a.bmp", seed=1), 0.25)
    job = SlideJob(slide, tmp_path / "out" / "a.bmp", ("csv",))
    first = Counted().engine.predict(job)
    write_bmp(slide.path, seed=2)
    fresh = Counted().engine.predict(SlideJob(slide, tmp_path / "fresh" / "a.bmp", ("csv",)))
    assert Counted().engine.predict(job) == fresh != first


def test_a_journal_of_a_slide_of_the_same_size_and_time_is_not_used(tmp_path: Path) -> None:
    slide = SlideFile(write_bmp(tmp_path / "in" / "a.bmp", seed=1), 0.25)
    job = SlideJob(slide, tmp_path / "out" / "a.bmp", ("csv",))
    counted = Counted()
    counted.engine.predict(job)
    shutil.rmtree(job.folder)
    interrupted = Counted()
    interrupted.detector.classifier = lambda crops: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        interrupted.engine.predict(job)
    assert (job.folder.parent / ".a.bmp.progress").is_dir()
    write_bmp(slide.path, seed=2)
    resumed = Counted()
    resumed.engine.predict(job)
    assert resumed.tiles == counted.tiles > 0


def test_a_slide_replaced_while_it_is_read_by_one_of_its_size_and_time(tmp_path: Path) -> None:
    slide = SlideFile(write_bmp(tmp_path / "in" / "a.bmp", seed=1), 0.25)
    counted = Counted()
    segment = counted.detector.segmenter

    def overwritten(tiles: np.ndarray) -> np.ndarray:
        write_bmp(slide.path, seed=2)
        return segment(tiles)

    counted.detector.segmenter = overwritten
    with pytest.raises(DataError, match=r"a\.bmp: has changed while it was read"):
        counted.engine.predict(SlideJob(slide, tmp_path / "out" / "a.bmp"))


def test_a_prediction_that_knows_no_content_is_judged_by_size_and_time(
    job: SlideJob, tmp_path: Path
) -> None:
    first = Counted().engine.predict(job)
    path = job.folder / "prediction.json"
    kept = json.loads(path.read_text("utf-8"))
    assert len(kept["request"].pop("content_sha256")) == 64
    path.write_text(json.dumps(kept) + "\n", encoding="utf-8")
    (tmp_path / "archive").mkdir()
    moved = job.location.path.rename(tmp_path / "archive" / "a.png")
    after = Counted()
    assert after.engine.predict(SlideJob(SlideFile(moved, 0.25), job.folder)) == first
    assert after.tiles == 0


def test_a_slide_that_was_moved_is_known_by_its_size_time_and_content(
    job: SlideJob, tmp_path: Path
) -> None:
    Counted().engine.predict(job)
    (tmp_path / "archive").mkdir()
    moved = job.location.path.rename(tmp_path / "archive" / "a.png")
    after = Counted()
    after.engine.predict(SlideJob(SlideFile(moved, 0.25), job.folder))
    assert after.tiles == 0


def test_a_name_in_an_inbox_is_the_same_by_any_path(job: SlideJob, tmp_path: Path) -> None:
    def as_seen(path: Path) -> SlideJob:
        return SlideJob(SlideFile(path, 0.25, inbox_name="day 1/a.png"), job.folder)

    Counted().engine.predict(as_seen(job.location.path))
    (tmp_path / "mount").mkdir()
    newer = tmp_path / "mount" / "a.png"
    cv2.imwrite(str(newer), tissue(500, 900, 50, seed=4)[..., ::-1])
    assert Counted().engine.predict(as_seen(newer)).image.height_px == 500


def test_another_model_does_not_write_over(job: SlideJob) -> None:
    Counted().engine.predict(job)
    before = contents(job.folder)
    other = Counted(classifier_threshold=0.9)
    with pytest.raises(
        DataError, match="holds a prediction by another model, threshold or spacing"
    ):
        other.engine.predict(job)
    assert contents(job.folder) == before


def test_other_outputs_and_another_field_need_no_network(job: SlideJob) -> None:
    few = SlideJob(job.location, job.folder, ("csv",))
    Counted().engine.predict(few)
    assert names(job.folder) == ["detections.csv", "prediction.json"]
    again = Counted()
    wide = SlideJob(job.location, job.folder, DEFAULT_OUTPUTS, field_diameter_mm=0.65)
    prediction = again.engine.predict(wide)
    assert again.tiles == again.crops == 0
    assert prediction.count.field_diameter_mm == 0.65
    assert names(job.folder) == FILES


@pytest.mark.parametrize("content", ["[]", '{"request": 3}'])
def test_a_broken_or_foreign_folder_is_left_alone(job: SlideJob, content: str) -> None:
    job.folder.mkdir(parents=True)
    (job.folder / "prediction.json").write_text(content)
    with pytest.raises(Exception, match=r"prediction\.json: not a"):
        Counted().engine.predict(job)
    (job.folder / "prediction.json").unlink()
    (job.folder / "thesis.docx").write_text("mine")
    with pytest.raises(DataError, match="must be a folder of predictions"):
        Counted().engine.predict(job)
    assert names(job.folder) == ["thesis.docx"]


def test_a_bad_slide_does_not_stop_the_others(job: SlideJob, tmp_path: Path) -> None:
    text = tmp_path / "text.svs"
    text.write_text("no slide")
    bad = SlideJob(SlideFile(text), tmp_path / "out" / "text.svs")
    gone = SlideJob(SlideFile(tmp_path / "gone.png"), tmp_path / "out" / "gone.png")
    outcomes = list(Counted().engine.run([bad, gone, job]))
    assert [outcome.prediction is None for outcome in outcomes] == [True, True, False]
    for outcome in outcomes[:2]:
        assert str(outcome.job.location.path) in outcome.error
        assert "\n" not in outcome.error
    assert names(tmp_path / "out") == ["a.png"]


def test_a_full_disk_is_said_and_nothing_is_half_written(
    job: SlideJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    (outcome,) = Counted().engine.run([job])
    assert outcome.error == f"{job.folder}: No space left on device"
    assert not job.folder.exists()
    monkeypatch.undo()
    after = Counted()
    after.engine.predict(job)
    assert after.tiles == 0  # the journal had it all
    assert names(job.folder.parent) == ["a.png"]


def test_what_the_user_keeps_in_the_folder_stays(job: SlideJob) -> None:
    Counted().engine.predict(SlideJob(job.location, job.folder, ("csv",)))
    (job.folder / "notes.txt").write_text("look at figure 3")
    (job.folder / "project").mkdir()
    (job.folder / "project" / "a.qpdata").write_bytes(b"q")
    Counted().engine.predict(SlideJob(job.location, job.folder, ("html",)))
    assert names(job.folder) == [
        "detections.csv", "notes.txt", "prediction.json", "project", "report.html",
    ]  # fmt: skip
    assert (job.folder / "project" / "a.qpdata").read_bytes() == b"q"


def test_a_kill_between_two_renames_loses_nothing(job: SlideJob) -> None:
    Counted().engine.predict(job)
    before = contents(job.folder)
    job.folder.rename(job.folder.with_name(".a.png.old"))  # where atomic_folder puts it aside
    again = Counted()
    again.engine.predict(job)
    assert again.tiles == 0
    assert contents(job.folder) == before
    assert names(job.folder.parent) == ["a.png"]


def test_another_slide_s_journal_is_never_used(
    job: SlideJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyboardInterrupt):
        Counted(fail_at=200).engine.predict(job)
    cv2.imwrite(str(job.location.path), tissue(700, 900, 50, seed=4)[..., ::-1])

    remove = shutil.rmtree

    def locked(folder: Path, **options: bool) -> None:
        if folder.name.endswith(".progress"):
            raise PermissionError(13, "in use", str(folder))
        remove(folder, **options)

    monkeypatch.setattr(shutil, "rmtree", locked)
    (outcome,) = Counted().engine.run([job])
    assert outcome.error is not None
    assert "in use" in outcome.error


def test_a_score_that_is_no_number_fails_the_slide(job: SlideJob) -> None:
    broken = fake_detector()
    broken.classifier = lambda crops: np.full(len(crops), np.nan, np.float32)
    (outcome,) = LocalEngine(broken).run([job])
    assert outcome.error == f"{job.location}: the classifier gave a score that is no number"


def test_a_bug_on_one_slide_does_not_stop_the_others(
    job: SlideJob, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    failing = fake_detector()
    segmenter, calls = failing.segmenter, []

    def fail_once(tiles: np.ndarray) -> np.ndarray:
        calls.append(len(tiles))
        if len(calls) == 1:
            raise RuntimeError("no kernel")
        return segmenter(tiles)

    failing.segmenter = fail_once
    other = SlideJob(job.location, tmp_path / "out" / "b")
    first, second = LocalEngine(failing).run([job, other])
    assert first.error == f"{job.location}: RuntimeError('no kernel')"
    assert second.prediction is not None
    assert "no kernel" in caplog.text  # with its trace


def test_the_slide_is_closed_after_its_last_read(
    job: SlideJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, at_close = [], []

    class Slow(ImageSlide):
        def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
            under_way.append(1)
            time.sleep(0.01)
            window = super().read(x, y, width, height)
            under_way.pop()
            return window

        def close(self) -> None:
            at_close.append(len(under_way))

    slow = Slow(tissue(700, 900, 60), 0.25)
    monkeypatch.setattr(SlideFile, "open", lambda self: slow)
    with pytest.raises(KeyboardInterrupt):
        Counted(fail_at=8).engine.predict(job)
    assert at_close == [0]
