"""What is served under which address."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from http import HTTPStatus
from importlib import resources
from typing import Any
from urllib.parse import parse_qs

from mitokeras.disk.records import parse
from mitokeras.errors import DataError
from mitokeras.local_server.answer import KEPT, Answer, as_error, as_json, as_picture
from mitokeras.local_server.guard import REPORT_POLICY
from mitokeras.review.server.desk import Desk
from mitokeras.review.server.requests import Request
from mitokeras.verdicts.finding import Found
from mitokeras.verdicts.standing import standing_of

KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
}

_FILE = re.compile(r"file/((?:openseadragon/)?[a-z_-]+(?:\.min)?\.(?:js|css|svg))")
_SLIDE = re.compile(r"slide/(\d{1,6})/(.*)")
_TILE = re.compile(r"tile/(\d{1,2})/(\d{1,6})_(\d{1,6})\.jpg")
_CROP = re.compile(r"crop/(-?\d{1,9})_(-?\d{1,9})_(\d{1,4})_(\d{1,4})\.jpg")
_PAGES = {"": "review.html", "agreement": "agreement.html"}

LARGEST_CROP_UM = 1000
LARGEST_CROP_PX = 1024


class Routes:
    """The slides of a folder, opened when their pages are.

    Args:
        found: The slides.
        reviewer: Who reviews them.
    """

    def __init__(self, found: Sequence[Found], reviewer: str) -> None:
        self._found = found
        self._reviewer = reviewer
        self._desks: dict[int, Desk] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the slides."""
        for desk in self._desks.values():
            desk.close()

    def get(self, path: str, query: str) -> Answer:
        """Answer a GET.

        Args:
            path: What comes after the token and its slash.
            query: What comes after the question mark.

        Raises:
            MitokerasError: A slide or a journal is damaged, or the like.
            OSError: A file is out of reach.
        """
        if path == "":
            return _page("slides.html")
        if path == "slides":
            return as_json(self._slides())
        if match := _FILE.fullmatch(path):
            return _file(match[1])
        if match := _SLIDE.fullmatch(path):
            desk = self._desk(int(match[1]))
            return _none() if desk is None else _of_slide(desk, match[2], query)
        return _none()

    def post(self, path: str, body: bytes) -> Answer:
        """Answer a POST; raises as `get`, and ConfigError where the body is not as it has to be."""
        match = _SLIDE.fullmatch(path)
        desk = self._desk(int(match[1])) if match else None
        if match is None or desk is None:
            return _none()
        if match[2] == "say":
            try:
                values = json.loads(body)
            except (ValueError, RecursionError) as error:
                raise DataError(f"what is posted must be JSON: {error}") from error
            return as_json(desk.state(parse(Request, values).root.on(desk.review)))
        if match[2] == "write":
            return as_json(desk.write())
        return _none()

    def _desk(self, number: int) -> Desk | None:
        """The slide of this number, opened; None where there is none."""
        with self._lock:
            if number not in self._desks:
                found = self._found[number] if number < len(self._found) else None
                if found is None or found.slide is None:
                    return None
                self._desks[number] = Desk(found.name, found.slide, self._reviewer)
            return self._desks[number]

    def _slides(self) -> dict[str, Any]:
        rows = []
        for number, found in enumerate(self._found):
            row: dict[str, Any] = {"number": number, "name": found.name, "trouble": found.trouble}
            if found.slide is not None:
                events = found.slide.journal(self._reviewer).events()
                standing = standing_of(events, found.slide.fingerprint)
                row["candidates"] = found.slide.candidates
                row["figures"] = found.slide.figures
                row["seen"] = len(standing.verdicts)
                row["added"] = len(standing.added)
            rows.append(row)
        return {"reviewer": self._reviewer, "slides": rows}


def _of_slide(desk: Desk, path: str, query: str) -> Answer:
    if path in _PAGES:
        return _page(_PAGES[path])
    if path == "facts":
        return as_json(desk.facts())
    if path == "state":
        return as_json(desk.state())
    if path == "counts":
        return as_json(desk.counts(_threshold(query)))
    if path == "agreements":
        return as_json(desk.agreement())
    if match := _TILE.fullmatch(path):
        level, column, row = map(int, match.groups())
        return as_picture(desk.pictures.tile(level, column, row))
    if match := _CROP.fullmatch(path):
        x, y, side_um, side_px = map(int, match.groups())
        if not (0 < side_um <= LARGEST_CROP_UM and 0 < side_px <= LARGEST_CROP_PX):
            return _none()
        return as_picture(desk.pictures.crop(x, y, side_um, side_px))
    if path.startswith("results/"):
        return _result(desk, path.removeprefix("results/"))
    return _none()


def _threshold(query: str) -> float | None:
    values = parse_qs(query).get("threshold")
    if not values:
        return None
    try:
        return float(values[0])
    except ValueError as error:
        raise DataError(f"a threshold must be a number. Received: {values[0]}") from error


def _result(desk: Desk, name: str) -> Answer:
    content = desk.result(name)
    if content is None:
        return _none()
    return Answer(content, KINDS[name.rpartition(".")[2]], policy=REPORT_POLICY)


def _page(name: str) -> Answer:
    return Answer(_content(name), KINDS["html"])


def _file(name: str) -> Answer:
    try:
        content = _content(name)
    except FileNotFoundError:
        return _none()
    return Answer(content, KINDS[name.rpartition(".")[2]], cache=KEPT)


def _content(name: str) -> bytes:
    return resources.files("mitokeras.review").joinpath("page", *name.split("/")).read_bytes()


def _none() -> Answer:
    return as_error("there is no such thing", HTTPStatus.NOT_FOUND)
