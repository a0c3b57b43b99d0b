from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import shapely

from mitokeras.data.fields import Field, Mark
from mitokeras.data.known_tissue import TISSUE_FILE, KnownTissue
from mitokeras.data.loading import decode_image
from mitokeras.data.readers import read_dataset
from mitokeras.data.synthetic.field import draw_field
from mitokeras.data.views import views_of
from mitokeras.detect.spec import Thresholds
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.errors import DataError, ModelError
from mitokeras.report.score_table import subtyping_text
from mitokeras.run.presets import QUICK
from mitokeras.run.record import FieldRecord, RunRecord, RunSettings
from mitokeras.score.fair import evaluate
from tests.detectors import blueness, darkness, make_spec, redness
from tests.predict.fake import fake_detector


def fields(folder: Path) -> list[Field]:
    """Each shows one dark red square, the figure; from the second on also an unlabelled one."""
    result = []
    for index in range(3):
        image = np.full((100, 160, 3), (245, 225, 240), np.uint8)
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


def test_masks_that_were_cut_are_counted(tmp_path: Path) -> None:
    mask = np.zeros((100, 160), np.uint8)
    mask[30:46, 40:56] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), cv2.GaussianBlur(mask, (0, 0), 2))
    one = replace(
        fields(tmp_path)[0], figures=(), mask=tmp_path / "mask.png", lookalikes=(Mark(43, 33),)
    )
    report = evaluate(detector(), [one], tmp_path)
    assert (report.both.tp, report.both.fp, report.both.fn) == (1, 0, 0)
    assert report.notes[-2].startswith("1 masks have soft edges")
    assert report.notes[-1].startswith("1 look-alikes lie on pixels that a mask marks")


def test_stage_3_is_scored_on_labelled_figures(tmp_path: Path) -> None:
    marks = []
    image = np.full((100, 1600, 3), (245, 225, 240), np.uint8)
    for place in range(24):
        subtype = ("normal", "atypical")[place % 2]
        # One atypical figure in twelve looks normal.
        blue = 200 if subtype == "atypical" and place != 1 else 0
        image[30:46, 60 * place + 40 : 60 * place + 56] = (200, 0, blue)
        marks.append(Mark(60 * place + 47.0, 38.0, subtype=subtype))
    cv2.imwrite(str(tmp_path / "all.png"), image[..., ::-1])
    spec = make_spec(subtyping={"threshold": 0.5, "chosen": "by hand"})
    judge = Detector(spec, darkness, redness, subtyper=blueness)
    fields = [Field(tmp_path / "all.png", "case", 0.25, tuple(marks))]
    found = evaluate(judge, fields, tmp_path).subtyping
    assert found is not None
    assert (found.normal, found.atypical, found.specificity) == (12, 12, 1)
    assert found.sensitivity == pytest.approx(11 / 12)
    assert "stage 3 on 12 atypical and 12 normal figures: balanced accuracy 0.958" in (
        subtyping_text(found)
    )
    few = evaluate(judge, [replace(fields[0], figures=tuple(marks[:18]))], tmp_path)
    assert few.subtyping is None


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
        "the model does not say how the tissue looks that it learned from: the same files are left "
        "out, but no other copies of them",
        "1 of 3 fields are left out: the model was trained or validated on the same files (1.png)",
    )
    write_record(tmp_path, some[1:2], before=some[2:])
    assert evaluate(detector(), some, tmp_path).fields == 1
    write_record(tmp_path, some)
    with pytest.raises(DataError, match="trained or validated on tissue of every field"):
        evaluate(detector(), some, tmp_path)


def test_prescribed_test_fields_are_kept_to(tmp_path: Path) -> None:
    some = fields(tmp_path)
    some[2] = Field(some[2].image, "case2", 0.25, some[2].figures, split="test")
    report = evaluate(detector(), some, tmp_path)
    assert report.cases == 1
    assert "the 1 fields that the data set prescribes" in report.notes[0]


def written(folder: Path, images: dict[str, np.ndarray]) -> list[Field]:
    """Fields of images, each with its name."""
    for name, image in images.items():
        cv2.imwrite(str(folder / name), image[..., ::-1])
    return [Field(folder / name, name, 0.25, (Mark(60.0, 60.0),)) for name in images]


def test_copies_and_parts_of_what_was_learned_are_left_out(
    finished_run: Path, tmp_path: Path
) -> None:
    """The run has learned from its fields 0 to 14, and was tested on the others."""
    drawn = read_dataset(finished_run / "synthetic").fields
    learned = [decode_image(field.image) for field in drawn[:15]]
    copies = {
        "again.jpg": learned[0],
        "brighter.png": np.clip(learned[1] * 1.1, 0, 255).astype(np.uint8),
        "larger.png": cv2.resize(learned[2], None, fx=1.1, fy=1.1),
        "part.png": np.ascontiguousarray(learned[14][:, 40:]),
    }
    new = {f"new_{seed}.png": draw_field(128, 128, seed=seed, case=seed).image for seed in (70, 71)}
    fields = [*drawn[3:5], *written(tmp_path, copies), *drawn[15:], *written(tmp_path, new)]
    scores = evaluate(Detector.load(finished_run), fields, finished_run)
    assert scores.fields == 7
    names = ", ".join(field.image.name for field in drawn[3:5])
    assert scores.notes == (
        "2 of 13 fields are left out: the model was trained or validated on the same files "
        f"({names})",
        "4 of 13 fields are left out: they show, wholly or in part, tissue that the model was "
        "trained or validated on (again.jpg, brighter.png, larger.png, ...)",
    )


def test_a_model_without_imprints_knows_the_same_files_only(tmp_path: Path) -> None:
    image = draw_field(160, 160, seed=9, case=1).image
    (learned,) = written(tmp_path, {"learned.png": image})
    (copy,) = written(tmp_path, {"copy.jpg": image})
    write_record(tmp_path, [learned])
    scores = evaluate(detector(), [copy], tmp_path)
    assert (scores.fields, len(scores.notes)) == (1, 1)
    assert "does not say how the tissue looks" in scores.notes[0]
    KnownTissue([views_of([learned])[0].imprint]).write(tmp_path / TISSUE_FILE)
    with pytest.raises(DataError, match="on tissue of every field"):
        evaluate(detector(), [copy], tmp_path)


def test_real_frames_that_overlap_learned_ones_are_left_out(
    shared_data: Path, tmp_path: Path
) -> None:
    names = ("12-01", "12-02", "12-05", "12-06", "10-07")
    overlapping = ("12-11", "12-09", "12-07", "12-12", "10-08")
    frames = {
        f.image.stem.removeprefix("Case_"): f for f in read_dataset(shared_data / "brecahad").fields
    }
    learned = [frames.pop(name) for name in names]
    write_record(tmp_path, learned)
    KnownTissue(view.imprint for view in views_of(learned)).write(tmp_path / TISSUE_FILE)
    scores = evaluate(detector(), list(frames.values()), tmp_path)
    assert scores.fields == 10
    assert scores.notes[0].startswith("5 of 15 fields are left out: they show, wholly or in part")
    only = evaluate(detector(), [frames[n] for n in (*overlapping[1:], "12-03")], tmp_path)
    assert only.fields == 1


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


def overlapping(folder: Path) -> list[Field]:
    """The second is the first from 40 px on, compressed again; a figure lies in both."""
    rng = np.random.default_rng(5)
    slide = cv2.GaussianBlur(rng.normal(0, 200, (200, 300)).astype(np.float32), (0, 0), 2)
    image = np.repeat(np.clip(235 + slide, 215, 255).astype(np.uint8)[..., None], 3, axis=2)
    image[..., 1] -= 20  # stained
    image[80:96, 100:116] = (200, 0, 10)
    image[150:166, 270:286] = (200, 0, 10)
    some = []
    for name, left, right, figures in (
        ("a.png", 0, 200, (Mark(107.0, 88.0),)),
        ("b.jpg", 40, 300, (Mark(67.0, 88.0), Mark(237.0, 158.0))),
    ):
        cv2.imwrite(str(folder / name), image[:, left:right, ::-1])
        some.append(Field(folder / name, name, 0.25, figures))
    return some


def test_tissue_that_two_fields_show_is_scored_once(tmp_path: Path) -> None:
    scores = evaluate(detector(), overlapping(tmp_path), tmp_path)
    assert (scores.figures, scores.both.tp, scores.both.fp, scores.both.fn) == (2, 2, 0, 0)
    assert scores.both.area_mm2 == pytest.approx(300 * 200 * 0.25**2 / 1e6)
    assert "what 1 fields show of others, with 1 labelled mitotic figures" in scores.notes[-1]


def test_tissue_that_only_one_of_two_fields_labels_is_scored_there(tmp_path: Path) -> None:
    """The first labels its left 30 px, which the second does not show."""
    first, second = overlapping(tmp_path)
    first = replace(first, labelled=shapely.box(-0.5, -0.5, 29.5, 199.5), figures=())
    scores = evaluate(detector(), [first, second], tmp_path)
    assert (scores.figures, scores.both.tp, scores.both.fp, scores.both.fn) == (2, 2, 0, 0)
    assert scores.both.area_mm2 == pytest.approx((30 + 260) * 200 * 0.25**2 / 1e6)


def test_what_predict_does_not_show_is_not_scored(tmp_path: Path) -> None:
    image = np.full((128, 512, 3), 250, np.uint8)
    image[:, :128] = (245, 220, 240)
    for left in (40, 400):  # one on tissue, one on glass
        image[30:46, left : left + 16] = (200, 0, 10)
    cv2.imwrite(str(tmp_path / "a.png"), image[..., ::-1])
    figures = (Mark(47.5, 37.5), Mark(407.5, 37.5))
    scores = evaluate(detector(), [Field(tmp_path / "a.png", "a", 0.25, figures)], tmp_path)
    assert (scores.both.tp, scores.both.fp, scores.both.fn) == (1, 0, 1)
    assert scores.notes[-1] == (
        "1 candidates, 1 of them accepted, are left out: they lie in tiles without tissue, which "
        "predict passes over"
    )
    assert len(fake_detector().predict(image, 0.25).detections) == 1
