"""What became of each row of an experiment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mitokeras.disk.records import Record
from mitokeras.reproduce.experiments import Target
from mitokeras.score.scores import StageScores

Rate = Annotated[float, Field(ge=0, le=1)] | None
Interval = Annotated[tuple[float | None, float | None], Field(strict=False)]


class Rates(Record):
    """Precision, recall and F1; None where undefined."""

    precision: Rate
    recall: Rate
    f1: Rate


class SeedScore(Record):
    """One trained model of a row on the test fields.

    Attributes:
        seed: Seed of everything random in its training.
        scores: Scores of the row's stage.
    """

    seed: int
    scores: StageScores


class Comparison(Record):
    """A row against the experiment's reference row, on the same fields, first seed.

    Attributes:
        f1_difference: Row minus reference; None where either is undefined.
        f1_difference_ci95: 95 % interval by paired bootstrap.
        bootstrap_p: Two-sided p-value of the same bootstrap; None where undefined.
        mcnemar_p: Exact p-value on fields that one of the two has without error; None without any.
    """

    f1_difference: float | None
    f1_difference_ci95: Interval
    bootstrap_p: float | None
    mcnemar_p: float | None


class Cost(Record):
    """Seconds a square millimetre of the networks that give a row's answer, in LiteRT.

    Attributes:
        fp32: Float32; None where the network does not convert.
        int8: Int8 weights and activations; None likewise.
    """

    fp32: float | None = None
    int8: float | None = None


class RowResult(Record):
    """A row of a table.

    Attributes:
        name: Name as the paper writes it, or as the user added it.
        model: Name that the model is built by; empty for a row that is only published.
        published: What the paper states, or None.
        published_source: Where the paper states it; empty without.
        weights: What the network started from, in words; empty where it is not trained.
        parameters: All weights of the trained network; None where it is not trained.
        macs: Multiply-accumulates, of one 512 x 512 tile for a segmenter, of one crop for a
            classifier; None likewise.
        training_cases: Number of cases that it learned from; None likewise.
        training_figures: Number of their mitotic figures; None likewise.
        cost: Time of its networks; None where it was not measured.
        scores: One score a seed; empty where the row failed or is only published.
        comparison: Comparison with the reference row; None for that row itself and where it is not
            measured.
        failure: Why the row has no score; empty when it has or is only published.
    """

    name: str
    model: str = ""
    published: Rates | None = None
    published_source: str = ""
    weights: str = ""
    parameters: int | None = None
    macs: int | None = None
    training_cases: int | None = None
    training_figures: int | None = None
    cost: Cost | None = None
    scores: Annotated[tuple[SeedScore, ...], Field(strict=False)] = ()
    comparison: Comparison | None = None
    failure: str = ""


class ExperimentResult(Record):
    """A whole table or figure.

    Attributes:
        target: A key of `EXPERIMENTS`.
        title: Title of the table; says so when the budget is a smoke run.
        stage: "stage 1" or "both stages".
        protocol: Name of the matching rule, with its radius.
        data: Name of the data set, number of cases, fields and figures in train, validation, test.
        notes: One sentence each: what differs from the paper, thresholds, hardware.
        reference: Name of the row that the others are compared with.
        rows: Rows in the paper's order, the user's own last.
    """

    target: Target
    title: str
    stage: str
    protocol: str
    data: str
    notes: Annotated[tuple[str, ...], Field(strict=False)]
    reference: str
    rows: Annotated[tuple[RowResult, ...], Field(strict=False)]
