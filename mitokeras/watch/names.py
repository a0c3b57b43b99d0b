"""What a slide is called in the watcher's own files."""

from __future__ import annotations

import hashlib

from mitokeras.text import printable


def key(name: str) -> str:
    """A slide's name in `watch.json`, `printable`; no two names have the same."""
    return printable(name.replace("\\", "\\\\"))


def file_name(name: str) -> str:
    """Begins the names of files about a slide: its own may be long, or differ in case only."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
