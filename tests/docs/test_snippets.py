"""What the pages show to type is what the program takes, and what they show of Python runs."""

import shutil
from pathlib import Path

import click
import cv2
import numpy as np
import pytest

from mitokeras.cli.main import main
from mitokeras.detect.curve import RESULT_FILE
from mitokeras.detect.folder import SHIPPED
from tests.docs.pages import PAGES, blocks, commands
from tests.runs import call
from tests.slides import write_aperio

SHOWN = sorted({command for page in PAGES for command in commands(page)})
RUN = ("data", "evaluate", "info", "predict")
"""The commands that are also run, on small input: the others train, wait, serve, or have tests of
their own that do just what the pages show."""

SERVERS = ("serving.md", "annotations.md")
"""Python that asks one: tests/export/test_serving_clients.py, and OMERO, which was not at hand."""

PYTHON = {
    f"{page.name}-{number}": code
    for page in PAGES
    if page.name not in SERVERS
    for number, code in enumerate(blocks(page, "python"))
    if "Interpreter(" not in code and "InferenceSession(" not in code  # tests/export/test_bundle.py
}


@pytest.fixture(scope="module")
def desk(
    finished_run: Path,
    tflite_bundle: Path,
    tissue: np.ndarray,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder that holds what the pages name."""
    desk = tmp_path_factory.mktemp("desk")
    shutil.copytree(tflite_bundle, desk / "BUNDLE")
    shutil.copy(SHIPPED / "edge" / RESULT_FILE, desk / "BUNDLE")  # a curve to move along
    links = {
        "RUN": finished_run,
        "runs/quick": finished_run,
        "runs/bundle": tflite_bundle,
        **dict.fromkeys(
            ("DATA", "OTHER_DATA", "MORE_DATA", "data/icpr2012", "data/midogpp"),
            finished_run / "synthetic",
        ),
    }
    for name, target in links.items():
        (desk / name).parent.mkdir(exist_ok=True)
        (desk / name).symlink_to(target, target_is_directory=True)
    for name in ("slide.svs", "scans/slide.svs", "day-1/other.svs"):
        (desk / name).parent.mkdir(exist_ok=True)
        write_aperio(desk / name, tissue)
    cv2.imwrite(str(desk / "field.jpg"), tissue[..., ::-1])
    return desk


@pytest.mark.parametrize("command", SHOWN, ids=" ".join)
def test_commands_are_taken(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for word in command:
        if word.endswith((".json", ".md")):
            (tmp_path / word).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / word).touch()
    words, found = list(command), main
    while isinstance(found, click.Group):
        found = found.get_command(click.Context(found), words.pop(0))
    asked = {}
    monkeypatch.setattr(found, "callback", asked.update)
    done = call(*command)
    assert done.exit_code == 0, done.output
    assert set(asked) == {option.name for option in found.params}


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [c for c in SHOWN if c[0] in RUN and "ray" not in c], ids=" ".join
)
def test_commands_run(
    command: tuple[str, ...], desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk)
    outputs = {"--out", "--json"}
    words = [
        str(tmp_path / word) if before in outputs else word
        for before, word in zip(("", *command), command, strict=False)
    ]
    done = call(*words)
    assert done.exit_code == 0, done.output


@pytest.mark.slow
@pytest.mark.parametrize("name", PYTHON)
def test_python_runs(
    name: str, desk: Path, tissue: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk)
    exec(PYTHON[name], {"image": tissue})
