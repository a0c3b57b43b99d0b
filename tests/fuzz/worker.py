"""A process that reads hostile files, because the libraries below may end it.

Asked and answered in lines of JSON; started again when it dies, hangs or takes too much memory.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
START_S = 600.0
PATIENCE_S = 60.0
READY = "ready"


FILES = "tests.fuzz.targets"
NETWORKS = "tests.fuzz.network_targets"

MEMORY_BYTES = {FILES: 3 * 2**30, NETWORKS: 8 * 2**30}
"""Want of memory is a finding. What is read as a whole has at most 2^28 px, 0.75 GiB in RGB."""


class Worker:
    """Reads inputs in another process.

    Args:
        targets: Module whose `all_targets` it knows, `FILES` or `NETWORKS`.
    """

    def __init__(self, targets: str = FILES) -> None:
        self._targets = targets
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def start(self) -> subprocess.Popen[str]:
        """Start the process, if it does not run, and wait until it has loaded what it needs."""
        if self._process is not None:
            return self._process
        command = [sys.executable, "-m", "tests.fuzz.worker", self._targets]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._process, self._answers = process, queue.SimpleQueue()
        threading.Thread(target=_pass_on, args=(process, self._answers), daemon=True).start()
        ready = self._answers.get(timeout=START_S)
        assert ready and json.loads(ready) == READY
        return process

    def read(self, target: str, data: bytes) -> str:
        """Give "valid", "refused", or what went wrong."""
        process = self.start()
        assert process.stdin is not None
        asked = {"target": target, "data": base64.b64encode(data).decode("ascii")}
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        try:
            answer = self._answers.get(timeout=PATIENCE_S)
        except queue.Empty:
            self.close()
            return f"no answer in {PATIENCE_S:g} s"
        if not answer:
            code = process.wait()
            self.close()
            return f"the process ended with {code}"
        return str(json.loads(answer))

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _pass_on(process: subprocess.Popen[str], answers: queue.SimpleQueue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        answers.put(line)
    answers.put("")


def _answer(targets: Any, folder: Any, asked: dict[str, str]) -> str:
    read, _ = targets[asked["target"]]
    try:
        return "valid" if read(folder, base64.b64decode(asked["data"])) else "refused"
    except Exception:
        return traceback.format_exc(limit=-6)


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def main() -> None:
    import mitokeras

    mitokeras.__path__.append(str(ROOT))
    from tests.fuzz.targets import Folder

    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    _limit_memory(MEMORY_BYTES[sys.argv[1]])
    targets = import_module(sys.argv[1]).all_targets()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Folder(Path(name) / "input")
        print(json.dumps(READY), file=answers, flush=True)
        for line in sys.stdin:
            answer = _answer(targets, folder, json.loads(line))
            print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
