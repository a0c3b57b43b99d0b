"""How far the training of a stage has come, and what each epoch gave."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mitokeras.disk.records import Record


class Epoch(Record):
    """A row of `history.csv`.

    Attributes:
        stage: "segmenter" or "classifier"; "classifier-2" for the second of an ensemble.
        epoch: Counted from 1.
        loss: Mean over the training batches.
        val_loss: On the validation fields; None without any, as what follows.
        val_precision: At the threshold with the best F1 of that epoch; None where undefined.
        val_recall: Likewise.
        val_f1: Likewise.
        learning_rate: At the end of the epoch.
    """

    stage: str
    epoch: int
    loss: float
    val_loss: float | None
    val_precision: float | None
    val_recall: float | None
    val_f1: float | None
    learning_rate: float


class Progress(Record):
    """Where the training of a stage stands, as its JSON file keeps it.

    Attributes:
        epoch: Epochs done.
        best_epoch: The one whose weights are kept, counted from 1; 0 before the first. With a
            moving average, or without validation fields, the last.
        done: By the last epoch or by early stopping.
        history: All of them.
        seconds: Spent so far.
    """

    epoch: int = 0
    best_epoch: int = 0
    done: bool = False
    history: Annotated[tuple[Epoch, ...], Field(strict=False)] = ()
    seconds: float = 0.0
