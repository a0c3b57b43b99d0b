"""A peer's side of the pipe to the benchmark that times it; see `peer_process.py`.

It runs in the peer's Python, so it needs nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping

Find = Callable[[], int]
"""Finds the candidates of the field anew, and counts them."""


def answer(load: Callable[[], Find], versions: Mapping[str, str]) -> None:
    """Load the peer, state the versions of its packages, then for each line on stdin the number.

    What libraries print goes to stderr.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    find = load()
    print(
        json.dumps("; ".join(f"{name} {number}" for name, number in versions.items())),
        file=answers,
        flush=True,
    )
    for _ in sys.stdin:
        print(json.dumps(int(find())), file=answers, flush=True)
