"""Writing files so that a kill, failure or power cut leaves the old file or none, never half."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mitokeras.disk.sync import sync_file, sync_folder, sync_tree
from mitokeras.errors import ModelError

JSON_END = b"}\n"
"""The last bytes of an object that `write_json` wrote to its end."""

_PARTIAL, _OLD = ".partial", ".old"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a sibling path to write to, which takes the place of `path` when the block ends well.

    The sibling keeps the suffix, which many writers choose the format by. When the block raises,
    the sibling is removed and `path` is as it was.
    """
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        with _named(path):
            yield partial
            sync_file(partial)
            os.replace(partial, path)
            sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path, value: Any, indent: int | None = 2) -> None:
    """Write JSON atomically; NaN and infinity are refused with a ValueError."""
    text = json.dumps(value, indent=indent, allow_nan=False) + "\n"
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote.

    Raises:
        ModelError: The file is missing or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: missing") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not a JSON file: {error}") from error


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def atomic_folder(path: Path, replace: bool = False) -> Iterator[Path]:
    """Give a sibling folder to fill, which takes the name of `path` when the block ends well.

    When the block raises, nothing is left behind, not even the parents that were made for it.

    Args:
        path: Must not exist or be empty.
        replace: It may hold files, and is replaced as a whole.
    """
    partial, old = _partial(path), _old(path)
    recover_folder(path)
    made = [parent for parent in path.parents if not parent.exists()]
    partial.mkdir(parents=True)
    try:
        with _named(path):
            yield partial
            sync_tree(partial)
        if replace and path.is_dir():
            os.rename(path, old)
        elif path.is_dir():
            path.rmdir()
        os.rename(partial, path)
        for folder in (path, *made):
            sync_folder(folder.parent)
    except BaseException:
        if old.exists() and not path.exists():
            os.rename(old, path)
        shutil.rmtree(partial, ignore_errors=True)
        with suppress(OSError):  # somebody else has put something there
            for parent in made:
                parent.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Have an OSError name what was being written, as that of a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(path)
        raise


def recover_folder(path: Path) -> None:
    """Put back what a kill in the middle of `atomic_folder` has left aside, or remove it."""
    shutil.rmtree(_partial(path), ignore_errors=True)
    old = _old(path)
    if old.exists() and not path.exists():
        os.rename(old, path)
    shutil.rmtree(old, ignore_errors=True)


def is_left_aside(name: str) -> bool:
    """Whether a folder's name is one of those that `atomic_folder` gives for a time."""
    return name.startswith(".") and name.endswith((_PARTIAL, _OLD))


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}{_PARTIAL}")


def _old(path: Path) -> Path:
    return path.with_name(f".{path.name}{_OLD}")
