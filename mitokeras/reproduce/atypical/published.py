"""What the benchmark states, to stand beside what is measured. Nothing here is measured.

Banerjee et al., "Benchmarking Deep Learning and Vision Foundation Models for Atypical vs. Normal
Mitosis Classification with Cross-Dataset Evaluation", MELBA 2026, arXiv 2506.21444. The best
balanced accuracies are of the abstract of its third version. Those of the networks that it trains
from end to end are what their inference notebooks show, in the repository that it names: means and
deviations (of the population) of five trainings on parts of AMi-Br, at a threshold of 0.5. The
paper's own tables, which may be newer, were not at hand, nor were sensitivity and specificity. The
numbers of parameters are those of the networks as they are known.
"""

from __future__ import annotations

from typing import NamedTuple

TRAINED = "AMi-Br"
TESTED = ("AMi-Br", "AtNorM-Br", "AtNorM-MD")

ABSTRACT = "Banerjee et al., MELBA 2026, arXiv 2506.21444, abstract"
NOTEBOOKS = "DeepMicroscopy/AMi-Br_Benchmark, End-to-End_DL_Baselines, output of the notebook"


class Stated(NamedTuple):
    """Mean over five trainings, and its deviation where it is stated."""

    mean: float
    deviation: float | None = None


class Published(NamedTuple):
    """One system on one set of figures.

    Attributes:
        system: Its name.
        parameters: In words.
        tested: Set that it was tested on; all were trained on AMi-Br.
        balanced_accuracy: As stated.
        auroc: As stated; None where it was not at hand.
        source: Where it is stated.
    """

    system: str
    parameters: str
    tested: str
    balanced_accuracy: Stated
    auroc: Stated | None
    source: str


def _end_to_end(
    system: str, parameters: str, *rows: tuple[float, float, float, float]
) -> list[Published]:
    return [
        Published(system, parameters, tested, Stated(*row[:2]), Stated(*row[2:]), NOTEBOOKS)
        for tested, row in zip(TESTED, rows, strict=True)
    ]


PUBLISHED = (
    *(
        Published("best foundation model with LoRA", "0.3 to 1.1 billion", tested, Stated(value),
                  None, ABSTRACT)
        for tested, value in zip(TESTED, (0.8135, 0.7788, 0.7723), strict=True)
    ),
    *_end_to_end(
        "ViT-Large", "304 M",
        (0.7552, 0.0191, 0.8634, 0.0104),
        (0.7570, 0.0171, 0.8478, 0.0189),
        (0.7439, 0.0149, 0.8396, 0.0213),
    ),
    *_end_to_end(
        "Swin-B", "88 M",
        (0.7491, 0.1061, 0.8451, 0.0996),
        (0.7213, 0.1116, 0.8272, 0.0879),
        (0.7226, 0.1048, 0.8069, 0.1213),
    ),
    *_end_to_end(
        "EfficientNetV2-M", "54 M",
        (0.6488, 0.1265, 0.7124, 0.1608),
        (0.6457, 0.1055, 0.7055, 0.1250),
        (0.6034, 0.1166, 0.6721, 0.1279),
    ),
)  # fmt: skip
"""By system, then by test set."""

REMARKS = (
    "The published systems were trained on parts of AMi-Br, the breast cancer of MIDOG 2021 and of "
    "TUPAC16. A set here may hold some of the same figures, but no training set is the same, and "
    "no test set must be: published and measured rows are comparable in spirit only.",
    "The published means count trainings that learned nothing: by the notebooks two of the five of "
    "EfficientNetV2-M have balanced accuracies of 0.45 to 0.54, and one of Swin-B 0.50 to 0.54; "
    "the other four of Swin-B have means of 0.802, 0.777 and 0.775.",
)
"""What a reader must know who compares."""
