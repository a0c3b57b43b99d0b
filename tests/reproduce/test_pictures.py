"""The paper's pictures, by the command line."""

import json
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import cv2
import numpy as np

from mitokeras.report.colours import GREEN, VERMILION, YELLOW, rgb
from mitokeras.reproduce.pictures import draw_of_detector
from mitokeras.reproduce.subject import finished_run as finished_run_subject
from tests.runs import call


def drawn(out: Path, target: str) -> np.ndarray:
    """The PNG as RGB, after a look at the SVG."""
    root = ElementTree.parse(out / f"{target}.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    image = cv2.imread(str(out / f"{target}.png"))
    assert image is not None
    return image[..., ::-1]


def of_colour(image: np.ndarray, colour: str) -> int:
    return int(np.all(image == rgb(colour), axis=-1).sum())


def test_pictures_of_the_data(data: Path, tmp_path: Path) -> None:
    own, out = tmp_path / "own", tmp_path / "out"
    shutil.copytree(data, own)
    for target in ("figure7", "figure8"):
        done = call("reproduce", target, own, "--out", out, "--budget", "smoke")
        assert done.exit_code == 0, done.output
        assert f"{target}.png" in done.stdout
    fields = drawn(out, "figure7")
    assert of_colour(fields, YELLOW) > 100  # circles about the mitotic figures
    assert of_colour(fields, GREEN) > 1000  # their pixels
    assert of_colour(fields, VERMILION) > 100  # circles about the look-alikes
    assert drawn(out, "figure8").shape[1] == fields.shape[1]
    said = json.loads((out / "figure7.json").read_text("utf-8"))
    assert said["caption"].endswith("Of data set own.")

    image = next(own.glob("images/*.png"))
    cv2.imwrite(str(image), 255 - cv2.imread(str(image)))
    changed = call("reproduce", "figure8", own, "--out", out, "--budget", "smoke")
    assert changed.exit_code == 1
    assert "changed since" in changed.stderr


def test_pictures_of_a_run(finished_run: Path, tmp_path: Path) -> None:
    data, out = finished_run / "synthetic", tmp_path / "out"
    done = call("reproduce", "figure9", data, "--out", out, "--run", finished_run)
    assert done.exit_code == 0, done.output
    draw_of_detector(out, ["figure5", "figure11"], finished_run_subject(finished_run, data))
    assert of_colour(drawn(out, "figure5"), VERMILION) > 100  # candidates, no mitotic figures
    # Stage 1 alone accepts all that stage 2 may reject.
    accepted = [of_colour(drawn(out, target), VERMILION) for target in ("figure9", "figure11")]
    assert 0 < accepted[0] <= accepted[1]
    said = json.loads((out / "figure11.json").read_text("utf-8"))
    assert f"Of run {finished_run.name}, preset quick, which accepts from " in said["caption"]


def test_a_run_on_other_data_is_refused(finished_run: Path, data: Path, tmp_path: Path) -> None:
    done = call("reproduce", "figure9", data, "--out", tmp_path / "out", "--run", finished_run)
    assert done.exit_code == 1
    assert f"--run must be trained on {data}" in done.stderr
    assert not (tmp_path / "out" / "figure9.png").exists()
