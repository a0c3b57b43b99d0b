"""What does the detector take in a browser beside the native runtime?

One field, both stages, in turns: LiteRT with one thread and with all cores, and the page of
`mitokeras web` in Chromium with one thread (a plain static server) and with threads. Then a slide
of 20,000 x 16,000 px in the form of Aperio's: the overview, and a region of 4 mm2 counted, with the
memory of the tab. Wants the page built (web/README.md) and a Chromium.

    python benchmarks/web.py --out benchmarks/web.csv
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import cv2
from turns import median_seconds, write_table

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detector import Detector
from mitokeras.local_server.serve import serving
from mitokeras.web.routes import SiteRoutes
from mitokeras.web.site import site_files, write_site

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.review.chromium import Browser
from tests.slides import write_huge_aperio

SIDE_PX = 2084
SPACING = 0.25
SLIDE = 20_000, 16_000
REGION_MM = 2.0
BLOCK_PX = 3840


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@contextmanager
def serving_threads(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def choose(browser: Browser, path: Path) -> None:
    """Give the page a file, and wait until it is opened."""
    root = browser.call("DOM.getDocument")["root"]["nodeId"]
    node = browser.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    browser.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])
    browser.wait("!document.querySelector('#opened').hidden")


def run(browser: Browser) -> float:
    """Press the button; the seconds of both stages, without the loading of the networks."""
    browser.eval("document.querySelector('#go').click()")
    while not browser.eval("document.body.dataset.ready === 'yes'"):
        time.sleep(0.2)
        trouble = browser.eval("document.querySelector('#alerts').textContent")
        if trouble:
            raise click.ClickException(trouble)
    return float(browser.text("#took").split(" in ")[1].split(" s,")[0])


def in_page(browser: Browser, address: str, field: Path, seconds: list[float]) -> None:
    browser.open(address)
    browser.wait("document.querySelector('#start') && !document.querySelector('#start').hidden")
    choose(browser, field)
    browser.eval(f"document.querySelector('#spacing').value = '{SPACING}'")
    seconds.append(run(browser))


def memory_mb(browser: Browser) -> float:
    """Resident memory of the fullest process of the browser that shows a page."""
    most = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            command = (status.parent / "cmdline").read_text()
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except (OSError, ValueError):
            continue
        own = f"--user-data-dir={browser.profile}" in command.replace("\0", " ")
        if "--type=renderer" in command and own:
            most = max(most, int(lines["VmHWM"].split()[0]) / 1024)
    return most


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--repeats", default=3, show_default=True)
def main(out: Path, repeats: int) -> None:
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_site("edge", folder / "site")
        handler = partial(QuietHandler, directory=str(folder / "site"))
        plain = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        with (
            serving(SiteRoutes(site_files("edge")), 0) as isolated,
            serving_threads(isolated),
            serving_threads(plain),
            Browser(folder) as browser,
        ):
            one_thread = f"http://127.0.0.1:{plain.server_port}/index.html"
            rows += field_rows(browser, folder, one_thread, isolated.address, repeats)
            rows += slide_rows(browser, folder, isolated.address)
    write_table(out, ("what", "value", "unit", "times_native_of_as_many_threads"), rows)


def field_rows(
    browser: Browser, folder: Path, one_thread: str, threaded: str, repeats: int
) -> list[tuple[object, ...]]:
    """Seconds for a field, both stages."""
    image = draw_field(SIDE_PX, SIDE_PX, seed=1, case=1).image
    cv2.imwrite(str(folder / "field.png"), image[..., ::-1])
    found: dict[str, list[float]] = {"Chromium, one thread": [], "Chromium, threads": []}
    tasks: dict[str, Callable[[], object]] = {
        "LiteRT, one thread": partial(Detector.load("edge", threads=1).predict, image, SPACING),
        "LiteRT, threads": partial(Detector.load("edge").predict, image, SPACING),
    }
    for name, address in zip(found, (one_thread, threaded), strict=True):
        tasks[name] = partial(in_page, browser, address, folder / "field.png", found[name])
    seconds = median_seconds(tasks, repeats)
    for name, times in found.items():
        seconds[name] = sorted(times[1:])[len(times[1:]) // 2]
    return [
        (f"field of {SIDE_PX} px, {name}", f"{took:.2f}", "s",
         f"{took / seconds['LiteRT' + name[name.index(','):]]:.2f}")
        for name, took in seconds.items()
    ]  # fmt: skip


def slide_rows(browser: Browser, folder: Path, address: str) -> list[tuple[object, ...]]:
    """A region of a slide, and the memory of the tab."""
    block = draw_field(BLOCK_PX, BLOCK_PX, seed=2, case=2).image
    path = write_huge_aperio(folder / "slide.svs", block, *SLIDE)
    browser.open(address)
    browser.wait("document.querySelector('#start') && !document.querySelector('#start').hidden")
    start = time.perf_counter()
    choose(browser, path)
    opened = time.perf_counter() - start
    for name, mm in (("x", 1.25), ("y", 1.0), ("width", REGION_MM), ("height", REGION_MM)):
        browser.eval(
            f"{{ const field = document.querySelector('#region-{name}'); field.value = '{mm}'; "
            "field.dispatchEvent(new Event('input')); }"
        )
    took = run(browser)
    size = path.stat().st_size / 2**20
    return [
        (
            f"slide of {SLIDE[0]} x {SLIDE[1]} px, {size:.0f} MiB: overview",
            f"{opened:.1f}",
            "s",
            "",
        ),
        (f"its region of {REGION_MM**2:g} mm2, threads", f"{took:.1f}", "s", ""),
        ("its region: figures of the model", browser.text("#m-figures"), "", ""),
        ("memory of the tab, the most", f"{memory_mb(browser):.0f}", "MiB", ""),
    ]


if __name__ == "__main__":
    main()
