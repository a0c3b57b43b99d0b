"""Whether this process may take the memory that it needs, where the system limits it."""

from __future__ import annotations

import mmap
import sys

from mitokeras.errors import ConfigError

START_BYTES = 2**30
"""What the libraries of every command take. With less, some crash or try for ever at their import.
"""

TRAINING_BYTES = 4 * 2**30
"""What TensorFlow takes at its import and first step."""


def check_memory(needed_bytes: int) -> None:
    """Refuse a limit of address space (`ulimit -v`) that leaves less than is needed.

    Raises:
        ConfigError: See above.
    """
    if sys.platform == "win32":  # it has no such limit, and would set the memory apart
        return
    try:
        mmap.mmap(-1, needed_bytes).close()
    except (OSError, MemoryError, OverflowError) as error:
        raise ConfigError(
            f"the memory that this process may take (ulimit -v) must leave {needed_bytes >> 20} "
            "MiB free. Received: less"
        ) from error
