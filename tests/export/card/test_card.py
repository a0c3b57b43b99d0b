import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import yaml

from mitokeras.data.protocols import get_protocol
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.spec import DetectorSpec, ModelFile
from mitokeras.export.card.card import model_card
from mitokeras.export.card.facts import CardFacts
from mitokeras.export.parity.record import (
    DetectionParity,
    NetworkParity,
    Parity,
    ValidationParity,
)
from mitokeras.report.numbers import UNDEFINED
from mitokeras.run.config import Config
from mitokeras.run.record import FieldRecord, RunRecord, RunSettings, StageRecord
from mitokeras.score.evaluation import score_fields
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Metrics, Scores

PLACEHOLDER = "TO BE STATED BY WHOEVER PUBLISHES THIS"

SPEC = DetectorSpec(
    spacing_um_px=0.25, tile_px=192, halo_px=16, min_area_px=100, crop_px=64,
    segmenter_threshold=0.65, classifier_threshold=0.35, thresholds_chosen="on 2 fields",
    stain={"policy": "none"}, protocol="midog", data_sha256="d" * 64,
    models={
        "segmenter": ModelFile(file="segmenter.tflite", sha256="a" * 64),
        "classifier": ModelFile(file="classifier.tflite", sha256="b" * 64),
    },
)  # fmt: skip


def scored(case: str, hits: int, false: int, missed: int, rejected: int = 0) -> ScoredField:
    """A field of 0.5 mm2 with these counts of both stages; stage 1 has `rejected` more false."""
    places = np.arange(hits + false + missed + rejected)[:, None] * 100.0 * [1, 0]
    found = np.delete(places, slice(hits, hits + missed), axis=0)
    ones, accepted = np.ones(len(found)), np.arange(len(found)) < hits + false
    candidates = Candidates(found, ones, ones, ones, accepted, ones)
    return ScoredField(f"{case}_01.png", case, 0.25, 0.5, places[: hits + missed], candidates)


def report(*fields: ScoredField) -> Scores:
    return score_fields(fields, get_protocol("midog"), SPEC.thresholds)


def on_test(scores: Scores) -> Metrics:
    return Metrics(validation=None, test=scores)


METRICS = Metrics(
    validation=report(scored("Quux_1970", 3, 1, 1), scored("Xyzzy_1980", 5, 0, 1)),
    test=report(scored("Plugh_1990", 6, 2, 2, rejected=8)),
)

NETWORK = NetworkParity(
    batches=(1, 3), values=123456, max_difference=0.103, mean_difference=0.0011,
    mismatches_per_million=12.0, mismatch_threshold=0.01,
)  # fmt: skip
DETECTIONS = DetectionParity(
    fields=20, keras=57, artefact=57, paired_within_1_px=57, equal=True, unpaired_allowed=0.005
)
F1 = ValidationParity(fields=2, protocol="midog", keras_f1=0.9, artefact_f1=0.899, drop=0.001)
PARITY = Parity(
    files={}, format="tflite", quantize="none", tolerance=1e-4,
    networks={"segmenter": NETWORK, "classifier": NETWORK}, detections=DETECTIONS, validation=F1,
    environment={"numpy": "2.4.6"},
)  # fmt: skip

CASES = {"validation": ("Quux_1970", "Xyzzy_1980"), "test": ("Plugh_1990",), "train": ("Corge",)}
STAGE = StageRecord(model="edge", parameters=1234, epochs=6, best_epoch=5, seconds=99.0)


def record(
    data: str | None = "/home/jane/hospital/brecahad",
    weights: str = "none",
    notes: Sequence[str] = (),
    mixture: dict[str, Any] | None = None,
) -> RunRecord:
    changes = {"classifier": {"weights": weights}, "data": mixture or {}}
    return RunRecord(
        settings=RunSettings(
            data=(data,) if data else (), preset="edge", config=Config().updated(changes)
        ),
        environment={"mitokeras": "0.1.0", "tensorflow": "2.21.0"},
        data_sha256="d" * 64,
        notes=tuple(notes),
        stages={"segmenter": STAGE, "classifier": STAGE},
        fields=tuple(
            FieldRecord(image=f"{case}_01.png", sha256="c" * 64, case=case, split=split)
            for split, cases in CASES.items()
            for case in cases
        ),
    )


FACTS = CardFacts(
    spec=SPEC, metrics=METRICS, record=record(), parity=PARITY,
    files=[("segmenter.tflite", 1_234_567, "a" * 64), ("detector.json", 912, "e" * 64)],
    train_figures=79, train_subtypes={"normal": 0, "atypical": 0},
)  # fmt: skip
INT8 = dataclasses.replace(FACTS, parity=PARITY.changed(quantize="int8", tolerance=None))


def changed(facts: CardFacts = FACTS, **changes: Any) -> str:
    return model_card(dataclasses.replace(facts, **changes))


def parts(card: str) -> tuple[dict[str, Any], str]:
    """Header and text."""
    _, header, text = card.split("---\n", 2)
    return yaml.safe_load(header), text


def index(card: str) -> dict[str, list[dict[str, Any]]]:
    """The metrics of the Hub's model-index by split."""
    (model,) = parts(card)[0]["model-index"]
    return {result["dataset"]["split"]: result["metrics"] for result in model["results"]}


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each row of each table, without the line under the headings."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    return [
        [[cell.strip() for cell in row.strip("|").split("|")] for row in (block[0], *block[2:])]
        for block in blocks
    ]


def table(text: str, *headings: str) -> list[list[str]]:
    """The rows of the table whose first headings these are."""
    return next(rows[1:] for rows in tables(text) if rows[0][: len(headings)] == list(headings))


@pytest.mark.parametrize(
    "format, library", [("tflite", "litert"), ("onnx", "onnx"), ("savedmodel", "tensorflow")]
)
def test_the_header_has_what_the_hub_reads(format: str, library: str) -> None:
    header, _ = parts(changed(parity=PARITY.changed(format=format)))
    assert (header["language"], header["library_name"]) == (["en"], library)
    assert header["pipeline_tag"] == "image-segmentation"
    assert {"mitosis", "histopathology", format} <= set(header["tags"])
    for result, split in zip(
        header["model-index"][0]["results"], ("test", "validation"), strict=True
    ):
        assert result["task"]["type"] == "object-detection"
        named = {"type": "brecahad", "name": f"brecahad, {split} fields", "split": split}
        assert result["dataset"] == named


def test_the_index_holds_the_measured_rates_with_their_protocol() -> None:
    results = index(model_card(FACTS))
    # 6 hits, 2 false, 2 missed; stage 1 has 8 more false
    assert [(m["type"], m["value"]) for m in results["test"]] == [
        ("f1", 0.75), ("precision", 0.75), ("recall", 0.75),
        ("f1", 0.5), ("precision", 0.375), ("recall", 0.75),
    ]  # fmt: skip
    assert results["test"][0]["name"] == "F1, both stages (protocol midog, 7.5 um)"
    assert results["test"][3]["name"] == "F1, stage 1 (protocol midog, 7.5 um)"
    assert results["validation"][0]["value"] == round(16 / 19, 4)


def test_the_text_holds_the_measured_numbers() -> None:
    _, text = parts(model_card(FACTS))
    assert "found 6 of 8 mitotic figures and wrongly marked 2 other places (4.0 per mm²)" in text
    rows = {tuple(row[:2]): row[2:] for row in table(text, "split", "stage")}
    assert rows["test", "stage 1"][:3] == ["6", "10", "2"]
    for split, scores in METRICS.scored().items():
        both, row = scores.both, rows[split, "both stages"]
        low, high = both.ci95.f1
        assert row[5] == f"{both.f1:.3f} ({low:.3f} to {high:.3f})"
        assert row[6] == f"{both.fp_per_mm2:.1f}"
    assert "`midog`, radius 7.5 µm,\n  0.25 µm per pixel; thresholds 0.65 (seg" in text


def test_splits_files_and_agreement_are_listed() -> None:
    _, text = parts(model_card(FACTS))
    assert table(text, "split", "cases") == [
        ["train", "1", "1", "79", UNDEFINED],
        ["validation", "2", "2", "10", "1.000"],
        ["test", "1", "1", "8", "0.500"],
    ]
    sha256 = f"`{'a' * 64}`"
    assert table(text, "file")[0] == ["`segmenter.tflite`", "the segmenter", "1.23 MB", sha256]
    numbers = ["1, 3", "123,456", "0.103", "0.0011", "12.0 differ by more than 0.01"]
    assert table(text, "network") == [["segmenter", *numbers], ["classifier", *numbers]]
    assert "57 by Keras, 57 by these files, 57 of them within 1 px" in text


@pytest.mark.parametrize("format", ["tflite", "onnx", "savedmodel"])
def test_every_row_of_a_table_has_as_many_cells_as_its_head(format: str) -> None:
    odd = record(data="/data/odd | `name` <b>")
    text = parts(changed(parity=PARITY.changed(format=format), record=odd))[1].replace("\\|", "")
    assert len(tables(text)) == 7
    for rows in tables(text):
        assert {len(row) for row in rows} == {len(rows[0])}
    assert "<b>" not in text


def test_intervals_say_what_they_leave_out() -> None:
    card = model_card(FACTS)
    assert "over fields, as there are fewer than three cases" in card
    assert "An interval without width" in card  # of the one test field
    wide = report(*(scored(f"case{n}", 5, 1 + 2 * n, 3 - n, rejected=n) for n in range(3)))
    card = changed(metrics=on_test(wide))
    assert "interval by bootstrap over cases." in card
    assert "An interval without width" not in card


@pytest.mark.parametrize(
    "warning, changes",
    [
        ("It found none of them", {"metrics": on_test(report(scored("Plugh_1990", 0, 3, 4)))}),
        ("it has never seen tissue", {"record": record(data=None)}),
        ("Macenko norm", {"spec": SPEC.changed(stain={"policy": "macenko"})}),
    ],
)
def test_warnings_stand_where_they_are_due(warning: str, changes: dict[str, Any]) -> None:
    assert warning in changed(**changes)
    assert warning not in model_card(FACTS)


def test_a_run_without_test_fields() -> None:
    card = changed(metrics=METRICS.changed(test=None))
    assert "It was not scored on test fields." in card
    assert list(index(card)) == ["validation"]


def test_rates_that_are_not_defined() -> None:
    empty = report(scored("Plugh_1990", 0, 0, 0))
    header, text = parts(changed(metrics=on_test(empty)))
    assert "model-index" not in header
    row = table(text, "split", "stage")[1]
    assert row[2:] == ["0", "0", "0", UNDEFINED, UNDEFINED, UNDEFINED, "0.0"]


NOTES = [
    "labels: 59 mitosis (mitotic figures)",
    "spacing assumed 0.25 um/px",
    "2 of 4 labelled frames have no image: Corge_02, Corge_03",
    "validation shares case Corge with training (its last 4 fields)",
    "3 frames are JPEG; the contest painted the mitoses yellow in its JPEG frames, on which "
    "nothing can be learned: Corge_02, Corge_03",
]


@pytest.mark.parametrize("data", ["/home/jane/hospital/brecahad", r"C:\jane\hospital\brecahad"])
@pytest.mark.parametrize("facts", [FACTS, INT8])
def test_no_path_and_no_case_is_named(facts: CardFacts, data: str) -> None:
    card = changed(facts, record=record(data, "/home/jane/resnet34.safetensors", NOTES))
    for secret in ("jane", "hospital", "Quux", "Xyzzy", "Plugh", "Corge", ".png", "safetensors"):
        assert secret not in card
    assert "**brecahad**" in card
    assert "- Labels: 59 mitosis (mitotic figures)\n- Spacing assumed 0.25 um/px" in card
    assert "on which nothing can be learned\n- The run's own report has 2 more notes" in card
    # by name: Plugh is case 1, Quux 2, Xyzzy 3
    rows = table(card, "case")
    assert [row[0] for row in rows] == ["case 2", "case 3", "case 1"]
    assert rows[2][1:] == ["test", "6 / 10 / 2", "6 / 2 / 2", "0.750", "0.750", "0.750"]


def test_cases_of_training_that_validation_shares_are_said() -> None:
    fields = record().fields
    both = record().changed(fields=(*fields, fields[0].changed(split="train")))
    assert "**1 case of validation is in training as well**" in changed(record=both)
    assert "in training as well" not in model_card(FACTS)


def test_scores_of_a_quantised_bundle_are_those_before() -> None:
    card = model_card(INT8)
    assert "int8" in parts(card)[0]["tags"]
    results = index(card)
    assert all(metric["name"].endswith(", before quantisation)") for metric in results["test"])
    own = {"name": "F1, both stages (protocol midog, 7.5 um, int8)", "type": "f1", "value": 0.899}
    assert results["validation"][-1] == own
    assert "That is the Keras model before quantisation" in card
    assert "These files were not scored on the test fields." in card
    assert "No probability may differ" not in card


def test_scores_of_a_float_bundle_are_its_own() -> None:
    card = model_card(FACTS)
    assert "quantisation" not in card
    assert "whose detections these files repeat" in card
    assert "No probability may differ by more than 0.0001" in card
    other = DETECTIONS.changed(paired_within_1_px=55, equal=False)
    card = changed(parity=PARITY.changed(detections=other))
    assert "55 of them within 1 px" in card
    assert "**They are not all the same.**" in card
    assert "whose detections these files repeat" not in card


@pytest.mark.parametrize("drop, loud", [(0.0101, True), (0.01, False), (-0.02, False)])
def test_a_loss_of_f1_is_loud(drop: float, loud: bool) -> None:
    own = INT8.parity.changed(validation=F1.changed(drop=drop))
    assert ("**The export costs" in changed(INT8, parity=own)) == loud


@pytest.mark.parametrize("data", ["/data/own", None])
@pytest.mark.parametrize("weights", ["none", "imagenet"])
def test_what_is_not_known_of_licences_is_asked_for(data: str | None, weights: str) -> None:
    asked = ["the training data"] * (data is not None)
    asked += ["the classifier's first weights"] * (weights != "none")
    header, text = parts(changed(record=record(data, weights)))
    free = data is None and weights == "none"
    assert (record(data, weights).settings.licence == "Apache-2.0") == free
    assert header["license"] == ("apache-2.0" if free else "other")
    assert ("license_name" in header) == (not free)
    assert (PLACEHOLDER in text) == bool(asked)
    assert f"**{PLACEHOLDER}:** the licence of {' and of '.join(asked)}," in text or not asked
