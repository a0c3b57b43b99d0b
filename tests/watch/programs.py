"""Watchers in processes of their own, with a stand-in for the prediction."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

PROGRAM = """
import logging, os, sys, time
from pathlib import Path
from mitokeras.errors import DataError
from mitokeras.watch.stopping import stop_on_signals
from mitokeras.watch.watcher import watch

inbox, out, journal, seconds, once = sys.argv[1:]
logging.basicConfig(format="%(message)s", level=logging.INFO)

def note(line):
    with open(journal, "a", encoding="utf-8") as file:
        file.write(line + "\\n")

def die(path, where):
    if path.read_bytes().endswith(b"DEADLY in " + where.encode()):
        os._exit(9)

def opens(path):
    die(path, "opens")
    if path.read_bytes().endswith(b"ENDLESS"):
        note(path.name)
        while True:
            time.sleep(1000)
    if path.read_bytes()[:2] != b"OK":
        raise DataError(f"{path}: not a slide")

def handle(path, name, reached):
    target = Path(out) / f"{name}.result"
    if target.exists():
        return "was there"
    note(name)
    reached("begun")
    die(path, "handle")
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        time.sleep(0.01)
    target.open("x").close()  # in one step, and an error for whoever comes second
    return "1 mitosis"

with stop_on_signals() as stop:
    watch(
        Path(inbox), Path(out), handle, opens=opens, stop=stop, once=once == "once",
        interval_s=0.05, settle_s=0.1, patience_s=0.3,
    )
"""
"""Opens files that begin with OK; `handle` notes each begin in a journal and makes one file. Those
that end with DEADLY end the program, those that end with ENDLESS never open."""


def start(folder: Path, seconds: float, once: bool = False) -> subprocess.Popen:
    """Start a watcher of `folder/inbox` that takes so long for a slide."""
    arguments = [folder / "inbox", folder / "out", folder / "journal", seconds, "once" * once]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def begun(folder: Path) -> list[str]:
    """The slides whose handling began, each time it did."""
    path = folder / "journal"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until `condition` holds; the limit only keeps a broken test from hanging."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen")
        time.sleep(0.01)
