"""The page of a slide in a real browser."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.report.slide.outputs import render
from tests.predictions import EVIL, detection, prediction, slide

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")

pytestmark = pytest.mark.slow


@pytest.fixture
def chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("needs Chromium or Chrome")
    return found


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that refuses everything, and the addresses that it was asked for."""
    asked: list[str] = []

    class Refuse(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(403)

        do_CONNECT = do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def browse(chromium: str, folder: Path, proxy: str, *options: str) -> str:
    command = [
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--disable-component-update",
        f"--user-data-dir={folder / 'profile'}",
        f"--proxy-server={proxy}",
        "--virtual-time-budget=3000",
        *options,
        (folder / "report.html").as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return done.stdout.decode("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    on = slide()
    found = (detection(), detection(300, 200, 0.7), detection(500, 300, 0.2))
    content = render(prediction(found, on, name=EVIL), on, ["html"])["report.html"]
    (tmp_path / "report.html").write_bytes(content)
    return tmp_path


def test_the_name_neither_breaks_the_page_nor_runs(
    chromium: str, folder: Path, proxy: tuple[str, list[str]]
) -> None:
    address, asked = proxy
    dom = browse(chromium, folder, address, "--dump-dom")
    escaped = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"<h1>{escaped}</h1>" in dom
    assert "<script" not in dom
    assert dom.rstrip().endswith("</html>")
    assert not [path for path in asked if "report" in path or "svs" in path]


def test_a_script_in_a_page_would_be_seen(
    chromium: str, folder: Path, proxy: tuple[str, list[str]]
) -> None:
    """The check itself: the browser does run scripts and does load what a page asks for."""
    page = folder / "report.html"
    page.write_text(
        "<script>document.title = 'ran'</script><img src='http://example.invalid/report.png'>",
        encoding="utf-8",
    )
    address, asked = proxy
    assert "<title>ran</title>" in browse(chromium, folder, address, "--dump-dom")
    assert [path for path in asked if "example.invalid/report.png" in path]


def test_the_page_is_painted_with_its_pictures(
    chromium: str, folder: Path, proxy: tuple[str, list[str]]
) -> None:
    address, asked = proxy
    shot = folder / "shot.png"
    browse(chromium, folder, address, f"--screenshot={shot}", "--window-size=1000,2200")
    image = cv2.cvtColor(cv2.imread(str(shot)), cv2.COLOR_BGR2RGB)
    assert image.shape == (2200, 1000, 3)
    # The tissue of the slide's picture alone is 640 x 480 pixels large, the disc in the crop of
    # the first figure about 2000.
    tissue = np.abs(image.astype(int) - (225, 170, 200)).max(axis=2) < 8
    assert tissue.sum() > 250_000
    disc = np.abs(image.astype(int) - (60, 20, 90)).max(axis=2) < 12
    assert disc.sum() > 1000
    assert not [path for path in asked if "report" in path or "svs" in path]
