"""What the writer of a format did."""

from __future__ import annotations

from typing import NamedTuple

from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.parity.record import FileFacts


class Written(NamedTuple):
    """What the writer of a format did.

    Attributes:
        spec: Spec of the detector; quantised networks have thresholds of their own.
        files: Facts on each model file by name.
    """

    spec: DetectorSpec
    files: dict[str, FileFacts]
