"""Bad input: one clear line that names the file and the rule, exit code 1, nothing left."""

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from mitokeras.cli.main import main
from mitokeras.data.synthetic.writer import write_synthetic
from tests.runs import PROGRAM, ROOT, write_config


@pytest.fixture(scope="module")
def fields(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("fields") / "set"
    return write_synthetic(folder, 4, seed=2, field_px=256, cases=4)


@pytest.fixture
def data(fields: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(fields, tmp_path / "data"))


def refuse(data: Path, tmp_path: Path, config: Path | None = None) -> str:
    """Run fit; the one line that it says."""
    config = config or write_config(tmp_path)
    out = tmp_path / "run"
    before = sorted(path for path in tmp_path.rglob("*") if path != config)
    arguments = ["fit", str(data), "--out", str(out), "--config", str(config)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1, result.output
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert "Traceback" not in result.output
    assert sorted(path for path in tmp_path.rglob("*") if path != config) == before
    return last


def test_truncated_image(data: Path, tmp_path: Path) -> None:
    image = data / "images" / "field_0003.png"
    image.write_bytes(image.read_bytes()[:5000])
    assert "field_0003.png: cannot be decoded: image file is truncated" in refuse(data, tmp_path)


def test_image_without_its_mask(data: Path, tmp_path: Path) -> None:
    (data / "masks" / "field_0002.png").unlink()
    assert "field_0002" in refuse(data, tmp_path)


def test_mask_of_another_size(data: Path, tmp_path: Path) -> None:
    mask = data / "masks" / "field_0002.png"
    cv2.imwrite(str(mask), np.zeros((100, 100), np.uint8))
    line = refuse(data, tmp_path)
    assert "field_0002.png: a mask must have the size of its image, 256 x 256 px" in line


def icpr_folder(tmp_path: Path, row: str) -> Path:
    folder = tmp_path / "icpr"
    folder.mkdir()
    for case in ("A00_01", "A01_02", "A02_03"):
        image = np.full((128, 128, 3), 180, np.uint8)
        cv2.imwrite(str(folder / f"{case}.bmp"), image)
        (folder / f"{case}.csv").write_text("10,10,11,10,11,11\n")
    (folder / "A01_02.csv").write_text(row)
    return folder


@pytest.mark.parametrize(
    ("row", "rule"),
    [("10,10,11\n", "A01_02.csv"), ("10,ten\n", "A01_02.csv"), ("500,10,501,10\n", "A01_02")],
)
def test_bad_rows_of_pixels(tmp_path: Path, row: str, rule: str) -> None:
    assert rule in refuse(icpr_folder(tmp_path, row), tmp_path)


def test_empty_data_set(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert str(tmp_path / "empty") in refuse(tmp_path / "empty", tmp_path)


def test_a_set_without_a_mitosis(data: Path, tmp_path: Path) -> None:
    for mask in (data / "masks").iterdir():
        cv2.imwrite(str(mask), np.zeros((256, 256), np.uint8))
    line = refuse(data, tmp_path)
    assert "must have at least one mitotic figure. Received: none" in line


def test_cases_that_cannot_be_split(data: Path, tmp_path: Path) -> None:
    labels = data / "labels.csv"
    text = labels.read_text()
    for number in (2, 3, 4):
        text = text.replace(f"case_0{number}", "case_01")
    labels.write_text(text)
    assert "at least two cases" in refuse(data, tmp_path)


def test_unknown_config_key_and_preset(data: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"segmenter": {"epochs": 3}}))
    line = refuse(data, tmp_path, bad)
    assert "bad.json: unknown key 'segmenter.epochs'. Known: model, width" in line
    result = CliRunner().invoke(main, ["fit", "--out", "x", "--preset", "big"])
    assert result.exit_code == 2


def test_unknown_model_and_missing_weights(data: Path, tmp_path: Path) -> None:
    for part, message in (
        ({"segmenter": {"model": "unet5"}}, "unet5"),
        ({"classifier": {"model": "resnet50x"}}, "resnet50x"),
        ({"classifier": {"weights": "/no/such.keras"}}, "/no/such.keras"),
    ):
        bad = tmp_path / "bad.json"
        bad.write_text(json.dumps(part))
        assert message in refuse(data, tmp_path, bad)


def test_full_disk(data: Path, tmp_path: Path) -> None:
    """A limit on the size of a file stands for a disk that is full."""
    config = write_config(tmp_path)
    out = tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "fit", data, "--out", out, "--config", config],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert "store" in last or "File too large" in last
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_unwritable_folder(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    config = write_config(tmp_path)
    arguments = ["fit", str(data), "--out", str(tmp_path / "file" / "run"), "--config", str(config)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "Not a directory" in result.stderr


def test_data_that_changed_under_the_store(data: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path)
    out = tmp_path / "run"
    settings = ["fit", str(data), "--out", str(out), "--config", str(config)]
    from mitokeras.cli.fit import _settings
    from mitokeras.train.fit import RunFolder
    from mitokeras.train.prepare import prepare_store

    run = RunFolder.begin(
        out,
        _settings(
            None,
            data=(data,),
            preset=None,
            config=config,
            weights=None,
            seed=None,
            layout=None,
            spacing_um_px=None,
        ),
    )
    prepare_store(run)
    image = data / "images" / "field_0001.png"
    pixels = cv2.imread(str(image))
    cv2.imwrite(str(image), 255 - pixels)
    result = CliRunner().invoke(main, [*settings, "--resume"])
    assert result.exit_code == 1
    assert "field_0001.png: changed since" in result.stderr
    assert run.store_file.exists()  # it took hours to write, and is whole
