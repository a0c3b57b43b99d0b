"""`mitokeras info`."""

from __future__ import annotations

import platform
import shutil

import click

from mitokeras import __version__
from mitokeras.cli.terminal import say
from mitokeras.detect.folder import DEFAULT_MODEL, model_folder, shipped_models

WIDEST, NARROWEST = 110, 60


@click.command("info")
@click.argument("model", required=False)
def command(model: str | None) -> None:
    """Say what is installed, or what a MODEL is.

    MODEL is a run or bundle, or the name of a model that ships with mitokeras: its model card, for
    a run its scores, and the facts of its detector.json. Without it, the version, the shipped
    models and the installed packages.
    """
    from mitokeras.report.model_text import model_text

    width = min(max(shutil.get_terminal_size((WIDEST, 0)).columns, NARROWEST), WIDEST)
    say(_installation(width) if model is None else model_text(model_folder(model), width))


def _installation(width: int) -> str:
    lines = [
        f"mitokeras {__version__}, Python {platform.python_version()}, "
        f"{platform.platform(terse=True)}",
        "Research software. Not a medical device.",
    ]
    return "\n".join([*lines, "", *_shipped(width), "", *_packages(width)])


def _shipped(width: int) -> list[str]:
    from mitokeras.detect.spec import read_spec
    from mitokeras.report.model_text import fact_line, networks_bytes

    lines = []
    for name, folder in shipped_models().items():
        spec = read_spec(folder)
        size = f"{networks_bytes(folder, spec) / 1e6:.1f} MB"
        default = ", taken where no --model is given" if name == DEFAULT_MODEL else ""
        lines.append(fact_line(name, f"{spec.spacing_um_px:g} um/px, {size}{default}", width))
    return ["Models that ship with it (`mitokeras info NAME`)", *(lines or ["  none"])]


def _packages(width: int) -> list[str]:
    from mitokeras.cli.installation import LIGHT, packages
    from mitokeras.report.model_text import fact_line

    lines = []
    for extra, versions in packages().items():
        there = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        missing = ", ".join(name for name, version in versions.items() if version is None)
        if missing:
            what = f"mitokeras[{extra}]" if extra != LIGHT else "mitokeras"
            there += f"{'; ' if there else ''}missing: {missing} (pip install '{what}')"
        lines.append(fact_line(extra or "light install", there, width))
    return ["Packages, by the extra that brings them", *lines]
