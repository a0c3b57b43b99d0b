"""A watcher in this process, with a stand-in for the prediction."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mitokeras.errors import DataError
from mitokeras.watch.stopping import Stop
from mitokeras.watch.watcher import watch


class Desk:
    """An inbox, an output folder, and a `handle` that notes what it was given."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "inbox"
        self.out = folder / "out"
        self.inbox.mkdir()
        self.handled: list[str] = []
        self.stop = Stop()
        self.damaged: set[str] = set()
        self.during: Callable[[Path], object] = lambda path: None

    def put(self, name: str, data: bytes = b"OK") -> Path:
        path = self.inbox / name
        path.write_bytes(data)
        return path

    def opens(self, path: Path) -> None:
        if not path.read_bytes().startswith(b"OK"):
            raise DataError(f"{path}: not a slide")

    def handle(self, path: Path, name: str, reached: Callable[[str], None]) -> str:
        self.during(path)
        self.handled.append(path.name)
        return "1 mitosis"

    def watch(self, **options: Any) -> int:
        quick = {"once": True, "interval_s": 0.02, "settle_s": 0.05, "patience_s": 0.1}
        return watch(
            self.inbox,
            self.out,
            self.handle,
            is_damaged=self.is_damaged,
            stop=self.stop,
            **{"opens": self.opens} | quick | options,
        )

    def is_damaged(self, name: str) -> bool:
        return name in self.damaged

    def state(self) -> dict[str, str]:
        slides = json.loads((self.out / "watch.json").read_text(encoding="utf-8"))["slides"]
        return {
            name: f"{entry['status']} {entry['reason']}".strip() for name, entry in slides.items()
        }

    @contextmanager
    def watching(self, **options: Any) -> Iterator[None]:
        thread = threading.Thread(target=lambda: self.watch(once=False, **options))
        thread.start()
        try:
            yield
        finally:
            self.stop.request()
            thread.join()
