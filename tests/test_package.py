"""The shape of the package: what is shipped, and who may import whom."""

import ast
import configparser
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = {"mitokeras": "mitokeras", "cli": "mitokeras.cli", "export": "mitokeras.export"}

WORKSTATION = (
    "detect.tiling",
    "detect.candidates",
    "detector",
    "counting.matching",
    "score.evaluation",
    "score.fair",
    "score.thresholds",
    "data.resize",
    "runners.litert",
    "runners.onnx",
    "data.stain",
    "data.readers",
    "data.loading",
    "data.inspect",
    "data.synthetic",
    "counting.prediction",
    "counting.count",
    "slides.opening",
    "predict.engines.local",
    "report.slide.outputs",
    "report.model_text",
    "detect.folder",
    "cli.installation",
    "watch",
    "annotations.folder",
    "local_server.serve",
)
"""Parts of the library that a computer without Keras must be able to import."""


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def test_listed_packages_are_the_folders() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = setup["options"]["packages"].split()
    found = {
        ".".join([package, *path.parent.relative_to(ROOT / folder).parts])
        for folder, package in PARTS.items()
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert sorted(listed) == sorted(found)


def test_the_source_archive_has_docs_and_tests(tmp_path: Path) -> None:
    """All that a checkout holds, but for its hidden folders and files."""
    tree = tmp_path / "tree"
    hidden = shutil.ignore_patterns(
        ".*", "__pycache__", "*.egg-info", "build", "dist", "runs", "*.pyc"
    )
    shutil.copytree(ROOT, tree, ignore=hidden)
    code = "from setuptools import build_meta; print(build_meta.build_sdist('dist'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (archive,) = (tree / "dist").iterdir()
    with tarfile.open(archive) as packed:
        inside = {name.partition("/")[2] for name in packed.getnames()}
    ours = {path.relative_to(ROOT).as_posix() for path in tracked()}
    assert {"docs/index.md", "tests/conftest.py", "CITATION.cff"} < ours
    assert not ours - inside


def tracked() -> list[Path]:
    folders = ("benchmarks", "cli", "docs", "export", "mitokeras", "recipes", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    files += list(ROOT.glob("*.*"))
    ignored = {"__pycache__", "mitokeras.egg-info"}
    return [
        path
        for path in files
        if path.is_file()
        and path.suffix != ".pyc"
        and not ignored & set(path.parts)
        and not path.name.startswith(".")
    ]


@pytest.mark.parametrize(
    ("folder", "front_ends"),
    [("mitokeras", ("mitokeras.cli", "mitokeras.export")), ("export", ("mitokeras.cli",))],
)
def test_nothing_imports_its_front_end(folder: str, front_ends: tuple[str, ...]) -> None:
    for path in sources(folder):
        if path.name == "__main__.py":
            continue
        # What the paper's networks cost is that of their exported files.
        own = ("mitokeras.cli",) if "reproduce" in path.parts else front_ends
        assert not {name for name in imports_of(path) if name.startswith(own)}, path


def test_models_and_losses_are_backend_neutral() -> None:
    for path in sources("mitokeras/models"):
        assert not {name for name in imports_of(path) if name.split(".")[0] == "tensorflow"}, path


def test_nothing_that_windows_lacks() -> None:
    missing = {"fcntl", "resource", "pwd", "grp", "termios"}
    calls = ("os.fork", "os.symlink", "symlink_to", "hardlink_to", "shell=True", "SIGKILL",
             "os.geteuid", '"/tmp', "set_start_method")  # fmt: skip
    for folder in PARTS:
        for path in sources(folder):
            assert not imports_of(path) & missing, path
            text = path.read_text("utf-8")
            assert not [call for call in calls if call in text], path


def run_without(modules: tuple[str, ...], code: str) -> subprocess.CompletedProcess:
    hidden = f"import sys; sys.modules.update(dict.fromkeys({modules!r}))\n"
    path = f"import mitokeras; mitokeras.__path__.append({str(ROOT)!r})\n"
    return subprocess.run(
        [sys.executable, "-c", hidden + path + code], cwd=ROOT, capture_output=True, text=True
    )


def test_a_workstation_needs_no_training_packages() -> None:
    training = ("tensorflow", "keras", "h5py", "matplotlib", "safetensors", "ray")
    code = "\n".join(f"import mitokeras.{name}" for name in WORKSTATION)
    done = run_without(training, code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["fit", "--help"],
        ["evaluate", "-h"],
        ["data", "synth", "--help"],
        ["export", "--help"],
        ["predict", "--help"],
        ["watch", "--help"],
        ["review", "--help"],
        ["annotations", "--help"],
        ["reproduce", "--help"],
        ["info", "--help"],
    ],
)
def test_help_imports_no_keras(arguments: list[str]) -> None:
    code = f"""
from mitokeras.cli.main import main
try:
    main({arguments!r}, prog_name="mitokeras")
except SystemExit as end:
    assert end.code == 0, end.code
import sys
assert not {{"tensorflow", "keras", "jax"}} & set(sys.modules)
"""
    done = run_without((), code)
    assert done.returncode == 0, done.stderr
    assert "Usage: mitokeras" in done.stdout


def test_training_without_its_packages_names_the_extra(tmp_path: Path) -> None:
    code = f"""
from mitokeras.cli.main import main
main(["fit", "--out", {str(tmp_path / "run")!r}])
"""
    done = run_without(("keras",), code)
    assert done.returncode == 1
    assert done.stderr == (
        "Error: mitokeras fit needs the 'tf' extra. Install it: pip install 'mitokeras[tf]'\n"
    )
    assert not (tmp_path / "run").exists()
