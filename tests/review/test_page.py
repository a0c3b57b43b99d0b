"""The files of the page, as they are shipped."""

from __future__ import annotations

import re

import pytest

from mitokeras.disk.files import sha256_of
from tests.conftest import ROOT

PAGE = ROOT / "mitokeras" / "review" / "page"
OPENSEADRAGON = PAGE / "openseadragon"


def test_openseadragon_is_the_published_one_with_its_licence() -> None:
    lines = (OPENSEADRAGON / "VERSION").read_text("utf-8").splitlines()
    assert lines[0] == "openseadragon 6.1.1, the package of npm"
    hashes = dict(reversed(line.split("  ")) for line in lines if re.match(r"[0-9a-f]{64}  ", line))
    assert set(hashes) == {"openseadragon.min.js", "LICENSE.txt"}
    for name, expected in hashes.items():
        assert sha256_of(OPENSEADRAGON / name) == expected
    licence = (OPENSEADRAGON / "LICENSE.txt").read_text("utf-8")
    assert "Redistribution and use in source and binary forms" in licence
    setup = (ROOT / "setup.cfg").read_text("utf-8")
    assert "mitokeras/review/page/openseadragon/LICENSE.txt" in setup


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.html")), ids=lambda path: path.name)
def test_pages_hold_no_script_and_load_what_is_there(path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<script[^>]*>[^<]|\son\w+=|\sstyle=|javascript:|https?:", text)
    for name in re.findall(r'(?:src|href)="(?:\.\./\.\./)?file/([^"]+)"', text):
        assert (PAGE / name).is_file(), name


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_modules_import_what_is_there_and_write_no_html(path) -> None:
    text = path.read_text("utf-8")
    for name, source in re.findall(r'import \{([^}]+)\} from "\./([^"]+)"', text):
        exported = (PAGE / source).read_text("utf-8")
        for each in name.split(","):
            assert re.search(rf"export [^\n]*\b{each.strip()}\b", exported), (each, source)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    assert len(text.splitlines()) <= 300
