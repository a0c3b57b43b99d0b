"""What the weights of a run were learned from, and on which terms, as its `run.json` tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any


@dataclass(frozen=True)
class DataSource:
    """One of several data sets that a run was trained on.

    Attributes:
        name: Of its folder.
        share: Of the weights of all data sets, 0 to 1.
        license: As its publisher states it, or None where the configuration does not say.
        attribution: Whom to name, or None.
    """

    name: str
    share: float
    license: str | None
    attribution: str | None


def sources(record: Mapping[str, Any]) -> list[DataSource]:
    """The data sets of a mixture as the configuration names them; none of a run on one data set.

    Args:
        record: Content of `run.json`.
    """
    listed = _data_config(record).get("sources") or {}
    whole = sum(source["weight"] for source in listed.values())
    return [
        DataSource(
            name=_last(folder),
            share=source["weight"] / whole,
            license=source.get("license"),
            attribution=source.get("attribution"),
        )
        for folder, source in listed.items()
    ]


def is_synthetic(record: Mapping[str, Any]) -> bool:
    """Whether a run has seen drawn fields only."""
    return not record["settings"]["data"]


def dataset_name(record: Mapping[str, Any]) -> str:
    """Names of the data sets' folders, without their places."""
    if is_synthetic(record):
        return "synthetic fields of mitokeras"
    names = [source.name for source in sources(record)]
    return ", ".join(names or map(_last, record["settings"]["data"]))


def first_weights(record: Mapping[str, Any]) -> str:
    """What the classifier started from: "none", "imagenet" or "file"."""
    weights: str = record["settings"]["config"]["classifier"]["weights"]
    return weights if weights in ("none", "imagenet") else "file"


def weights_license(record: Mapping[str, Any]) -> str | None:
    """SPDX id of the licence of a run's weights, or None where it is to be stated.

    It is what the configuration states as `data.weights_license`; without that, it is known only
    where nobody else has a say in it.
    """
    stated: str | None = _data_config(record).get("weights_license")
    free = is_synthetic(record) and first_weights(record) == "none"
    return stated or ("Apache-2.0" if free else None)


def unstated_licenses(record: Mapping[str, Any]) -> list[str]:
    """What the licence of the weights depends on and whose own licence nothing states."""
    mixture = sources(record)
    unstated = [f"the data set {source.name}" for source in mixture if not source.license]
    if not mixture and not is_synthetic(record):
        unstated.append("the training data")
    if first_weights(record) != "none":
        unstated.append("the classifier's first weights")
    return unstated


def _data_config(record: Mapping[str, Any]) -> Mapping[str, Any]:
    config: Mapping[str, Any] = record["settings"]["config"].get("data") or {}
    return config


def _last(folder: str) -> str:
    """Name of a folder. A Windows path splits at both kinds of slashes."""
    return PureWindowsPath(folder).name or "unnamed"
