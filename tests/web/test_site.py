import json
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from mitokeras.cli.main import main
from mitokeras.detect.folder import shipped_models
from mitokeras.detect.spec import read_spec
from mitokeras.errors import ModelError
from mitokeras.web.site import site_files
from tests.web.conftest import FILES

EDGE = shipped_models()["edge"]


def test_a_site_is_the_page_and_the_model(page: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    done = CliRunner().invoke(main, ["export", "edge", "--format", "web", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert f"Site: {out}" in done.stdout
    for name, content in FILES.items():
        assert (out / name).read_bytes() == content
    spec = read_spec(out)  # compares the hashes of the networks
    own = read_spec(EDGE)
    assert spec.changed(models={}) == own.changed(models={})
    for role, model in spec.models.items():
        assert model.sha256 != own.models[role].sha256
    about = json.loads((out / "site.json").read_text())
    assert about["model"] == "edge"
    assert all((out / name).is_file() for name in about["files"])
    assert {"card.html", "crossvalidation.json", "pictures/missed.jpg"} <= set(about["files"])
    assert sha256((out / "MODEL_CARD.md").read_bytes()) .digest() == sha256(
        (EDGE / "MODEL_CARD.md").read_bytes()
    ).digest()  # fmt: skip


def test_a_folder_in_use_is_left_alone(page: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine").write_text("x")
    done = CliRunner().invoke(
        main, ["export", "edge", "--format", "web", "--out", str(tmp_path / "site")]
    )
    assert done.exit_code == 1
    assert "--out must be a new or empty folder" in done.stderr
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--quantize", "int8"], "--quantize and --card-notes are for runs, and it is a bundle"),
        (["--with-weights"], "--with-weights must come with --format tflite. Received: web"),
    ],
)
def test_options_of_runs_are_refused(
    page: Path, tmp_path: Path, options: list[str], error: str
) -> None:
    out = str(tmp_path / "site")
    done = CliRunner().invoke(main, ["export", "edge", "--format", "web", "--out", out, *options])
    assert done.exit_code == 1
    assert error in done.stderr
    assert not (tmp_path / "site").exists()


def bundle(folder: Path, **changes: object) -> Path:
    """The shipped model with another detector.json."""
    folder.mkdir()
    values = json.loads((EDGE / "detector.json").read_text())
    for model in values["models"].values():
        (folder / model["file"]).write_bytes((EDGE / model["file"]).read_bytes())
    (folder / "detector.json").write_text(json.dumps(values | changes))
    return folder


def test_a_stain_normalisation_is_refused(page: Path, tmp_path: Path) -> None:
    stain = {
        "policy": "macenko",
        "stain_matrix": [[0.5, 0.2], [0.7, 0.8], [0.4, 0.5]],
        "max_concentrations": [1.9, 1.0],
    }
    with pytest.raises(ModelError, match=r"policy must be none\. Received: macenko"):
        site_files(bundle(tmp_path / "m", stain=stain))


def test_a_damaged_network_is_refused(page: Path, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "m")
    (folder / "segmenter.tflite").write_bytes(b"x")
    with pytest.raises(ModelError, match="its SHA-256 must be"):
        site_files(folder)


def test_a_bundle_needs_no_card_and_no_curve(page: Path, tmp_path: Path) -> None:
    files = site_files(bundle(tmp_path / "m"))
    assert json.loads(files["site.json"])["files"] == [
        "classifier.tflite",
        "detector.json",
        "segmenter.tflite",
        "subtyper.tflite",
    ]


def test_without_a_stage_3_the_site_has_none(page: Path, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "m")
    values = json.loads((folder / "detector.json").read_text())
    del values["models"]["subtyper"], values["subtyping"]
    (folder / "detector.json").write_text(json.dumps(values))
    files = site_files(folder)
    assert "subtyper.tflite" not in json.loads(files["site.json"])["files"]
    assert "subtyping" not in json.loads(files["detector.json"])


def test_a_stage_3_is_in_the_site(page: Path, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "m")
    values = json.loads((folder / "detector.json").read_text())
    files = site_files(folder)
    spec = json.loads(files["detector.json"])
    assert spec["subtyping"] == values["subtyping"]
    assert spec["models"]["subtyper"] == {
        "file": "subtyper.tflite",
        "sha256": sha256(files["subtyper.tflite"]).hexdigest(),
    }
    assert "subtyper.tflite" in json.loads(files["site.json"])["files"]


def test_a_run_becomes_a_site(page: Path, finished_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    done = CliRunner().invoke(
        main, ["export", str(finished_run), "--format", "web", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert f"Bundle: {out}" in done.stdout
    spec = read_spec(out)
    assert spec.changed(models={}) == read_spec(finished_run).changed(models={})
    about = json.loads((out / "site.json").read_text())
    assert about["model"] == finished_run.resolve().name
    assert "card.html" in about["files"]
