"""The table of the benchmark, read back."""

from pathlib import Path

import numpy as np
import pytest

from mitokeras.reproduce.atypical.published import PUBLISHED
from mitokeras.reproduce.atypical.results import AtypicalResult, Judged, PairResult, SeedRates
from mitokeras.reproduce.atypical.table import write_table
from mitokeras.score.subtypes import JudgedFigures, mean_scores
from tests.reproduce.test_table import markdown_rows, records


def judged(right: int) -> JudgedFigures:
    """Ten figures of each subtype, of ten cases; so many of the atypical ones are called right."""
    atypical = np.arange(20) < 10
    score = np.where(np.arange(20) < right, 0.9, 0.1)
    return JudgedFigures(atypical, score, np.array([f"case_{i % 10}" for i in range(20)]))


def pair(*right: int, int8: bool = True) -> PairResult:
    trainings = [judged(each) for each in right]
    seeds = tuple(SeedRates.of(seed, 0.5, own) for seed, own in enumerate(trainings))
    mean = mean_scores(trainings, 0.5).changed(threshold=None)
    return PairResult(
        trained="breast", tested="my_set", mean=mean, seeds=seeds, int8=seeds[-1] if int8 else None
    )


def written(folder: Path, own: PairResult) -> tuple[list[list[list[str]]], list[dict[str, str]]]:
    result = AtypicalResult(title="t", data=("a: b",), notes=("n_1",), pairs=(own,))
    write_table(result, folder)
    return markdown_rows(folder / "atypical.md"), records(folder / "atypical.csv")


def test_mean_and_deviation_over_seeds(tmp_path: Path) -> None:
    (measured, _), (record, *_) = written(tmp_path, pair(10, 6))
    # Sensitivities 1 and 0.6, specificities 1: balanced accuracies 1 and 0.8.
    assert measured[1][:3] == [r"breast, my\_set", "10 + 10", "2"]
    assert measured[1][3].startswith("0.900 ± 0.141 (0.")
    assert measured[1][5].startswith("0.800 ± 0.283 (0.")
    assert measured[1][6].startswith("1.000 ± 0.000 (1.000")
    assert measured[1][7:] == ["0.900", "1.000", "0.800"]
    assert float(record["sensitivity_sd"]) == pytest.approx(0.4 / 2**0.5)
    assert float(record["balanced_accuracy"]) == pytest.approx(0.9)
    assert record["seeds"] == "0 1"
    assert float(record["balanced_accuracy_first_seed_int8"]) == pytest.approx(0.8)


def test_one_training_has_no_deviation_and_int8_may_be_missing(tmp_path: Path) -> None:
    (measured, _), (record, *_) = written(tmp_path, pair(8, int8=False))
    assert measured[1][3].startswith("0.900 (0.")
    assert measured[1][-1] == "–"  # noqa: RUF001
    assert record["balanced_accuracy_sd"] == record["balanced_accuracy_first_seed_int8"] == ""


def test_published_rows_stand_apart_and_are_marked(tmp_path: Path) -> None:
    (_, published), rows = written(tmp_path, pair(10))
    text = (tmp_path / "atypical.md").read_text(encoding="utf-8")
    assert "**Published, quoted and never measured here**" in text
    assert "comparable in spirit only" in text
    assert len(published) == 1 + len(PUBLISHED)
    assert published[2][:4] == [
        "best foundation model with LoRA", "0.3 to 1.1 billion", "AMi-Br, AtNorM-Br", "0.7788",
    ]  # fmt: skip
    assert [row["status"] for row in rows] == ["measured"] + ["published"] * len(PUBLISHED)
    assert rows[1]["balanced_accuracy"] == "0.8135"
    assert rows[1]["auroc"] == rows[1]["sensitivity"] == ""


def test_figures_survive_their_file() -> None:
    figures = judged(7)
    again = Judged.model_validate(Judged.of(figures).to_json()).figures
    assert (again.atypical == figures.atypical).all()
    assert (again.score == figures.score).all()
    assert (again.case == figures.case).all()
