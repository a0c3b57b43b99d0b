from dataclasses import replace

import numpy as np
import pytest
import shapely

from mitokeras.data.protocols import get_protocol
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.spec import Thresholds
from mitokeras.report.score_table import format_report
from mitokeras.score.evaluation import score_fields, score_stage
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Intervals

MIDOG = get_protocol("midog")
AT = Thresholds(segmenter=0.3, classifier=0.6)


def field_of(case: str, truths: list, found: list, accepted: list[bool]) -> ScoredField:
    n = len(found)
    candidates = Candidates(
        xy=np.array(found, dtype=float).reshape(-1, 2),
        area_px=np.full(n, 200),
        segmenter_score=np.full(n, 0.9, dtype=np.float32),
        classifier_score=np.array(accepted, dtype=np.float32).reshape(-1),
        accepted=np.array(accepted, dtype=bool).reshape(-1),
        atypical_score=np.full(n, np.nan, dtype=np.float32),
    )
    return ScoredField(
        f"{case}.png", case, 0.25, 0.5, np.array(truths, float).reshape(-1, 2), candidates
    )


def test_count_by_hand() -> None:
    found = np.array([[10, 0], [0, 10], [300, 0]])
    counts = field_of("a", [[0, 0], [100, 0]], [], []).count(found, MIDOG)
    assert counts.tolist() == [1, 2, 1]


def test_stage_2_counts_only_what_it_accepts_and_counts_are_pooled() -> None:
    fields = [
        field_of("a", [[0, 0]], [[0, 0], [200, 0]], [True, False]),
        field_of("b", [[0, 0], [50, 50]], [[0, 0], [100, 100]], [True, True]),
        field_of("b", [], [], []),
    ]
    alone = score_stage(fields, "segmenter", MIDOG)
    assert (alone.tp, alone.fp, alone.fn) == (2, 2, 1)
    both = score_stage(fields, "both", MIDOG)
    assert (both.tp, both.fp, both.fn) == (2, 1, 1)
    assert both.f1 == pytest.approx(4 / 6)
    assert both.fp_per_mm2 == pytest.approx(1 / 1.5)
    assert both.per_case["a"].f1 == 1.0
    assert both.per_case["b"].fn == 1
    assert both.ci95_unit == "field"  # two cases only


def test_radius_is_taken_in_um() -> None:
    hit = field_of("a", [[0, 0]], [[30, 0]], [True])  # 7.5 um at 0.25 um/px
    miss = field_of("a", [[0, 0]], [[30.1, 0]], [True])
    assert score_stage([hit], "both", MIDOG).tp == 1
    assert score_stage([miss], "both", MIDOG).tp == 0
    pixels = get_protocol("scmitosis")
    assert score_stage([field_of("a", [[0, 0]], [[20, 0]], [True])], "both", pixels).tp == 1


def test_report_has_what_its_readers_rely_on() -> None:
    fields = [field_of(case, [[0, 0]], [[0, 0]], [True]) for case in "abc"]
    report = score_fields(fields, MIDOG, AT)
    assert report.protocol == "midog"
    assert report.match_radius_um == 7.5
    assert report.spacing_um_px == 0.25
    assert report.both.ci95 == Intervals(precision=(1, 1), recall=(1, 1), f1=(1, 1))
    assert report.both.ci95_unit == "case"
    text = format_report(report)
    assert "3 fields, 3 cases, 3 mitotic figures" in text
    assert "hit within 7.5 um" in text
    assert "both stages      3     0     0      1.000   1.000   1.000  1.000 to 1.000" in text


def test_undefined_rates_are_dashes() -> None:
    report = score_fields([field_of("a", [], [], [])], MIDOG, AT)
    assert report.both.precision is None
    assert "-       -" in format_report(report)


def test_what_hits_no_label_counts_only_where_all_figures_are_labelled() -> None:
    complete = field_of("a", [[0, 0]], [[0, 0], [200, 0]], [True, True])
    partly = replace(
        field_of("b", [[0, 0], [90, 90]], [[0, 0], [200, 0]], [True, False]),
        source="patches",
        complete=False,
    )
    report = score_fields([complete, partly], MIDOG, AT)
    assert (report.fields, report.figures) == (1, 1)
    assert (report.both.tp, report.both.fp, report.both.fn) == (1, 1, 0)
    part = report.partly_labelled["patches"]
    assert (part.fields, part.figures) == (1, 2)
    assert part.segmenter.tp == part.both.tp == 1
    assert part.both.recall == 0.5
    assert part.both.fp is part.both.f1 is part.both.fp_per_mm2 is None


def test_what_another_field_is_scored_in_counts_for_nothing() -> None:
    """The left 100 columns are another field's. A hit goes with its truth across the edge."""
    field = replace(
        field_of(
            "a",
            [[10, 10], [98, 50], [102, 90], [150, 10], [20, 150]],
            [[103, 50], [97, 90], [40, 40], [180, 180], [150, 12]],
            [True] * 5,
        ),
        repeats=np.array([[-0.5, -0.5, 99.5, 199.5]]),
    )
    assert field.figures == 2
    # (102, 90) is hit by (97, 90), (150, 10) by (150, 12); (180, 180) is nothing.
    assert field.count(field.detections("both"), MIDOG).tolist() == [2, 1, 0]
    scores = score_fields([field], MIDOG, AT)
    assert (scores.figures, scores.both.tp, scores.both.fn) == (2, 2, 0)


def test_of_a_labelled_area_only_what_lies_in_it_is_scored() -> None:
    truths, found = [[10, 10], [60, 10]], [[12, 10], [30, 10], [62, 10], [80, 10], [40, 40]]
    field = replace(
        field_of("a", truths, found, [True] * 5),
        labelled=shapely.box(-0.5, -0.5, 49.5, 49.5),
        unsure=np.array([[40.0, 42.0]]),
    )
    # A hit, a false figure at (30, 10), one where nobody is sure; the others lie outside.
    assert field.count(field.detections("both"), MIDOG).tolist() == [1, 1, 0]
    assert field.figures == 1
    partly = replace(field, complete=False)
    assert partly.count(partly.detections("both"), MIDOG).tolist() == [2, 0, 0]


def test_fields_of_which_none_is_labelled_whole_have_a_recall_only() -> None:
    field = replace(field_of("a", [[10, 10]], [[12, 10], [30, 10]], [True] * 2), complete=False)
    scores = score_fields([field], MIDOG, AT)
    assert (scores.fields, scores.figures, scores.both.f1) == (0, 0, None)
    assert scores.partly_labelled[""].both.recall == 1
    assert "not all labelled: 1 mitotic figures" in format_report(scores)


def test_subtypes_are_scored_by_recall_and_share_the_pairs_of_all() -> None:
    near = field_of("a", [[0, 0], [20, 0], [200, 0]], [[1, 0], [300, 0]], [True, True])
    labelled = replace(near, subtypes=np.array(["normal", "atypical", ""]))
    unknown = field_of("b", [[0, 0]], [[0, 0]], [True])
    scores = score_fields([labelled, unknown], MIDOG, AT)
    assert (scores.both.tp, scores.both.fp, scores.both.fn) == (2, 1, 2)
    found = {name: (own.both.tp, own.both.fn) for name, own in scores.subtypes.items()}
    assert found == {"normal": (1, 0), "atypical": (0, 1)}  # one detection is one figure
    assert scores.subtypes["normal"].both.fp is None
    assert scores.subtypes["normal"].both.per_case == {}  # a name could be that of a patient
    assert "atypical: 1 mitotic figures, recall of stage 1 0.000" in format_report(scores)


def test_subtypes_of_partly_labelled_fields_are_told_apart() -> None:
    field = replace(
        field_of("a", [[0, 0]], [[0, 0]], [True]),
        source="patches",
        complete=False,
        subtypes=np.array(["atypical"]),
    )
    scores = score_fields([field], MIDOG, AT)
    assert scores.subtypes == {}
    assert list(scores.every_subtype()) == ["patches, atypical"]
