"""LZW of TIFF, of which a decoder believes too much.

imagecodecs (2026.3.6) takes any code for the first after a clear code; one that is no byte makes it
copy from wherever memory points, and may end the process.
"""

from __future__ import annotations

import numpy as np

_CLEAR, _END, _FIRST_FREE, _TABLE = 256, 257, 258, 4096

# The first code adds no entry, and one that ends the table may follow its last entry.
_ENTRIES = _FIRST_FREE + np.maximum(np.arange(_TABLE - _FIRST_FREE + 2) - 1, 0)
# Codes are widened one entry early: TIFF 6.0, section 13.
_BITS = 9 + (_ENTRIES >= 511).astype(int) + (_ENTRIES >= 1023) + (_ENTRIES >= 2047)
_STARTS = np.cumsum(_BITS) - _BITS
"""Of the codes between two clear codes: entries of the table when each is read, its bits, and where
it starts after the clear code."""


def check_lzw(data: bytes) -> None:
    """Refuse what no encoder writes.

    Args:
        data: A compressed strip or tile.

    Raises:
        ValueError: A code stands for nothing at its place; or the stream does not begin with a
            clear code, as before TIFF 6.0.
    """
    if not data:
        return
    stream = np.frombuffer(data + bytes(3), np.uint8).astype(np.uint32)
    start, size = 0, 8 * len(data)
    if _codes(stream, np.array([0]), np.array([9]))[0] != _CLEAR:
        raise ValueError("its LZW data do not begin with a clear code")
    while True:
        start += 9
        fits = start + _STARTS + _BITS <= size
        codes = _codes(stream, start + _STARTS[fits], _BITS[fits])
        ends = np.flatnonzero((codes == _CLEAR) | (codes == _END))
        length = ends[0] if len(ends) else len(codes)
        limits = np.where(np.arange(length) == 0, _CLEAR, _ENTRIES[:length] + 1)
        if (codes[:length] >= limits).any():
            raise ValueError("its LZW data are damaged")
        if not len(ends) and len(codes) == len(_ENTRIES):
            raise ValueError("its LZW data are damaged")
        if not len(ends) or codes[length] == _END:
            return
        start += int(_STARTS[length] + _BITS[length]) - 9


def _codes(stream: np.ndarray, starts: np.ndarray, bits: np.ndarray) -> np.ndarray:
    first = starts // 8
    three = stream[first] << 16 | stream[first + 1] << 8 | stream[first + 2]
    return three >> (24 - starts % 8 - bits).astype(np.uint32) & ((1 << bits) - 1).astype(np.uint32)
