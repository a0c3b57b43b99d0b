"""The server of a review: what it gives, and whom it refuses."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest

from mitokeras.local_server.guard import Guard
from mitokeras.local_server.serve import Server, serving
from mitokeras.review.server.desk import Desk
from mitokeras.review.server.routes import Routes
from mitokeras.verdicts.finding import find_predicted
from tests.review.slides import draw, predicted, write_predicted

EVIL = "evil.example"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks the server; the headers are those that the page would send, unless others are given."""

    def __init__(self, server: Server) -> None:
        self.port = server.server_port
        self.host = f"127.0.0.1:{self.port}"
        self.token = server.guard.token

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str | None) -> Reply:
        sent: dict[str, str | None] = {"Host": self.host}
        if method == "POST":
            sent |= {"Origin": f"http://{self.host}", "Content-Type": "application/json",
                     "Content-Length": str(len(body))}  # fmt: skip
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str | None) -> Reply:
        return self.ask("GET", f"/{self.token}/{path}", **headers)

    def post(self, path: str, value: object, **headers: str | None) -> Reply:
        return self.ask("POST", f"/{self.token}/{path}", json.dumps(value).encode(), **headers)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write_predicted(tmp_path)


@pytest.fixture
def client(out: Path) -> Iterator[Client]:
    with serving(Routes(find_predicted(out, None), "anna"), 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Client(server)
        server.shutdown()
        thread.join()


JUDGE = {"do": "judge", "candidate": 1, "label": "mitosis"}


def test_the_pages_and_what_is_in_them(client: Client) -> None:
    for path in ("", "slide/0/", "slide/0/agreement"):
        page = client.get(path)
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        text = page.body.decode()
        assert "http:" not in text and "https:" not in text
        assert client.token not in text
    for name in ("review.js", "review.css", "openseadragon/openseadragon.min.js", "icon.svg"):
        assert client.get(f"file/{name}").status == 200
    assert client.get("slides").json["slides"][0]["name"] == "S1.svs"
    facts = client.get("slide/0/facts").json
    assert facts["orders"]["score"] == facts["orders"]["atypical"] == [1, 2, 4, 3]
    assert facts["atypical"] is False


def test_it_listens_to_this_computer_alone(client: Client) -> None:
    with socket.socket() as other, pytest.raises(OSError):
        other.settimeout(2)
        other.connect((socket.gethostbyname(socket.gethostname()), client.port))
        if other.getpeername()[0].startswith("127."):
            raise OSError("this computer has no other address")


def test_without_the_token_there_is_nothing(client: Client) -> None:
    for path in ("/", "/slides", f"/{client.token[:-1]}/slides", f"/{client.token}x/slides",
                 f"/{client.token}", "//slides", f"/x/{client.token}/slides", "/ü/slides",
                 "/favicon.ico"):  # fmt: skip
        reply = client.ask("GET", path.encode("utf-8").decode("latin-1") if "ü" not in path else
                           "/%C3%BC/slides")  # fmt: skip
        assert reply.status == 403, path
        assert b"S1" not in reply.body


@pytest.mark.parametrize("host", [EVIL, f"{EVIL}:80", "127.0.0.1", "127.0.0.1:1", "", None])
def test_another_name_for_this_computer_is_refused(client: Client, host: str | None) -> None:
    assert client.get("slides", Host=host).status == 403
    assert client.post("slide/0/say", JUDGE, Host=host).status == 403


@pytest.mark.parametrize("origin", [f"http://{EVIL}", "null", "", None, "http://127.0.0.1:1"])
def test_another_page_may_not_post(client: Client, out: Path, origin: str | None) -> None:
    assert client.post("slide/0/say", JUDGE, Origin=origin).status == 403
    assert not list(out.glob("*/review.*"))


def test_a_form_of_another_page_may_not_post(client: Client, out: Path) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        assert client.post("slide/0/say", JUDGE, Content_Type=kind).status == 403
    assert client.get("slides", Sec_Fetch_Site="cross-site").status == 403
    assert not list(out.glob("*/review.*"))


@pytest.mark.parametrize(
    "path",
    [
        "file/../review.py", "file/..%2f..%2fsetup.cfg", "file/openseadragon/../../review.py",
        "file//etc/passwd", "file/%2e%2e/journal.py", "slide/0/results/../prediction.json",
        "slide/0/results/..%2fprediction.json", "slide/0/results/%2fetc%2fpasswd",
        "slide/1/facts", "slide/-1/facts", "slide/99999/", "slide/0/tile/0/0_0.png",
        "slide/0/tile/30/0_0.jpg", "slide/0/tile/10/9_9.jpg", "slide/0/crop/0_0_0_100.jpg",
        "slide/0/crop/0_0_100_5000.jpg", "file/nothing.js", "slide/0/results/report.html",
    ],
)  # fmt: skip
def test_no_path_leads_out(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_each_answer_has_its_policy(client: Client) -> None:
    replies = [client.get(path) for path in ("", "slides", "file/review.js", "nothing")]
    replies.append(client.ask("GET", "/"))
    for reply in replies:
        policy = reply.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in reply.headers
        assert "Python" not in reply.headers["Server"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"do": "judge", "candidate": 9, "label": "mitosis"}, "must be 1 to 4"),
        ({"do": "judge", "candidate": 1, "label": "cell"}, "label"),
        ({"do": "judge", "candidate": "1", "label": "mitosis"}, "candidate"),
        ({"do": "judge", "candidate": 1, "label": "mitosis", "at": "now"}, "unknown key"),
        ({"do": "format the disk"}, "do"),
        ([], "Received: []"),
        ({"do": "add", "x": 1e9, "y": 0}, "must lie on the slide"),
        ({"do": "limit", "outlines": [[[0, 0], [9, 9], [9, 0], [0, 9]]]}, "cross"),
        ({"do": "undo", "line": 2}, "another window"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    client: Client, out: Path, value: object, reason: str
) -> None:
    reply = client.post("slide/0/say", value)
    assert reply.status == 409
    assert reason in reply.json["error"]
    assert not list(out.glob("*/review.*"))


def test_bodies_that_are_none(client: Client) -> None:
    path = f"/{client.token}/slide/0/say"
    assert client.ask("POST", path, b"{").status == 409
    assert client.ask("POST", path, b"[" * 100_000).status == 409
    assert client.ask("POST", path, b"NaN").status == 409
    assert client.ask("POST", path, Content_Length=str(2**30)).status == 413
    assert client.ask("POST", path, Content_Length="-1").status == 413
    assert client.ask("POST", path, Content_Length=None).status == 413


def test_a_review_by_the_server(client: Client, out: Path) -> None:
    say = "slide/0/say"
    assert client.post(say, JUDGE).json["verdicts"] == {"1": ["mitosis", False]}
    client.post(say, {"do": "judge", "candidate": 2, "label": "unsure"})
    state = client.post(say, {"do": "add", "x": 20, "y": 30}).json
    assert state["added"] == {"1": [20, 30, False]}
    assert state["last"]["added"] == 1
    counts = client.get("slide/0/counts").json
    assert (counts["model"]["figures"], counts["reviewed"]["figures"]) == (2, 2)
    assert client.get("slide/0/counts?threshold=0.3").json["reviewed"]["figures"] == 3
    assert client.get("slide/0/counts?threshold=x").status == 409
    assert client.get("slide/0/counts?threshold=nan").status == 409
    written = client.post("slide/0/write", {}).json
    assert written["lines"] == 3
    report = client.get("slide/0/results/report.html")
    assert report.status == 200
    assert "script" not in report.headers["Content-Security-Policy"]
    assert (out / "S1.svs" / "review.anna" / "points.json").is_file()


def test_tiles_and_crops_show_the_slide(client: Client) -> None:
    def picture(path: str) -> np.ndarray:
        reply = client.get(path)
        assert (reply.status, reply.headers["Content-Type"]) == (200, "image/jpeg")
        return np.asarray(cv2.imdecode(np.frombuffer(reply.body, np.uint8), 1))[..., ::-1]

    expected = draw(((100, 80, 0), (300, 200, 0), (500, 300, 0), (200, 400, 0)), 640, 480)
    tile = picture("slide/0/tile/10/0_0.jpg")
    assert tile.shape == (480, 512, 3)
    assert np.abs(tile.astype(int) - expected[:, :512]).mean() < 2
    assert picture("slide/0/tile/10/1_0.jpg").shape == (480, 128, 3)
    whole = picture("slide/0/tile/8/0_0.jpg")
    assert whole.shape == (120, 160, 3)
    crop = picture("slide/0/crop/10000_8000_24_240.jpg")
    assert crop.shape == (240, 240, 3)
    dark = np.argwhere(crop[..., 1] < 90)
    assert np.abs(dark.mean(axis=0) - 119.5).max() < 3  # the disc is in the middle
    corner = picture("slide/0/crop/0_0_24_240.jpg")
    assert corner[:100, :100].min() > 240  # beyond the border there is white


def test_a_guard_draws_another_token_each_time() -> None:
    tokens = {Guard(1).token for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 32


def test_the_page_is_told_what_stage_3_says(tmp_path: Path) -> None:
    slide = predicted(tmp_path, atypical_scores=(0.25, 0.75))
    desk = Desk("S1.svs", slide, "anna")
    facts = desk.facts()
    desk.close()
    assert facts["atypical"] is True
    said = [[score, subtype] for *_, score, subtype in facts["candidates"]]
    assert said == [[0.25, "normal"], [0.75, "atypical"], [None, ""], [None, ""]]
    assert facts["orders"]["atypical"] == [2, 1, 4, 3]
