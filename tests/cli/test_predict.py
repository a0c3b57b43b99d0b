"""`mitokeras predict` on real files, good and bad, in a process of its own."""

import csv
import html
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from mitokeras.cli.main import main
from mitokeras.cli.predicting import FORMATS
from mitokeras.detect.spec import read_spec
from mitokeras.disk.files import sha256_of
from mitokeras.report.slide.outputs import DEFAULT_OUTPUTS
from tests.detectors import add_subtyper, write_curve
from tests.runs import call, mitokeras, peak_gib, start
from tests.slides import write_aperio, write_huge_aperio

ODD_NAME = (
    "a 'b' ü 中 & #1%.svs" if sys.platform == "win32" else "a \"b\" '<script>' ü 中 & #1%.svs"
)


@pytest.fixture(scope="session")
def slide(tissue: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = np.full((1200, 1500, 3), 244, np.uint8)
    image[200:1000, 300:1200] = np.tile(tissue, (2, 2, 1))[:800, :900]
    return write_aperio(tmp_path_factory.mktemp("slides") / "S1.svs", image)


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_slides_and_fields_to_all_outputs(
    slide: Path, tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    (scans / "day 1").mkdir(parents=True)
    odd = scans / "day 1" / ODD_NAME
    odd.write_bytes(slide.read_bytes())
    cv2.imwrite(str(scans / "field.png"), tissue[..., ::-1])
    out = tmp_path / "out"
    done = mitokeras(
        "predict", scans, "--model", tflite_bundle, "--out", out, "--spacing-um-px", 0.25
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # no bar where there is no terminal
    assert len(done.stdout.splitlines()) == 2
    assert entries(out) == ["day 1", "field.png", "index.html", "summary.csv"]
    for folder in (out / "day 1" / ODD_NAME, out / "field.png"):
        assert entries(folder) == [
            "detections.csv", "detections.geojson", "overlay.png", "points.json",
            "prediction.json", "report.html", "thumbnail.jpg",
        ]  # fmt: skip
        kept = json.loads((folder / "prediction.json").read_text("utf-8"))["prediction"]
        assert kept["image"]["name"] == folder.relative_to(out).as_posix()
        assert kept["image"]["spacing_source"] == "--spacing-um-px"
        assert len(kept["detections"]) > 3
        with (folder / "detections.csv").open(encoding="utf-8") as file:
            assert len(list(csv.DictReader(file))) == len(kept["detections"])
        geojson = json.loads((folder / "detections.geojson").read_text("utf-8"))
        assert geojson["type"] == "FeatureCollection"
        points = json.loads((folder / "points.json").read_text("utf-8"))
        assert len(points["points"]) == len(kept["detections"])
        assert "<script>" not in (folder / "report.html").read_text("utf-8")
        assert "--spacing-um-px" in (folder / "report.html").read_text("utf-8")
    assert kept["tiles_skipped"] == 0

    again = mitokeras(
        "predict", scans, "--model", tflite_bundle, "--out", out, "--spacing-um-px", 0.25
    )
    assert again.stdout == done.stdout


def test_slides_of_one_file_name_are_told_apart(
    slide: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    for case in ("case1", "case2"):
        (tmp_path / "in" / case).mkdir(parents=True)
        shutil.copy(slide, tmp_path / "in" / case / "HE.svs")
    options = (
        "--model",
        tflite_bundle,
        "--format",
        "csv",
        "--format",
        "geojson",
        "--format",
        "html",
    )
    watching = ("--settle-s", 0.1, "--once")
    for program, extra in (("predict", ()), ("watch", watching)):
        out = tmp_path / program
        done = call(program, tmp_path / "in", "--out", out, *options, *extra)
        assert done.exit_code == 0, done.output
        ids: set[str] = set()
        for name in ("case1/HE.svs", "case2/HE.svs"):
            with (out / name / "detections.csv").open(encoding="utf-8") as file:
                assert {row["image"] for row in csv.DictReader(file)} == {name}
            assert f"<title>{name}" in (out / name / "report.html").read_text("utf-8")
            content = json.loads((out / name / "detections.geojson").read_text("utf-8"))
            found = {one["id"] for one in content["features"]}
            assert found and not found & ids
            ids |= found


def test_only_the_chosen_formats_and_the_file_s_own_spacing(
    slide: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    done = mitokeras(
        "predict", slide, "--model", tflite_bundle, "--out", tmp_path, "--format", "csv"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert entries(tmp_path / "S1.svs") == ["detections.csv", "prediction.json"]
    kept = json.loads((tmp_path / "S1.svs" / "prediction.json").read_text("utf-8"))["prediction"]
    assert kept["image"]["format"] == "aperio"
    assert kept["image"]["spacing_um_px"] == 0.25
    assert kept["tiles_skipped"] > 100


def test_bad_files_get_one_line_each_and_the_rest_goes_on(
    slide: Path, tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path
) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    whole = slide.read_bytes()
    (scans / "good.svs").write_bytes(whole)
    (scans / "empty.svs").write_bytes(b"")
    (scans / "text.svs").write_text("this is no slide")
    (scans / "truncated.svs").write_bytes(whole[: len(whole) // 2])
    (scans / "damaged.svs").write_bytes(_damaged(whole))
    write_aperio(scans / "20x.svs", np.tile(tissue, (2, 2, 1)), spacing_um_px=0.5, app_mag=20)
    write_aperio(scans / "glass.svs", np.full((700, 900, 3), 244, np.uint8))
    write_aperio(scans / "no spacing.svs", np.tile(tissue, (2, 2, 1)), spacing_um_px=None)
    cv2.imwrite(str(scans / "no spacing.png"), tissue[..., ::-1])
    done = mitokeras("predict", scans, "--model", tflite_bundle, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert done.stdout.startswith("good.svs: ")
    assert len(done.stdout.splitlines()) == 1
    *lines, last = done.stderr.splitlines()
    assert last == "8 of 9 inputs failed"
    rules = {
        "empty.svs": "empty",
        "text.svs": "not a slide",
        "truncated.svs": "",
        "damaged.svs": "",
        "20x.svs": "Received: 0.5 um/px",
        "glass.svs": "must have tissue",
        "no spacing.svs": "--spacing-um-px",
        "no spacing.png": "--spacing-um-px",
    }
    assert len(lines) == len(rules), done.stderr
    for name, rule in rules.items():
        (line,) = [line for line in lines if str(scans / name) in line]
        assert line.startswith("Error: ")
        assert rule in line
    visible = [name for name in entries(tmp_path / "out") if not name.startswith(".")]
    assert visible == ["good.svs", "index.html", "summary.csv"]


def _damaged(slide: bytes) -> bytes:
    """Zeros over a stretch in the middle of the tissue's JPEG tiles."""
    middle = len(slide) // 3
    return slide[:middle] + bytes(40_000) + slide[middle + 40_000 :]


def test_an_output_that_cannot_be_written(slide: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = mitokeras("predict", slide, "--model", tflite_bundle, "--out", tmp_path / "file" / "out")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path / "file") in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nowhere.svs"], 1, "nowhere.svs"),
        (["nowhere-*.svs"], 1, "nowhere-*.svs"),
        (["--address", "a:1", "x.svs"], 2, "--address needs --engine ray"),
        (["--spacing-um-px", "0", "x.svs"], 2, "--spacing-um-px"),
        (["--false-per-mm2", "0", "x.svs"], 2, "--false-per-mm2"),
        ([], 2, "INPUT"),
    ],
)
def test_misuse(
    arguments: list[str], code: int, message: str, tflite_bundle: Path, tmp_path: Path
) -> None:
    done = mitokeras("predict", *arguments, "--model", tflite_bundle, "--out", tmp_path / "out")
    assert done.returncode == code
    assert message in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_number_of_threads_changes_no_byte(
    slide: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    for threads in (1, 2, 3):
        out = tmp_path / str(threads)
        done = mitokeras(
            "predict", slide, "--model", tflite_bundle, "--out", out, "--threads", threads
        )
        assert done.returncode == 0, done.stderr
    for name in entries(tmp_path / "1" / "S1.svs"):
        first, *others = [(tmp_path / n / "S1.svs" / name).read_bytes() for n in "123"]
        assert others == [first, first], name


def test_a_missing_model_is_said_once(slide: Path, tmp_path: Path) -> None:
    done = mitokeras(
        "predict", slide, slide.parent, "--model", tmp_path / "m", "--out", tmp_path / "out"
    )
    assert done.returncode == 1
    assert done.stderr.count("must be a finished run or bundle") == 1


@pytest.mark.parametrize("arguments", [[], ["--model", "edge"]])
def test_the_shipped_model(
    arguments: list[str], slide: Path, shipped: Path, tmp_path: Path
) -> None:
    asked = ["predict", str(slide), "--out", str(tmp_path / "out"), "--format", "html", *arguments]
    done = CliRunner().invoke(main, asked)
    assert (done.exit_code, done.stderr) == (0, "")
    kept = json.loads((tmp_path / "out" / "S1.svs" / "prediction.json").read_text("utf-8"))
    model = kept["prediction"]["model"]
    assert model["name"] == "edge"
    assert model["segmenter_sha256"] == sha256_of(shipped / "edge" / "segmenter.tflite")
    page = (tmp_path / "out" / "S1.svs" / "report.html").read_text("utf-8")
    assert "<dt>Model</dt><dd>edge, works at 0.25 µm per pixel</dd>" in page


def test_the_help_says_which_model_is_taken() -> None:
    for name in ("predict", "watch"):
        text = " ".join(CliRunner().invoke(main, [name, "--help"]).stdout.split())
        assert "a model that ships with mitokeras. [default: edge]" in text


@pytest.fixture(scope="module")
def measured(tflite_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle with a curve: 0.5 false figures per mm2 at its threshold, 40 below, none above."""
    folder = shutil.copytree(tflite_bundle, tmp_path_factory.mktemp("measured") / "bundle")
    own = read_spec(folder).classifier_threshold
    write_curve(folder, (own / 2, 40.0), (own, 0.5), ((1 + own) / 2, 0.0))
    return folder


def test_every_output_says_the_same_of_false_figures(
    slide: Path, measured: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    arguments = ("predict", slide, "--field-diameter-mm", 0.45, "--model")
    done = mitokeras(*arguments, measured, "--out", tmp_path / "own")
    assert done.returncode == 0, done.stderr
    moved = mitokeras(*arguments, measured, "--out", tmp_path / "moved", "--false-per-mm2", 60)
    assert moved.returncode == 0, moved.stderr
    bare = mitokeras(*arguments, tflite_bundle, "--out", tmp_path / "bare")
    assert bare.returncode == 0, bare.stderr
    own_threshold = read_spec(measured).classifier_threshold
    for name, stdout, threshold, rate in (
        ("own", done.stdout, own_threshold, 0.5),
        ("moved", moved.stdout, own_threshold / 2, 40.0),
        ("bare", bare.stdout, own_threshold, None),
    ):
        folder = tmp_path / name / "S1.svs"
        kept = json.loads((folder / "prediction.json").read_text("utf-8"))["prediction"]
        count = kept["count"]
        assert kept["model"]["classifier_threshold"] == threshold
        with (folder / "detections.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert {row["classifier_threshold"] for row in rows} == {repr(threshold)}
        about = json.loads((folder / "detections.geojson").read_text("utf-8"))["mitokeras"]
        assert about["count"] == count
        page = (folder / "report.html").read_text("utf-8")
        assert f"no mitotic score: {count['no_score']}" in stdout
        assert html.escape(count["no_score"]).replace("mm2", "mm²") in page
        assert {row["false_per_mm2"] for row in rows} == {"" if rate is None else f"{rate:g}"}
        if rate is None:
            assert count["false"] is None
            assert "(false figures not measured)" in stdout
            assert "not measured at these thresholds" in page
        else:
            assert count["false"]["per_mm2"] == rate
            assert count["false"]["expected"] == pytest.approx(rate * count["tissue_mm2"], abs=1e-3)
            assert f"({rate:g} false per mm2)" in stdout
            assert f"{rate:g} per mm² at these thresholds" in page


def test_a_curve_that_comes_later_needs_no_network(
    slide: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    bundle = shutil.copytree(tflite_bundle, tmp_path / "bundle")
    arguments = ("predict", slide, "--model", bundle, "--out", tmp_path / "out")
    assert "false figures not measured" in mitokeras(*arguments).stdout
    write_curve(bundle, (0.0, 3.0), (1.0, 3.0))
    again = mitokeras(*arguments)
    assert "(3 false per mm2)" in again.stdout
    assert "3 per mm² at these" in (tmp_path / "out/S1.svs/report.html").read_text("utf-8")


@pytest.mark.parametrize("program", ["predict", "watch"])
def test_a_false_rate_that_cannot_be_had(
    program: str, slide: Path, measured: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    arguments = (program, slide if program == "predict" else slide.parent)
    for model, rule in (
        (measured, "must be at least 0.5, the lowest measured"),
        (tflite_bundle, "must have measured false figures"),
    ):
        done = mitokeras(
            *arguments, "--model", model, "--out", tmp_path / "out", "--false-per-mm2", 0.1
        )
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith("Error: ") and rule in line
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_killed_in_the_middle_it_goes_on(
    slide: Path, tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path
) -> None:
    big = write_aperio(tmp_path / "big.svs", np.tile(tissue, (3, 4, 1)))
    arguments = ("predict", big, "--model", tflite_bundle, "--threads", 1, "--out")
    assert mitokeras(*arguments, tmp_path / "whole").returncode == 0
    out = tmp_path / "out"
    process = start(*arguments, out)
    journal = out / ".big.svs.progress"
    while process.poll() is None and not (journal / "segment_000003.npz").exists():
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert entries(out) == [".big.svs.lock", ".big.svs.progress"]
    done = mitokeras(*arguments, out)
    assert done.returncode == 0, done.stderr
    assert entries(out) == ["big.svs", "index.html", "summary.csv"]
    for name in entries(out / "big.svs"):
        expected = (tmp_path / "whole" / "big.svs" / name).read_bytes()
        assert (out / "big.svs" / name).read_bytes() == expected, name


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_slide(
    tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path
) -> None:
    block = np.tile(tissue, (8, 8, 1))[:3840, :3840]
    peaks = []
    for width, height, share in ((10_000, 10_000, 0.4), (60_000, 40_000, 0.08)):
        slide = write_huge_aperio(
            tmp_path / f"{width}.svs", block, width, height, tissue=(0, 0, share, share)
        )
        peaks.append(
            peak_gib("predict", slide, "--model", tflite_bundle, "--out", tmp_path / "out")
        )
    assert peaks[1] < 2  # GiB; the promise
    assert peaks[1] < 1.3 * peaks[0], peaks


def test_the_help_s_formats_are_those_of_the_library() -> None:
    """They are written twice so that --help imports no slide reader."""
    assert DEFAULT_OUTPUTS == FORMATS


def test_one_json_object_a_slide_for_programs(
    slide: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.svs").write_bytes(b"no slide")
    arguments = (slide, tmp_path / "bad.svs", "--model", tflite_bundle, "--out", tmp_path / "out")
    done = mitokeras("predict", *arguments, "--json")
    assert done.returncode == 1
    good, bad = (json.loads(line) for line in done.stdout.splitlines())
    assert bad == {"slide": "bad.svs", "error": bad["error"]}
    assert "bad.svs: not a slide" in bad["error"]
    kept = json.loads((tmp_path / "out/S1.svs/prediction.json").read_text("utf-8"))["prediction"]
    detections = kept.pop("detections")
    assert len(detections) > 0
    assert good.pop("warnings")
    assert good == {"slide": "S1.svs", "folder": str(tmp_path / "out" / "S1.svs"), **kept}


def test_every_output_says_what_is_doubtful(
    tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path
) -> None:
    """Copies of images that the model has learned from, all out of focus."""
    path = tmp_path / "field.png"
    cv2.imwrite(str(path), cv2.GaussianBlur(tissue[..., ::-1], (0, 0), 3))
    learned = Path(shutil.copytree(tflite_bundle, tmp_path / "model"))
    (learned / "learned_images.json").write_text(json.dumps([sha256_of(path)]))
    options = ["--model", learned, "--spacing-um-px", 0.25, "--out", tmp_path / "out"]
    told = json.loads(call("predict", path, *options, "--json").stdout)
    assert told["suitability"]["learned_from"] is True
    assert told["suitability"]["strange_stain"] == []
    assert told["suitability"]["out_of_focus"] > 0.5
    doubts = told["warnings"][1:3]  # after the spacing
    assert doubts[0].startswith("the model has learned from tissue of this image")
    assert doubts[1].endswith("% of the tissue is out of focus: figures may be missed there")
    out = tmp_path / "out"
    line = call("predict", path, *options).stdout
    texts = [line, *(
        (out / name).read_text("utf-8")
        for name in ("summary.csv", "field.png/detections.csv", "field.png/detections.geojson")
    )]  # fmt: skip
    for doubt in doubts:
        assert all(doubt in text for text in texts)
        shown = f"{doubt[0].upper()}{doubt[1:]}."
        for page in ("index.html", "field.png/report.html"):
            assert shown in (out / page).read_text("utf-8")
    kept = json.loads((out / "field.png" / "prediction.json").read_text("utf-8"))
    assert kept["prediction"]["suitability"] == told["suitability"]


@pytest.fixture
def telling(tflite_bundle: Path, tmp_path: Path) -> Path:
    """A bundle that tells atypical figures from normal ones."""
    folder = Path(shutil.copytree(tflite_bundle, tmp_path / "telling"))
    add_subtyper(folder)
    path = folder / "detector.json"
    values = json.loads(path.read_text("utf-8")) | {"classifier_threshold": 0.0}
    path.write_text(json.dumps(values))
    return folder


def test_a_class_for_atypical_figures_beside_what_is_finished(
    slide: Path, telling: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = call("predict", slide, "--model", telling, "--out", out)
    assert done.exit_code == 0, done.output
    assert " mitotic figures are called atypical: " in done.stdout
    folder = out / "S1.svs"
    assert not (folder / "detections_atypical.geojson").exists()
    found = json.loads((folder / "prediction.json").read_text("utf-8"))["prediction"]
    assert found["atypical"]["of"] == found["count"]["figures"] > 0
    assert all(0 <= one["atypical_score"] <= 1 for one in found["detections"])
    before = (folder / "detections.geojson").read_bytes()
    for path in telling.glob("*.tflite"):
        path.touch()  # no network runs again: the slide is finished
    done = call("predict", slide, "--model", telling, "--out", out, "--atypical-class")
    assert done.exit_code == 0, done.output
    assert (folder / "detections.geojson").read_bytes() == before
    content = json.loads((folder / "detections_atypical.geojson").read_text("ascii"))
    classes = [each["properties"]["classification"]["name"] for each in content["features"]]
    assert classes.count("Atypical mitotic figure") == (
        found["atypical"]["figures"] + bool(found["atypical"]["figures"])
    )
    fresh = call(
        "predict", slide, "--model", telling, "--out", tmp_path / "b", "--atypical-class",
        "--format", "geojson", "--json",
    )  # fmt: skip
    assert entries(tmp_path / "b" / "S1.svs") == ["detections_atypical.geojson", "prediction.json"]
    assert json.loads(fresh.stdout)["atypical"] == found["atypical"]


def test_a_class_that_no_model_or_format_can_give(
    slide: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    common = ("predict", slide, "--model", tflite_bundle, "--out", tmp_path / "out")
    done = call(*common, "--atypical-class")
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: {tflite_bundle}: --atypical-class needs a model that tells atypical figures from "
        "normal ones\n"
    )
    done = call(*common, "--atypical-class", "--format", "csv")
    assert done.exit_code == 2 and "needs --format geojson" in done.stderr
    assert not (tmp_path / "out").exists()
