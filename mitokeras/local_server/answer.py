"""What the server answers."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, NamedTuple

from mitokeras.local_server.guard import CONTENT_SECURITY_POLICY

NOT_KEPT = "no-store"
KEPT = "private, max-age=31536000, immutable"
"""Pictures: their address has the token, which another start does not have."""


class Answer(NamedTuple):
    """An answer to a request.

    Attributes:
        content: Its body.
        kind: Media type.
        status: Of HTTP.
        cache: What the browser may keep.
        policy: Content security policy.
    """

    content: bytes
    kind: str = "application/json"
    status: int = HTTPStatus.OK
    cache: str = NOT_KEPT
    policy: str = CONTENT_SECURITY_POLICY


def as_json(value: Any, status: int = HTTPStatus.OK) -> Answer:
    """Answer with JSON."""
    return Answer(json.dumps(value, allow_nan=False).encode("utf-8"), status=status)


def as_error(text: str, status: int) -> Answer:
    """Answer with why not, in one line."""
    return as_json({"error": text}, status)


def as_picture(content: bytes | None) -> Answer:
    """Answer with a JPEG, or that there is none."""
    if content is None:
        return as_error("no such picture", HTTPStatus.NOT_FOUND)
    return Answer(content, "image/jpeg", cache=KEPT)
