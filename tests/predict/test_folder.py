"""Results that a power cut has spoiled."""

from pathlib import Path

import cv2
import pytest

from mitokeras.predict.engines.local import LocalEngine
from mitokeras.predict.folder import OutputFolder
from mitokeras.predict.jobs import SlideJob
from mitokeras.predict.location import SlideFile
from tests.predict.fake import fake_detector, tissue


@pytest.fixture
def job(tmp_path: Path) -> SlideJob:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), tissue(300, 400, 10)[..., ::-1])
    return SlideJob(SlideFile(path, 0.25), tmp_path / "out" / "a.png")


@pytest.fixture
def engine() -> LocalEngine:
    return LocalEngine(fake_detector())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("left", [b"", b"{", bytes(4096), b"\xff\xfe"])
def test_a_result_that_a_power_cut_spoiled_is_made_again(
    job: SlideJob, engine: LocalEngine, left: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    first = engine.predict(job)
    before = contents(job.folder)
    (job.folder / "prediction.json").write_bytes(left)
    assert OutputFolder(job.folder).is_damaged()
    assert engine.predict(job) == first
    assert contents(job.folder) == before
    assert caplog.messages[-1].endswith("predicting again")
    assert not OutputFolder(job.folder).is_damaged()


def test_an_output_that_a_power_cut_emptied_is_written_again(
    job: SlideJob, engine: LocalEngine
) -> None:
    engine.predict(job)
    before = contents(job.folder)
    (job.folder / "detections.csv").write_bytes(b"")
    assert OutputFolder(job.folder).is_damaged()
    engine.detector.segmenter = None  # type: ignore[assignment]  # no network is needed
    engine.predict(SlideJob(job.location, job.folder, ("html",)))
    assert contents(job.folder) == before


def test_a_folder_without_results_is_not_damaged(job: SlideJob) -> None:
    assert not OutputFolder(job.folder).is_damaged()
    job.folder.mkdir(parents=True)
    assert not OutputFolder(job.folder).is_damaged()
