import shutil
from pathlib import Path

import pytest

from mitokeras.detect.folder import is_shipped, model_folder, shipped_models
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.errors import ModelError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_shipped_model_is_loaded_by_its_name(shipped: Path, here: Path) -> None:
    assert shipped_models() == {"edge": shipped / "edge"}
    detector = Detector.load("edge", threads=1)
    assert detector.name == "edge"
    model = detector.spec.models["segmenter"]
    assert model.sha256 == sha256_of(shipped / "edge" / model.file)


def test_a_folder_without_a_bundle_is_no_shipped_model(shipped: Path) -> None:
    (shipped / "paper").mkdir()
    assert list(shipped_models()) == ["edge"]


def test_the_name_goes_before_a_folder_here(
    shipped: Path, here: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert model_folder("edge") == shipped / "edge"
    (here / "edge").mkdir()  # somebody's outputs
    assert model_folder("edge") == shipped / "edge"
    assert not caplog.messages
    shutil.copytree(shipped / "edge", here / "edge", dirs_exist_ok=True)
    assert model_folder("edge") == shipped / "edge"
    (message,) = caplog.messages
    assert "ships with mitokeras" in message
    assert "./edge" in message


def test_that_folder_is_a_path(shipped: Path, here: Path) -> None:
    shutil.copytree(shipped / "edge", here / "edge")
    for path in (Path("edge"), "./edge", str(here / "edge")):
        assert not is_shipped(path)
        assert model_folder(path).resolve() == here / "edge"


def test_the_newest_version_of_a_base_path(here: Path) -> None:
    for version in ("9", "10", "notes"):
        (here / "base" / version).mkdir(parents=True)
    assert model_folder("base") == Path("base/10")


@pytest.mark.parametrize("model", ["egde", Path("edge"), "runs/edge"])
def test_what_is_nowhere_names_the_known(shipped: Path, here: Path, model: str | Path) -> None:
    with pytest.raises(ModelError) as error:
        Detector.load(model)
    assert str(error.value) == (
        f"{model}: must be a finished run or bundle, or the name of a shipped model (edge)"
    )


def test_where_nothing_is_shipped(shipped: Path, here: Path) -> None:
    shutil.rmtree(shipped)
    with pytest.raises(ModelError, match=r"^edge: must be .* \(none in this copy\)$"):
        model_folder("edge")
