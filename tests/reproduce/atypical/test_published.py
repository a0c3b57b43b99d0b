"""The benchmark's rows as they are stated."""

from statistics import fmean, pstdev

import pytest

from mitokeras.reproduce.atypical.published import PUBLISHED, TESTED

SWIN = {
    "AMi-Br": (0.7987, 0.5373, 0.7929, 0.8068, 0.8100),
    "AtNorM-Br": (0.7566, 0.4999, 0.7665, 0.7904, 0.7933),
    "AtNorM-MD": (0.7918, 0.5143, 0.7606, 0.7638, 0.7822),
}
"""Balanced accuracy of each training, from the notebook."""


def test_each_system_is_stated_on_each_set() -> None:
    systems = dict.fromkeys(own.system for own in PUBLISHED)
    assert [(own.system, own.tested) for own in PUBLISHED] == [
        (system, tested) for system in systems for tested in TESTED
    ]


def test_the_best_are_those_of_the_abstract() -> None:
    assert [own.balanced_accuracy.mean for own in PUBLISHED[:3]] == [0.8135, 0.7788, 0.7723]
    for tested in TESTED:
        best, *others = (own for own in PUBLISHED if own.tested == tested)
        assert best.balanced_accuracy.mean > max(own.balanced_accuracy.mean for own in others)


def test_means_and_deviations_follow_from_the_trainings() -> None:
    stated = {own.tested: own.balanced_accuracy for own in PUBLISHED if own.system == "Swin-B"}
    for tested, values in SWIN.items():
        assert stated[tested].mean == pytest.approx(fmean(values), abs=1e-4)
        assert stated[tested].deviation == pytest.approx(pstdev(values), abs=1e-4)
    without = [round(fmean(v for v in values if v > 0.6), 3) for values in SWIN.values()]
    assert without == [0.802, 0.777, 0.775]  # as `REMARKS` has them
