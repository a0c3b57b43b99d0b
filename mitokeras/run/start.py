"""The trained model that a run was fine-tuned from, as the run remembers it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mitokeras.disk.records import Record

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Origin(Record):
    """What weights come from, whose licence stays beside that of anything new.

    Attributes:
        name: In words, such as "the weights of edge".
        license: As it was stated; empty where it was not.
        attribution: Whom to name; empty likewise.
    """

    name: str
    license: str = ""
    attribution: str = ""


class StartRecord(Record):
    """Where the weights of a fine-tuning come from.

    Attributes:
        name: Name of the shipped model, or of the folder of the run or bundle.
        segmenter_sha256: Hash of the weights file of stage 1.
        classifier_sha256: Hash of the weights file of stage 2.
        subtyper_sha256: Hash of the weights file of stage 3; None where the start has none.
        origins: The weights themselves, the data sets that they learned from, and the origins of
            what they were fine-tuned from in their turn.
    """

    name: str
    segmenter_sha256: Sha256
    classifier_sha256: Sha256
    subtyper_sha256: Sha256 | None = None
    origins: Annotated[tuple[Origin, ...], Field(strict=False)]

    def __str__(self) -> str:
        hashes = {
            "segmenter": self.segmenter_sha256,
            "classifier": self.classifier_sha256,
            "subtyper": self.subtyper_sha256,
        }
        named = (f"{role}.keras {each[:12]}" for role, each in hashes.items() if each)
        return f"{self.name} ({', '.join(named)})"
