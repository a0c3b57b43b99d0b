"""Damaging bytes and JSON in ways that shrink well and repeat exactly."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1)
"""Where integers overflow, wrap or end."""

TEXTS = (
    b"-1", b"0", b"1e400", b"nan", b"inf", b"NaN", b"Infinity", b"9" * 400, b"null", b"true",
    b'"', b"'", b"\n", b"\r\n", b",", b",,,,", b";", b"\t", b"\0", b"\xff\xfe", b"\xef\xbb\xbf",
    b"../", b"/etc/hostname", b"..\\..\\", b"C:\\", b"[" * 3000, b'{"a":' * 3000, b"]", b"}",
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>", b"&b;", b"<", b"\\ud800", b" ",
)  # fmt: skip
"""What readers of CSV, JSON and XML stumble over."""

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**400, 0.0, -0.0, 0.5, 1e-320, 1e308,
    float("nan"), float("inf"), float("-inf"), "", " ", "a", "\ud800", "\0", "../x", "/x", "1",
    "none", "x" * 5000, "\n", [], {}, [[]], [0], {"": 0}, ["a", None], [1.5] * 7,
)  # fmt: skip
"""To put in the place of any part of a JSON value."""


class Edit(NamedTuple):
    """One damage: `kind` at a place and of a size that are taken modulo what there is."""

    kind: int
    place: int
    size: int


def mutated(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Apply edits to bytes, one after the other."""
    result = bytearray(data)
    for kind, place, size in edits:
        start = place % (len(result) + 1)
        span = size % 64
        match kind % 8:
            case 0:
                result[start : start + 1] = bytes([size % 256])
            case 1:
                result[start : start + 1] = bytes(b ^ (1 << size % 8) for b in result[start:][:1])
            case 2:
                width = (2, 4, 8)[size % 3]
                number = NUMBERS[size // 3 % len(NUMBERS)] % 256**width
                order = "big" if size // 100 % 2 else "little"
                result[start : start + width] = number.to_bytes(width, order)
            case 3:
                del result[start : start + span]
            case 4:
                result[start:start] = result[start : start + span]
            case 5:
                text = TEXTS[size % len(TEXTS)]
                result[start : start + (len(text) if size % 2 else 0)] = text
            case 6:
                other = size * 7919 % (len(result) + 1)
                result[start : start + span] = result[other : other + span]
            case _ if size % 4 == 0:
                del result[start:]
            case _:
                result[start : start + 1] = b""
    return bytes(result)


def replaced(value: Any, place: int, new: Any) -> Any:
    """A JSON value with one of its parts, or all, replaced."""
    copy = json.loads(json.dumps(value))
    places = list(_places(copy))
    if place % (len(places) + 1) == len(places):
        return new
    holder, key = places[place % (len(places) + 1)]
    holder[key] = new
    return copy


def with_key(value: Any, place: int, key: str, new: Any) -> Any:
    """A JSON value with one more key in one of its objects."""
    copy = json.loads(json.dumps(value))
    objects = [part for part in _parts(copy) if isinstance(part, dict)]
    if objects:
        objects[place % len(objects)][key] = new
    return copy


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def random_damage(data: bytes, chance: random.Random) -> bytes:
    """Mostly one edit, up to eight; of JSON half the time a change of its structure."""
    if data[:1] in (b"{", b"[") and chance.random() < 0.5:
        value = json.loads(data)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            new = chance.choice(VALUES)
            if chance.random() < 0.8:
                value = replaced(value, chance.randrange(10**6), new)
            else:
                value = with_key(value, chance.randrange(10**6), chance.choice(("a", "", "x")), new)
        return as_bytes(value)
    # Most of what readers look at stands in the first kilobytes or at the end.
    edits = chance.choice((1, 1, 1, 2, 3, 8))
    return mutated(data, [_random_edit(chance, len(data)) for _ in range(edits)])


def _random_edit(chance: random.Random, length: int) -> Edit:
    near = min(length, 2048)
    places = (chance.randrange(length + 1), chance.randrange(near + 1), length - 1 - near // 2)
    return Edit(chance.randrange(8), max(0, chance.choice(places)), chance.randrange(2**16))


def _parts(value: Any) -> Iterator[Any]:
    yield value
    for holder, key in _places(value):
        yield holder[key]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, (list, dict)):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])
