"""What the table and the page of an output folder say of one slide."""

from __future__ import annotations

from dataclasses import dataclass

from mitokeras.counting.prediction import Prediction


@dataclass(frozen=True)
class Row:
    """A slide that was predicted, or has failed.

    Attributes:
        name: Of its folder, with slashes, `printable`.
        prediction: What was found, without the detections; None where it failed.
        failure: Why; empty where it did not.
        report: Its page, relative to the output folder; empty where there is none.
        thumbnail: Its picture, likewise.
    """

    name: str
    prediction: Prediction | None = None
    failure: str = ""
    report: str = ""
    thumbnail: str = ""
