"""Links between the pages lead somewhere. Sphinx holds those among the pages of docs/ (.ci/run)."""

import re
from pathlib import Path

import pytest
import yaml

from mitokeras import __version__
from tests.conftest import ROOT
from tests.docs.pages import PAGES, README, metadata, repository

OTHERS = [ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(page: Path) -> list[str]:
    return LINK.findall(re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL))


def anchors(page: Path) -> set[str]:
    """As the hosts of repositories make them of headings."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def check(target: Path, anchor: str) -> None:
    assert target.exists(), target
    assert not anchor or anchor in anchors(target), f"{target}#{anchor}"


def test_the_readme_has_absolute_links_to_what_is_there() -> None:
    """It is read on a package index as well, where a relative link leads nowhere."""
    found = links(README)
    assert all(link.startswith("https://") for link in found)
    ours = [link.removeprefix(repository()) for link in found if link.startswith(repository())]
    assert len(ours) > 10
    for link in ours:
        place, _, anchor = re.sub("^/(blob|raw)/main/", "", link).partition("#")
        check(ROOT / place, anchor)


@pytest.mark.parametrize(
    "page", [*PAGES[1:], *OTHERS, ROOT / "benchmarks" / "README.md"], ids=lambda page: page.name
)
def test_relative_links_lead_to_files(page: Path) -> None:
    for link in links(page):
        if not re.match("https?:", link):
            place, _, anchor = link.partition("#")
            check((page.parent / place) if place else page, anchor)


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 150


def test_one_address_and_one_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["repository-code"] == repository()
    assert cited["version"] == __version__
    assert all(
        line.split(" = ")[1].startswith(repository())
        for line in metadata()["project_urls"].strip().splitlines()
    )
    assert f"git clone {repository()} " in README.read_text("utf-8")
