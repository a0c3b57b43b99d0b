import http.client
import threading
from collections.abc import Iterator

import pytest

from mitokeras.local_server.serve import Server, serving
from mitokeras.web.routes import SiteRoutes

FILES = {"index.html": b"<p>", "litert/a.wasm": b"\0asm", "x.tflite": b"TFL3"}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(SiteRoutes(FILES), 0) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask(server: Server, path: str, method: str = "GET") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, f"/{server.guard.token}/{path}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_files_come_with_what_threads_need_and_nothing_else_is_allowed(server: Server) -> None:
    kinds = {"": "text/html; charset=utf-8", "litert/a.wasm": "application/wasm"}
    kinds["x.tflite"] = "application/octet-stream"
    for path, kind in kinds.items():
        answer = ask(server, path)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "connect-src 'self'" in policy
        assert "'unsafe-eval'" not in policy
        assert "http" not in policy


@pytest.mark.parametrize("path", ["nothing", "../secret", "litert/", "litert"])
def test_what_is_no_file_of_the_site_is_not_served(server: Server, path: str) -> None:
    assert ask(server, path).status == 404


def test_nothing_is_taken_and_strangers_are_refused(server: Server) -> None:
    assert ask(server, "", "POST").status in (403, 413)
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request("GET", "/index.html")
    assert connection.getresponse().status == 403
    connection.close()
