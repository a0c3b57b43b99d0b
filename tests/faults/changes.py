"""kill -9 just before a chosen change to a folder, so that no gap between two steps is missed.

Run as a program: folder, number of the change, then the arguments of `mitokeras`. With the number
0 it is not killed, and the number of changes goes to the standard error.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from pathlib import Path

CHANGES = {"os.rename": 2, "os.remove": 1, "os.rmdir": 1, "os.mkdir": 1}
"""Audit events of a change, and how many paths they begin with."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Changes:
    """Counts the changes below a folder.

    Args:
        folder: Resolved.
        last: Number of the change that is not made any more; 0 for none.
    """

    def __init__(self, folder: str, last: int) -> None:
        self._folder = folder
        self._last = last
        self.count = 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            _, _, flags = arguments
            paths = arguments[:1] if isinstance(flags, int) and flags & WRITING else ()
        else:
            paths = arguments[: CHANGES.get(event, 0)]
        if not any(self._inside(path) for path in paths):
            return
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _inside(self, path: object) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(
            self._folder
        )


if __name__ == "__main__":
    folder, last, *arguments = sys.argv[1:]
    root = Path(__file__).parent.parent.parent
    sys.path.insert(0, str(root))
    changes = Changes(folder, int(last))
    sys.addaudithook(changes)
    atexit.register(lambda: print(f"changes: {changes.count}", file=sys.stderr))
    import mitokeras

    mitokeras.__path__.append(str(root))
    from mitokeras.cli.main import main

    main(arguments, prog_name="mitokeras")
