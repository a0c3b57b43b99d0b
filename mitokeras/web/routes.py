"""A site, served to this computer alone."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from mitokeras.local_server.answer import Answer, as_error

KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "wasm": "application/wasm",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}

_EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""Of no text at all: an empty style keeps OpenSeadragon from writing one."""

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    f"style-src 'self' {_EMPTY}; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing is loaded but from this server; no script but its own runs, and WebAssembly."""


class SiteRoutes:
    """The files of a site.

    Args:
        files: By name, from `site_files`.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def get(self, path: str, query: str) -> Answer:
        name = path or "index.html"
        content = self._files.get(name)
        if content is None:
            return as_error("there is no such file", HTTPStatus.NOT_FOUND)
        kind = KINDS.get(name.rpartition(".")[2], "application/octet-stream")
        return Answer(content, kind, policy=POLICY)

    def post(self, path: str, body: bytes) -> Answer:
        return as_error("nothing is taken", HTTPStatus.METHOD_NOT_ALLOWED)

    def close(self) -> None:
        """Nothing is open."""
