"""The memory that this process may take, where the system limits it (`ulimit -v`)."""

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
    """Refuse a limit of address space that leaves less than is needed.

    Raises:
        ConfigError: See above.
    """
    if sys.platform == "win32":
        return
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return
    try:
        mmap.mmap(-1, needed_bytes).close()
    except (OSError, MemoryError, OverflowError) as error:
        raise ConfigError(
            f"the memory that this process may take (ulimit -v) must leave {needed_bytes >> 20} "
            f"MiB free. Received: a limit of {limit >> 20} MiB"
        ) from error
