import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mitokeras.cli.export import _summary, _warn, command
from mitokeras.cli.main import main
from mitokeras.export.bundle import Exported
from mitokeras.export.formats import FORMATS
from mitokeras.export.parity import measure
from mitokeras.export.parity.record import SubtypeParity, ValidationParity
from tests.export.card.test_card import PARITY

CHOICES = ("format", "quantize")


def export(run: Path, out: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["export", str(run), "--out", str(out), *options])


def test_what_was_measured_is_said(finished_run: Path, tmp_path: Path) -> None:
    done = export(finished_run, tmp_path / "bundle", "--format", "tflite")
    assert done.exit_code == 0, done.output
    assert re.search(r"segmenter\.tflite +[\d,]+", done.stdout)
    assert re.search(r"candidates: (\d+) of \1 within 1 px .* on 20 fields", done.stdout)
    assert re.search(
        r"segmenter\.tflite: \d+ kinds of operators, all built into TFLite", done.stdout
    )
    assert "F1 of both stages on the validation fields" in done.stdout
    assert f"Bundle: {tmp_path / 'bundle'}" in done.stdout
    assert "WARNING" not in done.output
    data = finished_run / "synthetic"
    scored = CliRunner().invoke(
        main, ["evaluate", str(data), "--model", str(tmp_path / "bundle"), "--threads", "1"]
    )
    assert scored.exit_code == 0, scored.output
    assert "5 fields" in scored.stdout


def test_a_drop_of_f1_is_loud(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lower = ValidationParity(fields=5, protocol="midog", keras_f1=0.9, artefact_f1=0.85, drop=0.05)
    monkeypatch.setattr(measure, "validation_f1", lambda *arguments: lower)
    done = export(finished_run, tmp_path / "bundle", "--format", "tflite", "--quantize", "float16")
    assert done.exit_code == 0, done.output
    assert (
        "WARNING: F1 of both stages on the validation fields: 0.850, Keras 0.900: a drop of 0.050"
        in done.stderr
    )


def test_what_was_measured_of_stage_3_is_said(capsys: pytest.CaptureFixture) -> None:
    lower = SubtypeParity(
        split="test", normal=30, atypical=10, drop=0.02,
        keras_balanced_accuracy=0.8, artefact_balanced_accuracy=0.78,
    )  # fmt: skip
    found = PARITY.detections.changed(atypical_max_difference=0.012)
    parity = PARITY.changed(subtyping=lower, detections=found)
    exported = Exported(Path("bundle"), {"subtyper.tflite": 2_000}, parity, "by hand")
    assert "candidates: their atypical scores differ by 1.20e-02 at most" in _summary(exported)
    _warn(exported)
    assert (
        "WARNING: Balanced accuracy of stage 3 on the test figures: 0.780, Keras 0.800: a drop of "
        "0.020" in capsys.readouterr().err
    )


def test_how_thresholds_were_chosen_is_said_without_validation(
    capsys: pytest.CaptureFixture,
) -> None:
    parity = PARITY.changed(validation=None)
    _warn(Exported(Path("bundle"), {}, parity, "those of first; not chosen anew for int8"))
    line = "No validation fields. Thresholds: those of first; not chosen anew for int8\n"
    assert line in capsys.readouterr().out


def test_choices_are_those_of_the_formats() -> None:
    # Written out in the command, whose --help must not import the formats.
    choices = {
        option.name: option.type.choices for option in command.params if option.name in CHOICES
    }
    assert list(choices["format"]) == [*FORMATS, "web"]
    known = {name for form in FORMATS.values() for name in form.quantizations}
    assert set(choices["quantize"]) == known


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        (("--format", "coreml"), 2, "'coreml' is not one of 'tflite', 'onnx', 'savedmodel', 'web'"),
        (("--format", "onnx", "--quantize", "float16"), 1, "quantize of format onnx must be"),
    ],
)
def test_unknown_formats(
    finished_run: Path, tmp_path: Path, options: tuple[str, ...], code: int, line: str
) -> None:
    done = export(finished_run, tmp_path / "bundle", *options)
    assert done.exit_code == code
    assert line in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--format", "onnx", "--quantize", "int8"), "quantize of format onnx must be one of none"),
        (("--format", "onnx", "--with-weights"), "with_weights must come with format tflite"),
        (("--format", "tflite"), "--out must be a new or empty folder"),
        (("--format", "savedmodel"), "integer versions only. Received: mine.txt"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_loaded(
    tmp_path: Path, options: tuple[str, ...], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.txt").touch()
    monkeypatch.setattr(sys.modules[command.callback.__module__], "import_training_packages", None)
    done = export(tmp_path / "no_run", tmp_path, *options)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert line in done.stderr


def test_what_the_card_says_beyond_the_run(finished_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished_run, tmp_path / "run"))
    report = json.loads((run / "metrics.json").read_text("utf-8"))["test"]
    folds = {"method": "Five folds.", "sources": {"drawn": report}}
    (run / "crossvalidation.json").write_text(json.dumps(folds))
    (tmp_path / "ink.png").write_bytes(b"a picture")
    notes = tmp_path / "notes.md"
    notes.write_text("## Known failures\n\n![Ink](ink.png)\n")
    bundle = tmp_path / "bundle"
    asked = ["--format", "onnx", "--card-notes", str(notes)]
    done = export(run, bundle, *asked)
    assert done.exit_code == 0, done.output
    card = (bundle / "MODEL_CARD.md").read_text("utf-8")
    assert "Five folds." in card
    assert "| drawn | both stages |" in card
    assert "## Known failures\n\n![Ink](ink.png)\n" in card
    assert (bundle / "ink.png").read_bytes() == b"a picture"

    (run / "crossvalidation.json").write_text("{}")
    done = export(run, tmp_path / "other", *asked)
    assert done.exit_code == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"Error: {run / 'crossvalidation.json'}: 'method'")
    (run / "crossvalidation.json").unlink()
    (tmp_path / "ink.png").unlink()
    done = export(run, tmp_path / "other", *asked)
    assert done.exit_code == 1
    assert done.stderr == f"Error: {notes}: shows ink.png, which is not there\n"
    assert not (tmp_path / "other").exists()


def test_a_changed_model_is_one_line(finished_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished_run, tmp_path / "run"))
    with (run / "segmenter.keras").open("r+b") as file:
        file.seek(1000)
        file.write(b"x")
    done = export(run, tmp_path / "bundle", "--format", "tflite")
    assert done.exit_code == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"Error: {run / 'segmenter.keras'}: its SHA-256 must be")
    assert not (tmp_path / "bundle").exists()
