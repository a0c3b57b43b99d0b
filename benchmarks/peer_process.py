"""A peer in a Python of its own, as the benchmark that times it sees it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Self


class PeerProcess:
    """Runs `peer_NAME.py` and asks it for the candidates of one field, again and again.

    Args:
        python: Interpreter that has the peer's packages.
        peer: Its name: the part of the file's name after `peer_`.
        field: An .npy file, RGB, uint8, shape (height, width, 3), 0.25 um/px.
        threads: CPU threads that it may use.

    Attributes:
        versions: The packages that it runs on, in words.
    """

    def __init__(self, python: str, peer: str, field: Path, threads: int) -> None:
        self._peer = peer
        self._process = subprocess.Popen(
            [python, str(Path(__file__).with_name(f"peer_{peer}.py")), str(field), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        )
        self.versions: str = self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()

    def __call__(self) -> int:
        """Find the candidates of the field, and count them."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._peer} has ended")
        return json.loads(line)
