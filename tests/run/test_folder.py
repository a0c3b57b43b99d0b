from pathlib import Path

import pytest

from mitokeras.errors import ConfigError, ModelError
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.run.presets import get_preset
from mitokeras.run.record import RunRecord, RunSettings, read_record
from mitokeras.train.prepare import prepare_store


def settings() -> RunSettings:
    return RunSettings(data=("/data/set",), preset="paper", config=get_preset("paper"))


def record(*notes: str) -> RunRecord:
    return RunRecord(
        settings=settings(), environment={}, data_sha256="", notes=notes, stages={}, fields=()
    )


def test_begun_reopened_closed(tmp_path: Path) -> None:
    run = RunFolder.begin(tmp_path / "a" / "run", settings())
    assert not run.finished
    assert RunFolder.reopen(run.root).settings == settings()
    run.close(record("one"))
    again = RunFolder.reopen(run.root)
    assert again.finished
    assert again.settings == settings()
    assert read_record(run.root) == record("one")
    assert not run.checkpoints.exists()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ConfigError, match="new or empty folder"):
        RunFolder.begin(tmp_path, settings())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    RunFolder.begin(tmp_path / "empty", settings())


def test_another_version_does_not_resume(tmp_path: Path) -> None:
    old = RunSettings(version="0.0.1", preset="edge", config=Config())
    RunFolder.begin(tmp_path / "run", old)
    with pytest.raises(ModelError, match=r"0\.0\.1 began it"):
        RunFolder.reopen(tmp_path / "run")


def test_a_kill_before_the_settings_were_written_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "checkpoints" / ".settings.partial.json").write_text("{")
    run = RunFolder.begin(tmp_path / "run", settings())
    assert RunFolder.reopen(run.root).settings == settings()
    with pytest.raises(ConfigError, match="new or empty folder"):
        RunFolder.begin(tmp_path / "run", settings())


def test_what_a_run_starts_from_is_there_before_it_has_begun(tmp_path: Path) -> None:
    def killed(run: RunFolder) -> None:
        run.start_folder.mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RunFolder.begin(tmp_path / "run", settings(), killed)
    with pytest.raises(ModelError, match="there is no run"):
        RunFolder.reopen(tmp_path / "run")
    kept = []
    RunFolder.begin(tmp_path / "run", settings(), kept.append)
    assert RunFolder.reopen(tmp_path / "run").start_folder == kept[0].start_folder


def test_checkpoints_that_outlived_their_run_are_dropped(tmp_path: Path) -> None:
    run = RunFolder.begin(tmp_path / "run", settings())
    run.close(record())
    (run.checkpoints / "old.keras").parent.mkdir()
    assert RunFolder.reopen(run.root).finished
    assert not run.checkpoints.exists()


def test_what_a_kill_while_drawing_has_left_is_cleared(tmp_path: Path) -> None:
    quick = get_preset("quick").updated({"synthetic": {"fields": 6, "field_px": 128, "cases": 3}})
    run = RunFolder.begin(tmp_path / "run", RunSettings(preset="quick", config=quick))
    (run.root / ".synthetic-1a2b" / "synthetic").mkdir(parents=True)
    prepare_store(run)
    assert {path.name for path in run.root.iterdir()} == {"checkpoints", "store.h5", "synthetic"}
