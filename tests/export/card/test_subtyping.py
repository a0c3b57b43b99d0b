"""What a card says of stage 3."""

import dataclasses

import pytest

from mitokeras.counting.atypical import Subtyping
from mitokeras.detect.spec import ModelFile
from mitokeras.export.card.card import model_card
from mitokeras.export.parity.record import SubtypeParity
from mitokeras.run.start import Origin, StartRecord
from mitokeras.score.crossvalidation import CrossValidation
from mitokeras.score.scores import SubtypeIntervals, SubtypeScores
from tests.export.card.test_card import FACTS, METRICS, PARITY, SPEC, changed, table, tables

SUBTYPING = Subtyping(
    threshold=0.35, chosen="the best of 40 figures", sensitivity=0.75, specificity=0.8125
)
SCORES = SubtypeScores(
    threshold=0.4, normal=80, atypical=20, cases=7, balanced_accuracy=0.8, auroc=0.875,
    sensitivity=0.7, specificity=0.9,
    ci95=SubtypeIntervals(auroc=(0.8, 0.9)), ci95_unit="case",
)  # fmt: skip
FACTS_3 = dataclasses.replace(
    FACTS,
    spec=SPEC.changed(
        subtyping=SUBTYPING,
        models={**SPEC.models, "subtyper": ModelFile(file="subtyper.tflite", sha256="c" * 64)},
    ),
    metrics=METRICS.changed(test=METRICS.test.changed(subtyping=SCORES)),
    train_subtypes={"normal": 301, "atypical": 102},
)
START = StartRecord(
    name="older", segmenter_sha256="a" * 64, classifier_sha256="b" * 64,
    subtyper_sha256="c" * 64, origins=(Origin(name="the weights of older", license="MIT"),),
)  # fmt: skip


def test_stage_3_is_told() -> None:
    card = model_card(FACTS_3)
    assert "301 normal and 102 atypical figures of the training fields" in card
    assert "**Started from** random weights." in card
    assert "0.35 or more counts as atypical" in card
    assert "- **Threshold:** the best of 40 figures." in card
    assert "sensitivity 0.750, specificity 0.812" in card
    assert "This has no clinical reading" in card
    assert "on 80 normal and 20 atypical figures of 7 test cases" in card
    assert "| `subtyper.tflite` | crops about figures `[n, 64, 64, 3]` |" in card
    rows = dict(table(card, "what", "measured"))
    assert rows["AUROC"] == "0.875 (0.800 to 0.900)"
    assert rows["balanced accuracy"] == "0.800"
    for each in tables(card):
        assert {len(row) for row in each} == {len(each[0])}


def test_without_a_stage_3_there_is_no_word_of_it() -> None:
    card = model_card(FACTS)
    assert "tage 3" not in card
    assert "typical" not in card
    assert "subtype" not in card


def test_what_was_not_measured() -> None:
    unmeasured = Subtyping(threshold=0.5, chosen="as it was trained on")
    card = changed(FACTS_3, metrics=METRICS, spec=FACTS_3.spec.changed(subtyping=unmeasured))
    assert "How often it errs was not measured" in card
    assert "It was not scored on test figures." in card


def test_stage_3_of_a_start() -> None:
    settings = FACTS.record.settings.changed(start=START)
    record = FACTS.record.changed(settings=settings)
    few = {"normal": 40, "atypical": 9}
    card = changed(FACTS_3, record=record, train_subtypes=few)
    assert "it is that of the start" in card
    assert "**Learned from**" not in card
    card = changed(FACTS_3, record=record)
    assert "**Learned from** 301 normal" in card
    assert "**Started from**" not in card


@pytest.mark.parametrize(("drop", "loud"), [(0.02, True), (0.01, False)])
def test_what_the_export_costs(drop: float, loud: bool) -> None:
    compared = SubtypeParity(
        split="validation", normal=30, atypical=12, keras_balanced_accuracy=0.81,
        artefact_balanced_accuracy=0.79, drop=drop,
    )  # fmt: skip
    found = PARITY.detections.changed(atypical_max_difference=0.012)
    card = changed(FACTS_3, parity=PARITY.changed(subtyping=compared, detections=found))
    assert "of stage 3 on 42 validation figures: 0.810 by Keras, 0.790 by these files" in card
    assert ("**The export costs 0.020 of it.**" in card) == loud
    assert "differ by 0.012 at most" in card


def test_a_cross_validation_of_stage_3() -> None:
    own = SCORES.changed(threshold=None)
    folds = CrossValidation(
        method="Five folds.", sources={"own": METRICS.test}, subtyping={"own": own, "other": own}
    )
    card = changed(FACTS_3, metrics=METRICS, crossvalidation=folds)
    assert "It was not scored on test figures." not in card
    rows = table(card, "data", "normal")
    assert [row[:5] for row in rows] == [
        [name, "80", "20", "0.800", "0.875 (0.800 to 0.900)"] for name in ("own", "other")
    ]
