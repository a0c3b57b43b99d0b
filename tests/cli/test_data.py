import json
from pathlib import Path

import cv2
import numpy as np
from click.testing import CliRunner

from mitokeras.cli.main import main


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_synth_then_inspect(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    code, out, _ = run("data", "synth", "--out", folder, "--fields", 3, "--field-px", 256)
    assert code == 0
    assert "3 fields" in out
    code, out, _ = run("data", "inspect", folder, "--json", tmp_path / "found.json")
    assert code == 0
    assert "points" in out
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["layout"] == "points"
    figures = sum(
        cv2.connectedComponents(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))[0] - 1
        for path in (folder / "masks").iterdir()
    )
    assert figures > 0
    assert str(figures) in out

    code, _, err = run("data", "synth", "--out", folder)
    assert code == 1
    assert err.startswith("Error: ")
    assert str(folder) in err


def test_inspect_names_what_is_damaged(tmp_path: Path) -> None:
    run("data", "synth", "--out", tmp_path / "set", "--fields", 2, "--field-px", 256)
    image = tmp_path / "set" / "images" / "field_0002.png"
    image.write_bytes(image.read_bytes()[:3000])
    code, out, _ = run("data", "inspect", tmp_path / "set")
    assert code == 1
    assert "field_0002.png" in out


def test_a_folder_of_nothing(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        code, out, err = run("data", "inspect", folder)
        assert code == 1
        assert out == ""
        assert str(folder) in err
        assert err.count("\n") == 1


def test_layout_overrides(tmp_path: Path) -> None:
    for name, brightness in (("images", 200), ("masks", 0)):
        (tmp_path / name).mkdir()
        pixels = np.full((64, 64, 3), brightness, np.uint8)
        cv2.imwrite(str(tmp_path / name / "a_1.png"), pixels)
    code, out, _ = run("data", "inspect", tmp_path, "--layout", "folders")
    assert code == 0
    assert "folders" in out
    code, _, err = run("data", "inspect", tmp_path, "--layout", "folder")
    assert code == 2
    assert "icpr2012" in err
