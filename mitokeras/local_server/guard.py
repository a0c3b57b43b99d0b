"""Who may ask: the page that this program has opened, and no other page or computer."""

from __future__ import annotations

import hmac
import secrets
from email.message import Message

HOST = "127.0.0.1"

_EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""Of no text at all: an empty style keeps OpenSeadragon from writing one."""

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {_EMPTY}; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing is loaded but from this server, and no script or style stands in a page."""

REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox"
)
"""Of a report, which holds its style and pictures in itself, and no script."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # With the one before it lets a page use threads.
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer. The address holds the token, so no other page learns it."""


class Guard:
    """Knows the address of the page.

    A page of the network cannot know the token. It is refused all the same: by `Host` where it has
    brought its own name to lead to this computer, and by `Origin` where it posts to ours.

    Args:
        port: The server's.

    Attributes:
        token: In the address of all that is served.
    """

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(24)
        self._hosts = {f"{HOST}:{port}", f"localhost:{port}"}

    def refusal(self, method: str, path: str, headers: Message) -> str | None:
        """Why a request is refused; None where it is not.

        Args:
            method: "GET" or "POST".
            path: As it was asked for.
            headers: Of the request.
        """
        hosts = headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "the address must be that of this computer"
        if headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            return "another page must not ask"
        if method == "POST":
            if headers.get_all("Origin", []) != [f"http://{hosts[0]}"]:
                return "only the page of this server may post"
            if headers.get_content_type() != "application/json":
                return "what is posted must be JSON"
        first = path.split("?", 1)[0].split("/", 2)
        if len(first) < 3 or not hmac.compare_digest(first[1].encode(), self.token.encode()):
            return "the address must have the token that was printed"
        return None
