"""A review in a real browser: by the keyboard, with a kill -9 of server and browser in it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mitokeras.verdicts.finding import find_predicted
from mitokeras.verdicts.standing import Standing, standing_of
from tests.review.chromium import Browser, find_chromium
from tests.review.slides import write_predicted, write_prediction
from tests.runs import PROGRAM, ROOT

CANDIDATES = 60

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason="needs Chromium or Chrome"),
    pytest.mark.skipif(os.name != "posix", reason="needs kill -9"),
]


class Program:
    """`mitokeras review` in a process of its own.

    Attributes:
        address: Of its page.
    """

    def __init__(self, out: Path, reviewer: str) -> None:
        arguments = ("review", str(out), "--reviewer", reviewer, "--no-browser")
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-c", PROGRAM, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if line.startswith("http://127.0.0.1:"):
                self.address = line.strip()
                return
        raise AssertionError("".join(lines))

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    draw = random.Random(1)
    cells = [(x, y) for x in range(60, 1400, 110) for y in range(60, 1000, 110)]
    places = [(x, y, round(draw.uniform(0.05, 0.95), 3)) for x, y in cells[:CANDIDATES]]
    return write_predicted(tmp_path, places=tuple(places), size=(1440, 1040), tissue_mm2=0.0936)


@pytest.fixture
def programs(out: Path) -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for program in started:
        program.kill()


def begin(programs: list[Program], out: Path, reviewer: str = "anna") -> Program:
    program = Program(out, reviewer)
    programs.append(program)
    return program


def look(browser: Browser, program: Program) -> None:
    browser.open(f"{program.address}slide/0/")
    browser.wait("document.body.dataset.ready === 'yes'")


def press(browser: Browser, key: str) -> None:
    """Press a key and wait until another place is shown."""
    before = browser.text("#what")
    browser.key(key)
    browser.wait(f"document.querySelector('#what').textContent !== {json.dumps(before)}")


def standing(out: Path, reviewer: str = "anna") -> Standing:
    (found,) = find_predicted(out, None)
    assert found.slide is not None
    return standing_of(found.slide.journal(reviewer).events(), found.slide.fingerprint)


def corner_of(browser: Browser, x: float, y: float) -> tuple[float, float]:
    """A point of the field by shares of its width and height, pixels of the page."""
    left, top, width, height = browser.eval(
        "(r => [r.x, r.y, r.width, r.height])"
        "(document.querySelector('#viewer').getBoundingClientRect())"
    )
    return left + x * width, top + y * height


def test_a_whole_review(programs: list[Program], out: Path, tmp_path: Path) -> None:
    program = begin(programs, out)
    with Browser(tmp_path) as browser:
        look(browser, program)
        assert browser.text("#done") == f"0 of {CANDIDATES}"
        for i in range(30):
            press(browser, "mnu"[i % 3])
        assert browser.text("#done") == f"30 of {CANDIDATES}"
        browser.key("m")  # and at once, before anything is answered:
        program.kill()
        browser.kill()
    kept = standing(out)
    assert len(kept.verdicts) in (30, 31)  # the last one may have come before its answer
    labels = [verdict.label for verdict in kept.verdicts.values()]
    assert labels[:30] == ["mitosis", "not mitosis", "unsure"] * 10

    program = begin(programs, out)
    with Browser(tmp_path) as browser:
        look(browser, program)
        done = len(kept.verdicts)
        assert browser.text("#done") == f"{done} of {CANDIDATES}"
        for _ in range(CANDIDATES - done - 1):
            press(browser, "n")
        assert len(standing(out).verdicts) == CANDIDATES - 1

        last = browser.text("#what")
        browser.key("a")
        browser.wait("document.querySelector('#said').textContent === 'Atypical mitosis'")
        assert [v.atypical for v in standing(out).verdicts.values()].count(True) == 1
        browser.key("z")
        browser.wait("document.querySelector('#said').hidden")
        assert browser.text("#what") == last
        assert len(standing(out).verdicts) == CANDIDATES - 1
        press(browser, "b")
        press(browser, "s")

        _adds_a_figure(browser, out)
        _draws_a_region(browser, out)
        _moves_the_slider(browser)
        browser.eval("document.querySelector('#write').click()")
        browser.wait("document.querySelector('#written a')")
        assert (out / "S1.svs" / "review.anna" / "report.html").is_file()
        assert browser.complaints == []


def _adds_a_figure(browser: Browser, out: Path) -> None:
    before = browser.text("#r-figures")
    browser.click(*corner_of(browser, 0.62, 0.58))
    browser.wait("document.querySelector('#what').textContent.startsWith('Added figure 1')")
    assert len(standing(out).added) == 1
    browser.wait(f"document.querySelector('#r-figures').textContent === '{int(before) + 1}'")
    browser.key("z")
    browser.wait("document.querySelector('#status').textContent.startsWith('Undone')")
    assert not standing(out).added
    browser.key("f")  # the same by the keyboard: a step to the side, and at the cross
    for _ in range(4):
        browser.key("ArrowRight")
    time.sleep(0.6)  # the field glides
    browser.key("p")
    browser.wait("document.querySelector('#what').textContent.startsWith('Added figure 2')")
    (added,) = standing(out).added.values()
    assert added.number == 2


def _draws_a_region(browser: Browser, out: Path) -> None:
    browser.eval("document.querySelector('#home').click()")
    time.sleep(0.8)
    browser.key("r")
    for x, y in ((0.1, 0.3), (0.5, 0.3), (0.5, 0.7), (0.1, 0.7), (0.05, 0.5)):
        browser.click(*corner_of(browser, x, y))
    browser.key("Backspace")
    browser.key("Enter")
    browser.wait("document.querySelector('#done').textContent.split(' ')[2] < 60")
    (outline,) = standing(out).outlines
    assert len(outline) == 4
    browser.wait("document.querySelector('#why').textContent.includes('in the region')")


def _moves_the_slider(browser: Browser) -> None:
    model = int(browser.text("#m-figures"))
    browser.eval(
        "(s => { s.value = -7; s.dispatchEvent(new Event('input', { bubbles: true })); })"
        "(document.querySelector('#threshold'))"
    )
    assert int(browser.text("#m-figures")) > model  # at once
    browser.wait("document.querySelector('#why').textContent.includes('What if')")
    browser.eval("document.querySelector('#own-threshold').click()")
    browser.wait(f"document.querySelector('#m-figures').textContent === '{model}'")


def test_a_server_that_is_gone_takes_no_verdict(
    programs: list[Program], out: Path, tmp_path: Path
) -> None:
    program = begin(programs, out)
    with Browser(tmp_path) as browser:
        look(browser, program)
        shown = browser.text("#what")
        program.kill()
        browser.key("m")
        browser.wait("document.querySelector('#alerts').textContent.includes('does not answer')")
        assert browser.text("#what") == shown
        assert browser.eval("document.querySelector('#said').hidden")


def test_what_is_held_or_clicked_twice_counts_once(
    programs: list[Program], out: Path, tmp_path: Path
) -> None:
    program = begin(programs, out)
    with Browser(tmp_path) as browser:
        look(browser, program)
        for kind, held in (
            ("keyDown", False),
            ("keyDown", True),
            ("keyDown", True),
            ("keyUp", False),
        ):
            browser.call(
                "Input.dispatchKeyEvent", type=kind, key="m", text="m" * (kind == "keyDown"),
                windowsVirtualKeyCode=77, autoRepeat=held,
            )  # fmt: skip
        x, y = browser.eval(
            "(r => [r.x + r.width / 2, r.y + r.height / 2])"
            "(document.querySelector('[data-do=unsure]').getBoundingClientRect())"
        )
        browser.wait("document.querySelector('#done').textContent.startsWith('1 ')")
        time.sleep(0.5)
        for count in (1, 2):
            for kind in ("mousePressed", "mouseReleased"):
                browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                             clickCount=count)  # fmt: skip
            time.sleep(0.5)
        kept = standing(out).verdicts.values()
        assert [verdict.label for verdict in kept] == ["mitosis", "unsure"]


def test_another_prediction_asks_before_it_takes_verdicts(
    programs: list[Program], out: Path, tmp_path: Path
) -> None:
    with Browser(tmp_path) as browser:
        look(browser, begin(programs, out))
        for key in "mnu":
            press(browser, key)
        path = out.parent / "S1.svs"
        (found,) = find_predicted(out, None)
        assert found.slide is not None
        known = [(one.x, one.y, one.classifier_score) for one in found.slide.prediction.detections]
        write_prediction(out / "S1.svs", path, tuple(known[1:]), tissue_mm2=0.0936)
        browser.key("m")
        browser.wait("document.querySelector('#alerts').textContent.includes('has changed since')")
        look(browser, begin(programs, out))
        browser.wait("document.querySelector('#earlier')?.textContent.startsWith('3 marks')")
        assert browser.text("#done") == "0 of 59"
        browser.eval("document.querySelector('#earlier button').click()")
        browser.wait("document.querySelector('#done').textContent === '3 of 59'")
        assert browser.eval("document.querySelector('#earlier') === null")


def test_two_windows_and_two_readers(programs: list[Program], out: Path, tmp_path: Path) -> None:
    anna, bert = begin(programs, out), begin(programs, out, "bert")
    second = begin(programs, out)  # another server of the same reader
    with Browser(tmp_path) as one, Browser(tmp_path) as other, Browser(tmp_path) as third:
        look(one, anna)
        look(other, second)
        look(third, bert)
        press(one, "m")
        press(other, "n")  # on the same candidate: the last word holds, both are kept
        press(one, "m")
        assert one.text("#done") == f"2 of {CANDIDATES}"
        assert len(standing(out).verdicts) == 2
        for key in "mmn":
            press(third, key)
        third.open(f"{bert.address}slide/0/agreement")
        third.wait("document.querySelector('dl')")
        text = third.text("#pairs")
        assert "anna and bert" in text
        assert "1 of 2 candidates that both looked at" in text
        assert "Seen differently (1)" in text


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(1280, 720, 1), (1920, 1080, 1), (640, 360, 2)]
)
def test_the_page_fits_and_is_told_to_a_screen_reader(
    programs: list[Program], out: Path, tmp_path: Path, width: int, height: int, scale: int
) -> None:
    program = begin(programs, out)
    with Browser(tmp_path, width, height) as browser:
        browser.resize(width, height, scale)
        look(browser, program)
        assert browser.eval("document.documentElement.scrollWidth") <= width
        tree = browser.tree()
        for role in ("main", "banner", "navigation", "complementary", "status", "progressbar"):
            assert role in [each for each, _ in tree], role
        unnamed = [role for role, name in tree
                   if role in ("button", "link", "image", "slider", "combobox", "application")
                   and not name.strip()]  # fmt: skip
        assert unnamed == []
        reached = []
        for _ in range(30):
            browser.key("Tab")
            reached.append(browser.eval(
                "document.activeElement.dataset.do || document.activeElement.id"
                " || document.activeElement.className || document.activeElement.tagName"
            ))  # fmt: skip
        order = [each for each in reached if each in (
            "help-open", "mitosis", "not mitosis", "unsure", "atypical", "back", "skip", "undo",
            "draw", "openseadragon-canvas", "order", "threshold", "write")]  # fmt: skip
        assert order[:13] == [
            "help-open", "mitosis", "not mitosis", "unsure", "atypical", "back", "skip", "undo",
            "draw", "openseadragon-canvas", "order", "threshold", "write",
        ]  # fmt: skip
        assert browser.complaints == []


def test_stage_3_s_word_stands_beside_a_candidate(
    programs: list[Program], out: Path, tmp_path: Path
) -> None:
    places = ((100, 80, 0.9), (300, 200, 0.7), (500, 300, 0.2))
    other = write_predicted(tmp_path / "told", places=places, atypical_scores=(0.25, 0.75))
    with Browser(tmp_path / "profile") as browser:
        look(browser, begin(programs, out))
        assert "called" not in browser.text("#what")
        assert browser.eval("document.querySelector('#by-atypical').hidden")
        look(browser, begin(programs, other))
        assert browser.eval("!document.querySelector('#by-atypical').hidden")
        said = []
        for _ in places:
            said.append(browser.text("#what"))
            press(browser, "s")
        assert sorted(said) == [
            "Candidate 1 model 0.900, counted; called normal (0.25)",
            "Candidate 2 model 0.700, counted; called atypical (0.75)",
            "Candidate 3 model 0.200, rejected",
        ]
