from dataclasses import replace

import numpy as np
import pytest

from mitokeras.detect.candidates import Candidates
from mitokeras.errors import ModelError
from mitokeras.export.parity.measure import check, compare_detections, compare_networks
from mitokeras.export.parity.record import DetectionParity, Parity
from tests.export.card.test_card import NETWORK, PARITY


def mean_of(images: np.ndarray) -> np.ndarray:
    return images.mean(axis=(1, 2, 3)).astype(np.float32) / 255


def test_differences_at_two_batch_sizes() -> None:
    images = np.full((3, 2, 2, 3), 51, np.uint8)
    calls = []

    def artefact(batch: np.ndarray) -> np.ndarray:
        calls.append(len(batch))
        # Wrong by 0.03 for the second of a batch.
        return mean_of(batch) + np.where(np.arange(len(batch)) == 1, 0.03, 0).astype(np.float32)

    compared = compare_networks(mean_of, artefact, images)
    assert calls == [1, 1, 1, 3]
    assert compared.values == 6
    assert compared.max_difference == pytest.approx(0.03)
    assert compared.mean_difference == pytest.approx(0.03 / 6)
    assert compared.mismatches_per_million == pytest.approx(1e6 / 6)


def candidates(*rows: tuple[float, float, bool]) -> Candidates:
    xy = np.array([row[:2] for row in rows], dtype=np.float64).reshape(-1, 2)
    return Candidates(
        xy=xy,
        area_px=np.full(len(rows), 200),
        segmenter_score=np.ones(len(rows), np.float32),
        classifier_score=np.ones(len(rows), np.float32),
        accepted=np.array([row[2] for row in rows], dtype=bool),
        atypical_score=np.full(len(rows), np.nan, np.float32),
    )


FIELD = np.zeros((8, 8, 3), np.uint8)


@pytest.mark.parametrize(
    ("found", "paired", "equal"),
    [
        (candidates((10.6, 10, True), (40, 40, False)), 2, True),
        (candidates((11.2, 10, True), (40, 40, False)), 1, False),  # too far
        (candidates((10, 10, False), (40, 40, False)), 1, False),  # another verdict
        (candidates((10, 10, True)), 1, False),
        (candidates((10, 10, True), (40, 40, False), (70, 70, True)), 2, False),
    ],
)
def test_detections_are_paired(found: Candidates, paired: int, equal: bool) -> None:
    expected = candidates((10, 10, True), (40, 40, False))
    compared = compare_detections([expected], lambda image: found, [FIELD])
    assert compared == pairs(1, 2, len(found), paired, equal)


def subtyped(found: Candidates, *scores: float) -> Candidates:
    return replace(found, atypical_score=np.array(scores, np.float32))


@pytest.mark.parametrize(
    ("found", "scores", "largest"),
    [
        (candidates((10, 10, True), (40, 40, True)), (0.25, 0.5), 0.125),
        # The first has another crop, since its centroid rounds to another pixel.
        (candidates((10.6, 10, True), (40.4, 40, True)), (0.75, 0.5), 0.0),
        (candidates((10, 10, False), (40, 40, True)), (np.nan, 0.75), 0.25),
        (candidates((10, 10, False), (40, 40, False)), (np.nan, np.nan), None),
    ],
)
def test_atypical_scores_of_pairs(
    found: Candidates, scores: tuple[float, ...], largest: float | None
) -> None:
    expected = subtyped(candidates((10, 10, True), (40, 40, True)), 0.375, 0.5)
    compared = compare_detections([expected], lambda image: subtyped(found, *scores), [FIELD])
    assert compared.atypical_max_difference == largest


def pairs(fields: int, keras: int, artefact: int, paired: int, equal: bool) -> DetectionParity:
    return DetectionParity(
        fields=fields,
        keras=keras,
        artefact=artefact,
        paired_within_1_px=paired,
        equal=equal,
        unpaired_allowed=0.005,
    )


def measured(
    difference: float = 0.0, keras: int = 50, artefact: int = 50, paired: int = 50
) -> Parity:
    return PARITY.changed(
        networks={"segmenter": NETWORK.changed(max_difference=difference)},
        detections=pairs(20, keras, artefact, paired, True),
    )


def test_an_equal_artefact_passes() -> None:
    check(measured(difference=9e-5))
    # Of many candidates, few may lie on a threshold.
    check(measured(keras=400, artefact=401, paired=399))
    check(measured(difference=0.4).changed(tolerance=None))
    # Where a pixel may be rounded otherwise, scores may differ.
    free = with_difference(0.1).detections.changed(unpaired_allowed=0.02)
    check(measured().changed(detect_signature=free))


def with_difference(difference: float) -> Parity:
    """Of the atypical scores of paired figures."""
    parity = measured()
    return parity.changed(detections=parity.detections.changed(atypical_max_difference=difference))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (measured(difference=2e-4), "exported segmenter must give .* a difference of 0.0002"),
        (measured(difference=float("nan")), "exported segmenter must give"),
        (
            measured().changed(
                detections=pairs(20, 50, 50, 50, True).changed(atypical_max_difference=2e-4)
            ),
            r"\(detections\) must give figures the atypical score .* a difference of 0.0002",
        ),
        (measured(paired=49), "49 of 50 candidates paired, 50 found"),
        (measured(artefact=51), "50 of 50 candidates paired, 51 found"),
        (measured(keras=400, artefact=400, paired=397), "397 of 400"),
        (
            measured().changed(detect_signature=measured(paired=40).detections),
            r"\(detect_signature\) must find",
        ),
    ],
)
def test_another_result_is_refused(values: Parity, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        check(values)
