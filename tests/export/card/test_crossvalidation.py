from mitokeras.disk.records import parse
from mitokeras.report.numbers import UNDEFINED
from mitokeras.score.crossvalidation import CrossValidation
from tests.export.card.test_card import METRICS, changed, table

PATCHES = {
    "protocol": "midog", "fields": 9, "cases": 5, "figures": 9,
    **{
        stage: {
            "tp": hits, "fp": None, "fn": 9 - hits, "precision": None, "recall": hits / 9,
            "f1": None, "fp_per_mm2": None, "ci95": {"recall": [0.5, 1.0]},
        }
        for stage, hits in (("segmenter", 8), ("both", 6))
    },
}  # fmt: skip
"""Scores on images in which not every figure is labelled."""

VALUES = {
    "method": "Each case was held out once.",
    "sources": {"brecahad": METRICS.test.to_json(), "patches": PATCHES},
    "curve": [
        {"classifier_threshold": 0.3, "fp_per_mm2": 20.0, "recall": 1.0,
         "recall_partly_labelled": 0.9},
        {"classifier_threshold": 0.5, "fp_per_mm2": 12.0, "recall": 0.8,
         "recall_partly_labelled": 0.7},
        {"classifier_threshold": 0.9, "fp_per_mm2": 2.0, "recall": 0.25,
         "recall_partly_labelled": None},
    ],
}  # fmt: skip


def test_the_card_shows_every_source() -> None:
    card = changed(crossvalidation=parse(CrossValidation, VALUES))
    assert "## Cross-validation\n\nEach case was held out once.\n" in card
    rows = {tuple(row[:2]): row[2:] for row in table(card, "data", "stage")}
    assert len(rows) == 4
    # 6 hits, 2 false, 2 missed on 0.5 mm2 of one case
    assert rows["brecahad", "both stages"] == [
        "6", "2", "2", "0.750 (0.750 to 0.750)", "0.750 (0.750 to 0.750)",
        "0.750 (0.750 to 0.750)", "4.0",
    ]  # fmt: skip
    assert rows["patches", "stage 1"] == [
        "8", UNDEFINED, "1", UNDEFINED, "0.889 (0.500 to 1.000)", UNDEFINED, UNDEFINED,
    ]  # fmt: skip
    assert [row[:4] for row in table(card, "threshold", "false per mm²")] == [
        ["0.30", "20.0", "1.000", "0.900"],
        ["0.50", "12.0", "0.800", "0.700"],
        ["0.90", "2.0", "0.250", UNDEFINED],
    ]
    assert "- patches: 9 fields, 5 cases, 9 mitotic figures; protocol `midog`." in card
    assert "## Cross-validation" not in changed()
