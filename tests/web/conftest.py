"""A page for tests of the Python code, so that they need no Node.js."""

import hashlib
import json
from pathlib import Path

import pytest

from mitokeras.web import page_files

FILES = {"index.html": b"<p>page</p>\n", "litert/runtime.wasm": b"\0asm", "page.js": b"1;\n"}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its folder."""
    folder = tmp_path / "page"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    (folder / "files.json").write_text(json.dumps(hashes))
    monkeypatch.setattr(page_files, "PAGE", folder)
    return folder
