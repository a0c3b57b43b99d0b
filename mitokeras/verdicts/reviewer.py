"""What a reader is called, and the files that bear the name."""

from __future__ import annotations

import getpass
import re
from pathlib import Path

from mitokeras.errors import ConfigError

RULE = "1 to 40 letters, digits, - and _"

_NAME = re.compile(r"[^\W_][\w-]{0,39}")  # letters of any script, no dot: it parts the file's name
_JOURNAL = re.compile(r"review\.(?P<name>[^.]+)\.jsonl")


def check_reviewer(name: str) -> str:
    """Give the name back.

    Raises:
        ConfigError: It is no name for a file on every system.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"--reviewer must be {RULE}, a letter or digit first. Received: {name!r}")
    return name


def login_name() -> str:
    """The name of the user's account, as far as it can be a reader's.

    Raises:
        ConfigError: There is none.
    """
    try:
        account = getpass.getuser()
    except (OSError, KeyError, ImportError):  # which of them, the version of Python decides
        account = ""
    name = re.sub(r"[^\w-]+", "-", account).strip("-_")[:40]
    if not _NAME.fullmatch(name):
        raise ConfigError("this account has no name, so --reviewer must be given")
    return name


def journal_path(folder: Path, name: str) -> Path:
    """Where a reader's verdicts lie in the folder of a slide's predictions."""
    return folder / f"review.{name}.jsonl"


def results_path(folder: Path, name: str) -> Path:
    """The folder of what the counts are by a reader's verdicts."""
    return folder / f"review.{name}"


def reviewers_of(folder: Path) -> list[str]:
    """Who has verdicts in the folder of a slide's predictions, sorted."""
    names = (_JOURNAL.fullmatch(path.name) for path in folder.glob("review.*.jsonl"))
    return sorted(match["name"] for match in names if match and _NAME.fullmatch(match["name"]))


def check_is_one(folder: Path, name: str) -> None:
    """Refuse a name that differs from another's in capitals only: some systems hold one file.

    Raises:
        ConfigError: There is such a one.
    """
    for other in reviewers_of(folder):
        if other != name and other.casefold() == name.casefold():
            raise ConfigError(
                f"{journal_path(folder, other)}: --reviewer must differ from other names in more "
                f"than capitals. Received: {name}"
            )
