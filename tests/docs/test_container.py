"""What goes into a container; the container itself is not built here."""

import configparser
import shlex
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_package_and_nothing_else_goes_in() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    first, *others = [line for line in lines if line and not line.startswith("#")]
    assert first == "*"
    let_in = {line.removeprefix("!") for line in others if line.startswith("!")}
    assert all((ROOT / name).exists() for name in let_in)
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    folders = dict(
        line.split(" = ") for line in config["options"]["package_dir"].split("\n") if line
    )
    needed = {folder.split("/")[0] for folder in folders.values()}
    needed |= {"setup.cfg", "pyproject.toml", "README.md"}
    needed |= {line.split("/")[0] for line in config["metadata"]["license_files"].split()}
    assert let_in == needed


def test_the_entry_point_is_the_command_of_a_user_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    steps = [shlex.split(line, comments=True) for line in lines]
    names = [step[0] for step in steps if step]
    assert names.index("USER") < names.index("ENTRYPOINT") < names.index("CMD")
    assert names[-2:] == ["ENTRYPOINT", "CMD"]
    assert 'ENTRYPOINT ["mitokeras"]' in lines
