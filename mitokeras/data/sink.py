"""The file below HDF5, which must not meet a full disk itself."""

from __future__ import annotations

import io
from typing import Any


class Sink(io.FileIO):
    """A file that keeps the first error of a change for `check`.

    The HDF5 library crashes the process when a write of its own fails on a full disk, and h5py
    loses its way when an error is raised to it.
    """

    _error: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            rest = memoryview(data).cast("B")
            while rest and self._error is None:  # a disk may take a part
                rest = rest[super().write(rest) :]
        except OSError as error:
            self._error = error
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        try:
            if self._error is None:
                return super().truncate(size)
        except OSError as error:
            self._error = error
        return size or 0

    def check(self) -> None:
        if self._error is not None:
            raise OSError(self._error.errno, self._error.strerror, self.name)
