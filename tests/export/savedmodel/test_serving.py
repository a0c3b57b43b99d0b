from pathlib import Path

import pytest

from mitokeras.errors import ConfigError
from mitokeras.export.savedmodel.serving import next_version, write_serving_files


def test_versions_count_up(tmp_path: Path) -> None:
    base = tmp_path / "mitosis"
    assert next_version(base) == 1
    for name in ("1", "3", "models.config"):
        (base / name).mkdir(parents=True)
    assert next_version(base) == 4
    (base / ".4.partial").mkdir()  # of an export that was killed
    assert next_version(base) == 4
    (base / "notes.txt").write_text("")
    with pytest.raises(ConfigError, match=r"integer versions only. Received: notes\.txt"):
        next_version(base)
    with pytest.raises(ConfigError, match="must be a folder"):
        next_version(base / "notes.txt")


def test_files_of_the_server_are_kept(tmp_path: Path) -> None:
    (tmp_path / "models.config").write_text("mine")
    write_serving_files(tmp_path)
    assert (tmp_path / "models.config").read_text() == "mine"
    (tmp_path / "models.config").unlink()
    write_serving_files(tmp_path)
    assert f'base_path: "/models/{tmp_path.name}"' in (tmp_path / "models.config").read_text()


def test_the_files_are_what_the_server_parses(tmp_path: Path) -> None:
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    write_serving_files(tmp_path)
    config = model_server_config_pb2.ModelServerConfig()
    text_format.Parse((tmp_path / "models.config").read_text(), config)
    (model,) = config.model_config_list.config
    assert model.model_platform == "tensorflow"
    assert model.model_version_policy.latest.num_versions == 1


def test_no_base_path_that_tensorflow_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="loads no SavedModel from a path"):
        next_version(tmp_path / "model[1]")


def test_a_version_stays_where_the_files_cannot_be_written(tmp_path: Path, caplog) -> None:
    (tmp_path / "models.config").mkdir()
    (tmp_path / "batching_parameters.txt").mkdir()
    write_serving_files(tmp_path)  # there, so left alone
    write_serving_files(tmp_path / "gone")
    assert "models.config: not written" in caplog.text
