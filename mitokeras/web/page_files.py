"""The page itself, as `web/` at the top level of the repository builds it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from mitokeras.errors import ConfigError

PAGE = Path(__file__).parent / "page"
"""Built files, which are packed into the wheel and not kept in the repository."""

MANIFEST = "files.json"
"""Name of each file of the page -> its SHA-256."""

HOW = "in a clone of the repository: cd web && npm ci && npm run build, then install again"


def page_files() -> dict[str, bytes]:
    """Name -> content of each file, compared with its hash.

    Raises:
        ConfigError: This copy was installed without the page, or a file of it was changed.
    """
    path = PAGE / MANIFEST
    if not path.is_file():
        raise ConfigError(
            f"this copy of mitokeras was built without Node.js, so without its page. Build it {HOW}"
        )
    hashes: dict[str, str] = json.loads(path.read_text("utf-8"))
    files = {}
    for name, sha256 in hashes.items():
        try:
            content = (PAGE / name).read_bytes()
        except FileNotFoundError:
            content = b""
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ConfigError(f"{PAGE / name}: is missing or was changed. Install mitokeras anew")
        files[name] = content
    return files
