"""Reviewed predictions as a data set."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import Field
from mitokeras.data.known_tissue import TISSUE_FILE
from mitokeras.data.loading import load_field
from mitokeras.data.readers import read_dataset
from mitokeras.detect.learned import LEARNED_FILE
from mitokeras.errors import DataError
from mitokeras.review.review import Review
from mitokeras.verdicts.finding import find_predicted
from tests.review.slides import write_predicted
from tests.runs import call

LOWER_LEFT = ((150.0, 150.0), (150.0, 450.0), (350.0, 450.0), (350.0, 150.0))
"""Holds candidates 2 and 4 of `PLACES`."""


def review(out: Path, name: str = "anna", number: int = 0) -> Review:
    slide = find_predicted(out, None)[number].slide
    assert slide is not None
    return Review(slide, name)


def places(field: Field, kind: str) -> list[tuple[float, float]]:
    return [(mark.x, mark.y) for mark in getattr(field, kind)]


def test_verdicts_are_labels(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    by = review(out)
    by.judge(1, "mitosis", atypical=True)
    by.judge(2, "not mitosis", atypical=False)
    by.judge(3, "unsure", atypical=False)
    by.add(50, 400)
    for folder in (out, out / "S1.svs"):
        dataset = read_dataset(folder)
        assert dataset.layout == "reviews"
        (field,) = dataset.fields
        assert (field.image, field.case) == (tmp_path / "S1.svs", "S1.svs")
        assert [(m.x, m.y, m.subtype) for m in field.figures] == [
            (100, 80, "atypical"),
            (50, 400, "normal"),  # the reader marks atypical ones
        ]
        told = "mitoses: 1 normal, 1 atypical, by readers who mark atypical ones"
        assert told in dataset.notes
        assert places(field, "lookalikes") == [(300, 200)]
        assert places(field, "unsure") == [(500, 300)]
        assert not field.complete and field.labelled is None and field.window is None
        assert load_field(field).image.shape == (480, 640, 3)


def test_a_region_is_labelled_whole_once_all_in_it_is_judged(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    by = review(out)
    by.limit([LOWER_LEFT])
    by.judge(2, "mitosis", atypical=False)
    (field,) = read_dataset(out).fields
    assert not field.complete and field.labelled is None
    by.judge(4, "not mitosis", atypical=False)
    (field,) = read_dataset(out).fields
    assert field.complete and field.labelled is not None
    assert field.labelled.bounds == (150, 150, 350, 450)


def test_what_readers_differ_in_is_unsure(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    anna, ben = review(out, "anna"), review(out, "ben")
    anna.judge(1, "mitosis", atypical=True)
    ben.judge(1, "mitosis", atypical=False)
    anna.judge(2, "mitosis", atypical=False)
    ben.judge(2, "not mitosis", atypical=False)
    anna.judge(4, "not mitosis", atypical=False)
    anna.add(50, 400)
    ben.add(60, 400)  # 2.5 um away
    anna.add(600, 20)
    dataset = read_dataset(out)
    (field,) = dataset.fields
    assert [(m.x, m.y, m.subtype) for m in field.figures] == [
        (100, 80, ""),
        (50, 400, "normal"),
        (600, 20, "normal"),
    ]
    assert (places(field, "unsure"), places(field, "lookalikes")) == ([(300, 200)], [(200, 400)])
    assert "1 places are unsure as their readers differ" in dataset.notes
    # Ben has judged all candidates about anna's figure at (600, 20), and not marked it.
    ben.limit([((560.0, 0.0), (639.0, 0.0), (639.0, 60.0), (560.0, 60.0))])
    (field,) = read_dataset(out).fields
    assert places(field, "unsure") == [(300, 200), (600, 20)]
    (out / "dataset.json").write_text('{"reviewer": "anna"}')
    (field,) = read_dataset(out).fields
    assert places(field, "figures") == [(100, 80), (300, 200), (50, 400), (600, 20)]
    assert not field.unsure


def test_a_slide_without_verdicts_is_not_read(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    write_predicted(tmp_path, "S2.svs")
    write_predicted(tmp_path, "S3.svs")
    review(out, number=0).judge(1, "mitosis", atypical=False)
    undone = review(out, number=1)
    undone.undo(undone.judge(1, "mitosis", atypical=False).last[0])  # type: ignore[index]
    dataset = read_dataset(out)
    assert [field.image.name for field in dataset.fields] == ["S1.svs"]
    assert "1 of 3 predicted slides have verdicts, of: anna (1)" in dataset.notes


def test_slides_that_are_elsewhere_or_changed(tmp_path: Path) -> None:
    out = write_predicted(tmp_path / "here")
    review(out).judge(1, "mitosis", atypical=False)
    far = tmp_path / "far" / "scans"
    far.mkdir(parents=True)
    slide = tmp_path / "here" / "S1.svs"
    slide.rename(far / "S1.svs")
    with pytest.raises(DataError, match=r'"slides": "FOLDER"\} in dataset\.json'):
        read_dataset(out)
    (out / "dataset.json").write_text('{"slides": "../../far"}')
    assert read_dataset(out).fields[0].image.name == "S1.svs"
    (out / "dataset.json").write_text('{"slides": "../../nowhere"}')
    with pytest.raises(DataError, match="slides must be a folder"):
        read_dataset(out)
    (out / "dataset.json").unlink()
    (far / "S1.svs").rename(slide)
    os.utime(slide, ns=(1, slide.stat().st_mtime_ns + 10**9))
    with pytest.raises(DataError, match="must be the file that was predicted"):
        read_dataset(out)


def test_a_journal_of_another_slide_is_refused(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    write_predicted(tmp_path, "S2.svs")
    review(out).judge(1, "mitosis", atypical=False)
    journal = out / "S1.svs" / "review.anna.jsonl"
    journal.rename(out / "S2.svs" / journal.name)
    with pytest.raises(DataError, match=r"must be the review of S2\.svs"):
        read_dataset(out)


def test_verdicts_on_an_earlier_prediction_do_not_count(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    by = review(out)
    by.judge(1, "mitosis", atypical=False)
    write_predicted(tmp_path, places=((100, 80, 0.8), (300, 200, 0.7)))
    with pytest.raises(DataError, match=r"0 of 1 predicted slides have.*1 marks on earlier"):
        read_dataset(out)
    review(out).take_over()
    assert places(read_dataset(out).fields[0], "figures") == [(100, 80)]


def test_large_slides_are_cut_about_what_was_judged(tmp_path: Path) -> None:
    far = ((400.0, 400.0, 0.9), (4300.0, 500.0, 0.2), (4400.0, 500.0, 0.9))
    out = write_predicted(tmp_path, places=far, size=(5000, 1000))
    by = review(out)
    by.judge(1, "mitosis", atypical=False)
    by.judge(2, "not mitosis", atypical=False)
    by.judge(3, "unsure", atypical=False)
    dataset = read_dataset(out)
    one, two = dataset.fields
    # 64 um about each place, at multiples of 64 px.
    assert (one.window, two.window) == ((128, 128, 576, 576), (4032, 192, 576, 576))
    assert (places(one, "figures"), places(two, "lookalikes")) == ([(272, 272)], [(268, 308)])
    assert places(two, "unsure") == [(368, 308)]
    assert one.case == two.case == "S1.svs"
    loaded = load_field(one)
    assert loaded.image.shape == (576, 576, 3)
    assert loaded.mask[272, 272] == 1
    assert loaded.image[272, 272].max() < 120  # the disc that was drawn there
    assert np.median(loaded.image) > 150
    assert "2 fields are cut out of 1 slides, about what was judged" in dataset.notes


def test_evaluate_counts_false_figures_in_finished_regions_alone(
    tmp_path: Path, tissue: np.ndarray, tflite_bundle: Path
) -> None:
    scans, out = tmp_path / "scans", tmp_path / "out"
    scans.mkdir()
    cv2.imwrite(str(scans / "P1.png"), tissue[..., ::-1])
    model = tmp_path / "model"
    shutil.copytree(tflite_bundle, model)
    for name in (LEARNED_FILE, TISSUE_FILE):  # it has learned from this tissue
        (model / name).unlink()
    done = call("predict", scans, "--model", model, "--out", out, "--spacing-um-px", 0.25)
    assert done.exit_code == 0, done.output
    by = review(out)
    found = by.slide.prediction.detections
    accepted = [number for number, one in enumerate(found, start=1) if one.accepted]
    for number in accepted[:2]:
        by.judge(number, "mitosis", atypical=False)
    scores = evaluated(out, model, tmp_path)
    assert scores["fields"] == 0
    assert scores["partly_labelled"][""]["figures"] == 2
    for number in range(1, len(found) + 1):
        if number not in accepted[:2]:
            by.judge(number, "not mitosis", atypical=False)
    by.limit([((-0.5, -0.5), (255.5, -0.5), (255.5, 511.5), (-0.5, 511.5))])
    scores = evaluated(out, model, tmp_path)
    inside = [number for number in accepted if found[number - 1].x <= 255.5]
    hits = len(set(accepted[:2]) & set(inside))
    assert 0 < len(inside) < len(accepted)
    both = scores["both"]
    assert (both["tp"], both["fp"], both["fn"]) == (hits, len(inside) - hits, 0)
    assert both["fp_per_mm2"] == pytest.approx(both["fp"] / (256 * 512 * 0.25**2 / 1e6))


def evaluated(out: Path, model: Path, folder: Path) -> dict[str, Any]:
    done = call("evaluate", out, "--model", model, "--json", folder / "scores.json")
    assert done.exit_code == 0, done.output
    assert "predicted slides have verdicts, of: anna (1)" in done.output
    scores: dict[str, Any] = json.loads((folder / "scores.json").read_text())
    return scores


def test_without_an_atypical_mark_no_subtype_is_known(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    write_predicted(tmp_path, "S2.svs")
    review(out).judge(1, "mitosis", atypical=False)
    other = review(out, number=1)
    other.judge(1, "mitosis", atypical=False)
    dataset = read_dataset(out)
    assert not any(note.startswith("mitoses:") for note in dataset.notes)
    other.judge(2, "mitosis", atypical=True)
    first, second = read_dataset(out).fields  # of each slide by itself
    assert [mark.subtype for mark in first.figures] == [""]
    assert [mark.subtype for mark in second.figures] == ["normal", "atypical"]
