"""The server of the page: this computer alone, many requests at once."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import unquote

from mitokeras.errors import MitokerasError, one_line
from mitokeras.local_server.answer import Answer, as_error
from mitokeras.local_server.guard import HEADERS, HOST, Guard

LARGEST_BODY_BYTES = 2**20
"""More than a region of the most corners needs."""

IDLE_S = 60.0
"""A connection that asks for nothing for so long is closed."""

logger = logging.getLogger(__name__)


class Routes(Protocol):
    """What is served: a path after the token and its slash -> an answer.

    A MitokerasError or OSError that it raises becomes an answer of one line.
    """

    def get(self, path: str, query: str) -> Answer: ...

    def post(self, path: str, body: bytes) -> Answer: ...

    def close(self) -> None: ...


class Server(ThreadingHTTPServer):
    """Serves a page.

    Args:
        routes: What is served.
        port: 0 is any that is free.

    Attributes:
        guard: Who may ask.

    Raises:
        OSError: The port is taken.
    """

    daemon_threads = True
    # On Windows it would share the port with another program.
    allow_reuse_address = os.name == "posix"

    def __init__(self, routes: Routes, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.routes = routes
        self.guard = Guard(self.server_port)

    @property
    def address(self) -> str:
        """Of the page, with the token."""
        return f"http://{HOST}:{self.server_port}/{self.guard.token}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle is no error; all else is a bug, with its trace."""
        if isinstance(sys.exception(), OSError):
            logger.debug("a connection ended early", exc_info=True)
        else:
            logger.exception("a bug in answering %s", client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    server: Server

    def do_GET(self) -> None:
        self._answer("GET", b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY_BYTES:
            self.close_connection = True
            self._send(as_error("too long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return
        self._answer("POST", self.rfile.read(int(length)))

    def _answer(self, method: str, body: bytes) -> None:
        refusal = self.server.guard.refusal(method, self.path, self.headers)
        if refusal:
            self.close_connection = True
            self._send(as_error(refusal, HTTPStatus.FORBIDDEN))
            return
        path, _, query = self.path.partition("?")
        inner = unquote(path.split("/", 2)[2])
        routes = self.server.routes
        try:
            answer = routes.get(inner, query) if method == "GET" else routes.post(inner, body)
        except (MitokerasError, OSError) as error:
            answer = as_error(one_line(error), HTTPStatus.CONFLICT)
        except Exception:
            logger.exception("a bug in answering %s", inner)
            text = "a bug in mitokeras; its trace is where mitokeras was started"
            answer = as_error(text, HTTPStatus.INTERNAL_SERVER_ERROR)
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.content)))
        self.send_header("Cache-Control", answer.cache)
        self.send_header("Content-Security-Policy", answer.policy)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.content)

    def version_string(self) -> str:
        return "mitokeras"

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: each tile would be a line."""


@contextmanager
def serving(routes: Routes, port: int) -> Iterator[Server]:
    """Bind a server; the block calls its `serve_forever`.

    Raises:
        OSError: The port is taken.
    """
    try:
        server = Server(routes, port)
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"port {port}") from error
    try:
        yield server
    finally:
        server.server_close()
        routes.close()
