import base64
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mitokeras.detect.spec import Thresholds
from mitokeras.errors import DataError
from mitokeras.report.numbers import UNDEFINED
from mitokeras.report.run.page import RunReport, SplitFacts, write_report
from mitokeras.run.record import StageRecord
from mitokeras.run.start import StartRecord
from mitokeras.score.scores import CaseScores, Intervals, Scores, StageScores
from tests.report.pages import Page

EVIL = "<script>alert(\"1\")</script> & '病例'"


def counts(tp: int, fp: int, fn: int) -> dict[str, Any]:
    return {
        "tp": tp,
        "fp": fp,
        "fn": fn,
        "precision": tp / (tp + fp) if tp + fp else None,
        "recall": tp / (tp + fn) if tp + fn else None,
        "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None,
        "fp_per_mm2": fp / 2.0,
    }


def stage(tp: int, fp: int, fn: int, cases: tuple[str, ...] = (EVIL, "empty case")) -> StageScores:
    of_case = {EVIL: counts(tp, fp, fn), "empty case": counts(0, 0, 0)}
    return StageScores(
        **counts(tp, fp, fn),
        ci95_unit="case",
        ci95=Intervals(precision=(0.4111, 0.6222) if tp else None, recall=(None, None)),
        per_case={case: CaseScores(**of_case[case]) for case in cases},
    )


def scores(segmenter: StageScores, both: StageScores) -> Scores:
    return Scores(
        protocol="icpr2012-5um",
        match_radius_um=5.0,
        spacing_um_px=0.25,
        thresholds=Thresholds(segmenter=0.55, classifier=0.6142),
        fields=4,
        cases=2,
        figures=10,
        segmenter=segmenter,
        both=both,
    )


TEST = scores(stage(8, 8, 2), stage(7, 1, 3))


def run(
    test: Scores | None = TEST, notes: Sequence[str] = ("Two <were> passed over.",)
) -> RunReport:
    trained = StageRecord(
        model="DSCRB + CSAG", parameters=3712001, epochs=60, best_epoch=55, seconds=7321.0
    )
    return RunReport(
        title=f"run {EVIL}",
        created="2026-01-02 03:04 UTC",
        preset="paper",
        dataset="icpr2012",
        data_hash="abc123",
        notes=notes,
        spacing_um_px=0.2456,
        stain="Macenko",
        thresholds_chosen="Highest F1 on validation.",
        splits={"train": SplitFacts(cases=4, fields=30, figures=321, area_mm2=5.5)},
        stages={"segmenter": trained},
        test=test,
        environment={"Keras": "3.15.1", "Hardware": "2 cores"},
    )


def page_of(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def figure(tmp_path: Path) -> tuple[str, str, Path]:
    path = tmp_path / "figure.png"
    cv2.imwrite(str(path), np.full((20, 60, 3), 90, dtype=np.uint8))
    return f"Overlay {EVIL}", "Circles are <hits>.", path


def test_the_page_is_whole_loads_nothing_and_escapes(
    tmp_path: Path, figure: tuple[str, str, Path]
) -> None:
    path = tmp_path / "report.html"
    write_report(run(), [figure], path)
    page = page_of(path)
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "base"}
    source = path.read_text(encoding="utf-8")
    assert "http://" not in source and "https://" not in source and "url(" not in source
    assert "@import" not in source
    assert f"run {EVIL}" in page.text
    assert "Two <were> passed over." in page.text
    assert "Research software. Not a medical device." in page.text
    assert sorted(file.name for file in tmp_path.iterdir()) == ["figure.png", "report.html"]


def test_the_page_says_what_a_run_started_from(tmp_path: Path) -> None:
    start = StartRecord(name=EVIL, segmenter_sha256="a" * 64, classifier_sha256="b" * 64,
                        origins=())  # fmt: skip
    path = tmp_path / "report.html"
    write_report(dataclasses.replace(run(), start=start), [], path)
    assert f"{EVIL} (segmenter.keras aaaaaaaaaaaa, classifier.keras bbbb" in page_of(path).text
    write_report(run(), [], path)
    assert "Started from" not in page_of(path).text


def test_the_page_holds_its_images(tmp_path: Path, figure: tuple[str, str, Path]) -> None:
    path = tmp_path / "report.html"
    write_report(run(), [figure], path)
    ((_, image),) = [tag for tag in page_of(path).tags if tag[0] == "img"]
    head, content = (image["src"] or "").split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(content) == figure[2].read_bytes()
    assert image["alt"] == figure[0]
    assert image["width"] == "30"


def test_a_large_png_goes_in_as_a_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "tissue.png"
    noise = np.random.default_rng(0).integers(0, 256, (500, 600, 3), dtype=np.uint8)
    cv2.imwrite(str(path), noise)
    write_report(run(), [("Tissue", "", path)], tmp_path / "report.html")
    ((_, image),) = [tag for tag in page_of(tmp_path / "report.html").tags if tag[0] == "img"]
    head, content = (image["src"] or "").split(",")
    assert head == "data:image/jpeg;base64"
    jpeg = np.frombuffer(base64.b64decode(content), dtype=np.uint8)
    assert cv2.imdecode(jpeg, cv2.IMREAD_COLOR).shape == noise.shape
    assert len(jpeg) < path.stat().st_size / 2


def test_metrics_of_both_detectors_stand_in_the_table(tmp_path: Path) -> None:
    write_report(run(), [], tmp_path / "report.html")
    rows = page_of(tmp_path / "report.html").rows
    # 8 / 16, 8 / 10, 16 / 26; the interval stands under the precision alone.
    first = ["stage 1", "0.5000.411 to 0.622", "0.800", "0.615", "8", "8", "2", "4.00"]
    second = ["both stages", "0.8750.411 to 0.622", "0.700", "0.778", "7", "1", "3", "0.50"]
    assert first in rows
    assert second in rows


def test_cases_stand_in_one_row_with_dashes_for_the_undefined(tmp_path: Path) -> None:
    one_case = scores(stage(8, 8, 2), stage(7, 1, 3, cases=("empty case",)))
    write_report(run(one_case), [], tmp_path / "report.html")
    rows = page_of(tmp_path / "report.html").rows
    assert [EVIL, "8", "8", "2", "0.50", "0.80", "0.62", *(UNDEFINED * 6)] in rows
    assert [
        "empty case",
        "0",
        "0",
        "0",
        UNDEFINED,
        UNDEFINED,
        UNDEFINED,
        "0",
        "0",
        "0",
        UNDEFINED,
        UNDEFINED,
        UNDEFINED,
    ] in rows


def test_nothing_detected_shows_dashes(tmp_path: Path) -> None:
    write_report(run(scores(stage(0, 0, 0), stage(0, 0, 0))), [], tmp_path / "report.html")
    rows = page_of(tmp_path / "report.html").rows
    assert ["stage 1", UNDEFINED, UNDEFINED, UNDEFINED, "0", "0", "0", "0.00"] in rows


def test_training_facts_and_protocol_are_stated(tmp_path: Path) -> None:
    write_report(run(), [], tmp_path / "report.html")
    page = page_of(tmp_path / "report.html")
    assert ["train", "4", "30", "321", "5.50"] in page.rows
    assert ["segmenter", "DSCRB + CSAG", "3,712,001", "60", "55", "2 h 02 min"] in page.rows
    text = " ".join(page.text.split())
    assert "icpr2012-5um, radius 5 µm, at 0.25 µm per pixel; segmenter threshold 0.55" in text
    assert text.count("segmenter threshold 0.55") == 2
    assert text.count("classifier threshold 0.614") == 1, "not beside stage 1 alone"
    assert "Highest F1 on validation." in text
    assert "0.2456 µm per pixel" in text
    assert "Keras3.15.1" in text


def test_a_run_without_test_split_says_so(tmp_path: Path) -> None:
    write_report(run(test=None, notes=()), [], tmp_path / "report.html")
    page = page_of(tmp_path / "report.html")
    assert "This run was not tested: no completely labelled field was left" in page.text
    assert "Case by case" not in page.text


@pytest.mark.parametrize("content", [b"no image", b"\x89PNG\r\n\x1a\ncut", b""])
def test_a_broken_figure_is_named_and_leaves_no_page(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"broken\.png: a figure of a report must be"):
        write_report(run(), [("Broken", "", path)], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()
