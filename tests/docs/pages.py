"""The pages that people read, and the blocks of code in them."""

import configparser
import re
import shlex
from pathlib import Path

from tests.conftest import ROOT

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
SYNOPSIS = re.compile(r"[\[|]|\.\.\.")


def metadata() -> configparser.SectionProxy:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    return setup["metadata"]


def repository() -> str:
    urls = metadata()["project_urls"].strip().splitlines()
    return dict(line.split(" = ") for line in urls)["Source"]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, without the indentation of a list that they lie in."""
    found = re.findall(
        rf"^( *)```{language}\n(.*?)^\1```$",
        page.read_text("utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    return [
        "\n".join(line.removeprefix(indent) for line in text.split("\n")) for indent, text in found
    ]


def commands(page: Path) -> list[tuple[str, ...]]:
    """The arguments of each `mitokeras` that a page shows, but of synopses with [options]."""
    found = []
    for block in blocks(page, ""):
        for line in block.replace("\\\n", " ").split("\n"):
            for step in line.split("#")[0].split("&&"):
                program = (step.split() or [""])[0]
                if Path(program).name == "mitokeras" and not SYNOPSIS.search(step):
                    found.append(tuple(shlex.split(step)[1:]))
    return found
