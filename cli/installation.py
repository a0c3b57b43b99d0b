"""Which of the packages that mitokeras can use are installed here."""

from __future__ import annotations

import re
from importlib import metadata

LIGHT = ""
"""Stands for the packages that need no extra."""

OF_DEVELOPERS = ("dev", "docs")
"""Extras that no command uses."""


def packages() -> dict[str, dict[str, str | None]]:
    """What the light install and each extra that it can use consist of.

    Returns:
        Extra, or `LIGHT` -> package -> its version here, or None where it is missing.
    """
    found: dict[str, dict[str, str | None]] = {}
    for requirement in metadata.requires("mitokeras") or ():
        rule, _, condition = requirement.partition(";")
        extra = re.search(r"extra == .(\w+)", condition)
        name = re.split(r"[^\w.-]", rule)[0]
        group = extra.group(1) if extra else LIGHT
        if name != "mitokeras" and group not in OF_DEVELOPERS:
            found.setdefault(group, {})[name] = _version(name)
    return found


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
