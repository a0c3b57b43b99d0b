from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import Field, Mark
from mitokeras.detect.spec import Thresholds
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.errors import DataError, ModelError
from mitokeras.run.presets import QUICK
from mitokeras.run.record import FieldRecord, RunRecord, RunSettings
from mitokeras.score.fair import evaluate
from tests.detectors import darkness, make_spec, redness


def fields(folder: Path) -> list[Field]:
    """Each shows one dark red square, the figure; from the second on also an unlabelled one."""
    result = []
    for index in range(3):
        image = np.full((100, 160, 3), 250, np.uint8)
        image[30:46, 40:56] = (200, 0, 10 + index)
        if index:
            image[60:76, 100:116] = (220, 0, index)
        path = folder / f"{index}.png"
        cv2.imwrite(str(path), image[..., ::-1])
        result.append(Field(path, f"case{index}", 0.25, (Mark(47.0, 38.0),)))
    return result


def detector() -> Detector:
    return Detector(make_spec(), darkness, redness)


def write_record(folder: Path, learned: list[Field], before: list[Field] | None = None) -> None:
    record = RunRecord(
        settings=RunSettings(preset="quick", config=QUICK),
        environment={},
        data_sha256="",
        notes=(),
        stages={},
        fields=tuple(
            FieldRecord(image=f.image.name, sha256=sha256_of(f.image), case=f.case, split="train")
            for f in learned
        ),
        learned_before=tuple(sha256_of(f.image) for f in before or ()),
    )
    (folder / "run.json").write_text(record.model_dump_json())


def test_all_fields_of_a_foreign_set(tmp_path: Path) -> None:
    report = evaluate(detector(), fields(tmp_path), tmp_path)
    assert (report.both.tp, report.both.fp, report.both.fn) == (3, 2, 0)
    assert report.notes == ("the model does not say which images it learned from: all are scored",)
    assert report.protocol == "midog"
    assert report.thresholds == Thresholds(segmenter=0.5, classifier=0.6)
    other = evaluate(detector(), fields(tmp_path), tmp_path, "scmitosis")
    assert other.match_radius_um == 5.0


def test_what_was_learned_is_left_out(tmp_path: Path) -> None:
    some = fields(tmp_path)
    write_record(tmp_path, some[1:2])
    report = evaluate(detector(), some, tmp_path)
    assert report.fields == 2
    assert report.both.fp == 1
    assert report.notes == (
        "1 of 3 fields are left out: the model was trained or validated on them",
    )
    write_record(tmp_path, some[1:2], before=some[2:])
    assert evaluate(detector(), some, tmp_path).fields == 1
    write_record(tmp_path, some)
    with pytest.raises(DataError, match="trained or validated on every field"):
        evaluate(detector(), some, tmp_path)


def test_prescribed_test_fields_are_kept_to(tmp_path: Path) -> None:
    some = fields(tmp_path)
    some[2] = Field(some[2].image, "case2", 0.25, some[2].figures, split="test")
    report = evaluate(detector(), some, tmp_path)
    assert report.cases == 1
    assert "the 1 fields that the data set prescribes" in report.notes[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.json", "{}"),
        ("run.json", '{"fields": [{"sha256": [], "split": "train"}]}'),
        ("learned_images.json", "3"),
        ("learned_images.json", '"abc"'),
        ("learned_images.json", "[[]]"),
    ],
)
def test_a_spoilt_record_is_refused(tmp_path: Path, name: str, text: str) -> None:
    some = fields(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(
        ModelError, match=f"{name}: (must list the images|not as `mitokeras fit` writes it)"
    ):
        evaluate(detector(), some, tmp_path)


def test_tissue_that_two_fields_show_is_scored_once(tmp_path: Path) -> None:
    """The second is the first from 40 px on, compressed again; a figure lies in both."""
    rng = np.random.default_rng(5)
    slide = cv2.GaussianBlur(rng.normal(0, 200, (200, 300)).astype(np.float32), (0, 0), 2)
    image = np.repeat(np.clip(235 + slide, 215, 255).astype(np.uint8)[..., None], 3, axis=2)
    image[80:96, 100:116] = (200, 0, 10)
    image[150:166, 270:286] = (200, 0, 10)
    some = []
    for name, left, right, figures in (
        ("a.png", 0, 200, (Mark(107.0, 88.0),)),
        ("b.jpg", 40, 300, (Mark(67.0, 88.0), Mark(237.0, 158.0))),
    ):
        cv2.imwrite(str(tmp_path / name), image[:, left:right, ::-1])
        some.append(Field(tmp_path / name, name, 0.25, figures))
    scores = evaluate(detector(), some, tmp_path)
    assert (scores.figures, scores.both.tp, scores.both.fp, scores.both.fn) == (2, 2, 0, 0)
    assert scores.both.area_mm2 == pytest.approx(300 * 200 * 0.25**2 / 1e6)
    assert "what 1 fields show of others, with 1 labelled mitotic figures" in scores.notes[-1]
