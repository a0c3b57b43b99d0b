"""What names and labels from outside may do to the terminal: nothing."""

import ast
import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.cli.terminal import say
from tests.runs import ROOT, mitokeras

TITLE, CLIPBOARD, BIDI = "\x1b]0;t\x07", "\x1b]52;c;cGF3bmVk\x07", "\u202e"


def steers(text: str) -> bool:
    return any(not c.isprintable() and c != "\n" for c in text)


def test_what_steers_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"a{TITLE}b{BIDI}\nc\rd")
    say("\x9b2J", error=True)
    shown = capsys.readouterr()
    assert shown.out == "a\\x1b]0;t\\x07b\\u202e\nc\\rd\n"
    assert shown.err == "\\x9b2J\n"


def test_what_the_terminal_has_no_letters_for(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    say("Präparat 日本.svs")
    sys.stdout.flush()
    assert raw.getvalue().decode("cp1252").splitlines() == ["Präparat \\u65e5\\u672c.svs"]


def test_log_lines() -> None:
    program = (
        "import logging, mitokeras\n"
        f"mitokeras.__path__.append({str(ROOT)!r})\n"
        "from mitokeras.cli.terminal import log_to_stderr\n"
        "log_to_stderr('%(message)s')\n"
        "logging.getLogger('mitokeras.x').info('found %s', 'a\\n\\x1b.svs')\n"
        "logging.getLogger('other').warning('two\\nlines\\x1b')\n"
        "try: raise ValueError('b\\x1b')\n"
        "except ValueError: logging.getLogger('mitokeras').exception('a bug')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    lines = done.stderr.split("\n")
    assert lines[:4] == ["found a\\n\\x1b.svs", "two", "lines\\x1b", "a bug"]
    assert lines[-2:] == ["ValueError: b\\x1b", ""]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_and_labels_of_a_hostile_folder(
    tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path
) -> None:
    scans, data = tmp_path / "scans", tmp_path / "data"
    (data / "images").mkdir(parents=True)
    scans.mkdir()
    png = cv2.imencode(".png", tissue[:128, :128])[1].tobytes()
    (scans / f"x{CLIPBOARD}\nError: all.png").write_bytes(png)
    (scans / f"y{TITLE}.png").write_bytes(b"II*\0 damaged")
    (data / "images" / "a.png").write_bytes(png)
    labels = f'image,x,y,label,case\na.png,10,12,mit{TITLE}osis,"P{TITLE}\nlayout 1"\n'
    (data / "labels.csv").write_text(labels)
    options = ("--model", tflite_bundle, "--spacing-um-px", 0.25)
    for done in (
        mitokeras("predict", scans, "--out", tmp_path / "out", "--format", "csv", *options),
        mitokeras("predict", scans / f"no{TITLE}.png", "--out", tmp_path / "out", *options),
        mitokeras("watch", scans, "--out", tmp_path / "watched", "--settle-s", 0,
                  "--patience-s", 0, "--once", *options),
        mitokeras("data", "inspect", data, "--layout", "points"),
        mitokeras("evaluate", data, "--layout", "points", *options),
    ):  # fmt: skip
        said = done.stdout + done.stderr
        assert said.strip() and not steers(said), said
        assert "Traceback" not in said
        assert not any(line.startswith(("Error: all", "layout 1")) for line in said.splitlines())


def test_everything_is_said_in_one_way() -> None:
    """A name that is written past `say` or the log would reach the terminal as it is."""
    found = []
    for path in [p for room in ("mitokeras", "cli", "export") for p in (ROOT / room).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write",
                "logging.basicConfig",
            ):  # fmt: skip
                found.append(path.relative_to(ROOT).as_posix())
    assert set(found) == {"cli/terminal.py"}
