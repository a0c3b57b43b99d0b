from mitokeras.crossvalidation.record import CurvePoint, trade_off

CURVE = [
    CurvePoint(
        classifier_threshold=threshold, fp_per_mm2=false, recall=1.0, recall_partly_labelled=None
    )
    for threshold, false in ((0.1, 80.0), (0.2, 15.0), (0.3, 15.0), (0.4, 11.0), (0.5, 0.0))
]


def test_the_lowest_threshold_within_each_limit() -> None:
    assert trade_off(CURVE, (60, 15, 10)) == [CURVE[1], CURVE[4]]
    assert trade_off(CURVE[:1]) == []
