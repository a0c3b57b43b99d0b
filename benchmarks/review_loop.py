"""What does a reader's work bring? Predict, review, fine-tune, and score where nobody has reviewed.

The labels of a data set stand in for the reader, who gives each candidate a verdict, adds the
figures that the model has missed, and draws a region about the whole image: what `mitokeras review`
writes, by the calls of its page. A key or click each; a region takes six.

    python benchmarks/review_loop.py RUN DATA --images 'images/Case_12-*' --spacing 0.25 \
        --held-out 'images/Case_12-0[3-6].jpg' --work WORK --out benchmarks/review_loop.csv
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from turns import write_table

from mitokeras.counting.matching import match
from mitokeras.data.fields import Field
from mitokeras.data.protocols import get_protocol
from mitokeras.data.readers import read_dataset
from mitokeras.review.review import Review
from mitokeras.verdicts.finding import find_predicted
from mitokeras.verdicts.subject import PredictedSlide

READER = "labels"
REGION_KEYS = 6
"""R, four corners, Enter."""


class Work(NamedTuple):
    """What a reader has done on one image."""

    candidates: int
    added: int

    @property
    def keys(self) -> int:
        return self.candidates + self.added + REGION_KEYS


@click.command()
@click.argument("start")
@click.argument("data", type=click.Path(path_type=Path, exists=True))
@click.option("--images", "pattern", required=True, help="Pattern of the images in labels.csv.")
@click.option("--held-out", required=True, help="Pattern of those that are only scored.")
@click.option("--spacing", type=float, help="Of images that do not say it.")
@click.option("--steps", default="1,2,4,8", show_default=True, help="Numbers of reviewed images.")
@click.option("--known", multiple=True, type=click.Path(path_type=Path, exists=True),
              help="Data that the start has learned from, to remind it.")  # fmt: skip
@click.option("--work", type=click.Path(path_type=Path), required=True, help="Folder to work in.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
def main(
    start: str,
    data: Path,
    pattern: str,
    held_out: str,
    spacing: float | None,
    steps: str,
    known: Sequence[Path],
    work: Path,
    out: Path,
) -> None:
    scored = subset(data, work / "held_out", [pattern, held_out])
    names = images_of(data, [pattern], [held_out])
    slides = work / "slides"
    options = [] if spacing is None else ["--spacing-um-px", spacing]
    copy_images(data, names, slides)
    predicted = work / "predicted"
    mitokeras("predict", slides, "--model", start, "--out", predicted, *options)
    done = review_all(predicted, slides, read_dataset(data, None, spacing).fields)
    rows = [row(0, (), 0.0, evaluate(scored, start, options))]
    for number in map(int, steps.split(",")):
        chosen = [Path(name).name for name in names[:number]]
        reviewed = work / f"reviewed_{number}"
        for name in chosen:
            shutil.copytree(predicted / name, reviewed / name, dirs_exist_ok=True)
        run = work / f"run_{number}"
        begun = time.perf_counter()
        mitokeras("fit", reviewed, *known, "--start", start, "--out", run)
        seconds = time.perf_counter() - begun
        found = evaluate(scored, run, options)
        rows.append(row(number, [done[name] for name in chosen], seconds, found))
        write_table(out, list(rows[0]), [list(each.values()) for each in rows])


def images_of(data: Path, wanted: Sequence[str], unwanted: Sequence[str] = ()) -> list[str]:
    """Images of labels.csv that match all of some patterns, and none of others."""
    with (data / "labels.csv").open(encoding="utf-8") as file:
        images = sorted({line["image"] for line in csv.DictReader(file)})
    return [
        name
        for name in images
        if all(fnmatchcase(name, each) for each in wanted)
        and not any(fnmatchcase(name, each) for each in unwanted)
    ]


def subset(data: Path, folder: Path, wanted: Sequence[str]) -> Path:
    """A data set of some of the images."""
    names = images_of(data, wanted)
    copy_images(data, names, folder / "images")
    with (data / "labels.csv").open(encoding="utf-8") as file:
        lines = csv.DictReader(file)
        rows = [line for line in lines if line["image"] in names]
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder


def copy_images(data: Path, names: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy2(data / name, folder / Path(name).name)


def review_all(predicted: Path, slides: Path, fields: Sequence[Field]) -> dict[str, Work]:
    """Review each image as its labels say; name -> what was done."""
    truth = {field.image.name: field for field in fields}
    done = {}
    for found in find_predicted(predicted, slides):
        if found.slide is None:
            raise click.ClickException(found.trouble)
        done[found.slide.path.name] = review(found.slide, truth[found.slide.path.name])
    return done


def review(slide: PredictedSlide, field: Field) -> Work:
    own = Review(slide, READER)
    detections = slide.prediction.detections
    places = np.array([(one.x, one.y) for one in detections]).reshape(-1, 2)
    figures = np.array([(mark.x, mark.y) for mark in field.figures]).reshape(-1, 2)
    pairs = match(figures, places, get_protocol("midog").radius_px(field.spacing_um_px))
    hits = {int(detection) for _, detection in pairs}
    for number in range(len(detections)):
        own.judge(number + 1, "mitosis" if number in hits else "not mitosis", atypical=False)
    missed = np.delete(figures, pairs[:, 0], axis=0)
    for x, y in missed:
        own.add(float(x), float(y))
    right, bottom = slide.image.width_px - 0.5, slide.image.height_px - 0.5
    own.limit([((-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom))])
    return Work(len(detections), len(missed))


def evaluate(data: Path, model: str | Path, options: Sequence[object]) -> Any:
    """Scores of both stages."""
    file = data.parent / "scores.json"
    mitokeras("evaluate", data, "--model", model, "--json", file, *options)
    return json.loads(file.read_text())["both"]


def mitokeras(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "mitokeras", *map(str, arguments)], check=True)


def row(number: int, done: Sequence[Work], seconds: float, both: Any) -> dict[str, object]:
    return {
        "images": number,
        "candidates": sum(work.candidates for work in done),
        "added": sum(work.added for work in done),
        "keys": sum(work.keys for work in done),
        "seconds": round(seconds, 1),
        **{name: both[name] for name in ("tp", "fp", "fn", "precision", "recall", "f1")},
        "f1_low": both["ci95"]["f1"][0],
        "f1_high": both["ci95"]["f1"][1],
    }


if __name__ == "__main__":
    main()
