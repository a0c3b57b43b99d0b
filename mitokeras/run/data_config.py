"""How fields become training material, as frozen records."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    PositiveFloat,
    PositiveInt,
)

from mitokeras.disk.records import Record

Fraction = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0)]


def _ascending(pair: tuple[float, float]) -> tuple[float, float]:
    if not 0 < pair[0] <= pair[1]:
        raise ValueError("must be a range from low to high above 0")
    return pair


Range = Annotated[tuple[float, float], Field(strict=False), AfterValidator(_ascending)]


class SyntheticConfig(Record):
    """The fields that are drawn when no data set is given.

    Attributes:
        fields: How many.
        field_px: Edge of a field.
        cases: Stain and scanner looks that the fields are spread over.
    """

    fields: PositiveInt = 24
    field_px: PositiveInt = 1024
    cases: PositiveInt = 8


class SourceConfig(Record):
    """One data set of a mixture.

    Attributes:
        weight: Its share of the patches that show no mitotic figure, beside the other data sets'.
        figure_weight: Its share of those about a mitotic figure; None: as `weight`. Where the two
            differ, a laboratory says something about the class.
        complete: Whether every mitotic figure of its fields is labelled. Where not, what lies
            away from a labelled object is never taken for certain background.
        incomplete_cases: Patterns of the names of cases that are not complete in a data set that
            is, such as "unknown_*".
        license: Licence of the data, as its publisher states it.
        attribution: Whom to name.
    """

    weight: PositiveFloat = 1.0
    figure_weight: PositiveFloat | None = None
    complete: bool = True
    incomplete_cases: Annotated[tuple[str, ...], Field(strict=False)] = ()
    license: str = ""
    attribution: str = ""


class DataConfig(Record):
    """How fields become training material.

    Attributes:
        sources: The data sets of a mixture by the names of their folders, "synthetic" for drawn
            fields among them. Empty: all data sets alike, each place equally often.
        weights_license: SPDX id of the licence that the trained weights are to have.
        spacing_um_px: All fields are resampled to it.
        stain: "none", or "macenko" to normalise each field.
        test_cases: Cases that are only for the final score; chosen by `test_fraction` if empty.
        validation_cases: Cases for best weights and thresholds; by `validation_fraction` if empty.
        test_fraction: Share of the cases.
        validation_fraction: Share of the cases.
    """

    sources: dict[str, SourceConfig] = Field(default_factory=dict)
    weights_license: str | None = None
    spacing_um_px: PositiveFloat = 0.25
    stain: Literal["none", "macenko"] = "none"
    test_cases: Annotated[tuple[str, ...], Field(strict=False)] = ()
    validation_cases: Annotated[tuple[str, ...], Field(strict=False)] = ()
    test_fraction: Fraction = 0.2
    validation_fraction: Fraction = 0.2


class AugmentConfig(Record):
    """Random changes of a training patch; zero, false or (1, 1) switches one off.

    Attributes:
        rotation: Free rotation and flips.
        scale: Range of enlargement.
        blur_px: Largest standard deviation of a Gaussian blur.
        stain: Strength of the haematoxylin and eosin jitter in optical density.
        stain_exchange: Share of the patches that are shown in the stains of other fields.
        light: Strength of changes of gamma, contrast, brightness and white balance.
        noise: Largest standard deviation of Gaussian noise, grey levels.
        jpeg: Lowest quality, up to 95, of the JPEG compression of half of the patches.
    """

    rotation: bool = True
    scale: Range = (0.8, 1.25)
    blur_px: Share = 1.0
    stain: Share = 0.1
    stain_exchange: Annotated[float, Field(ge=0, le=1)] = 0.0
    light: Share = 0.0
    noise: Share = 0.0
    jpeg: Annotated[int, Field(ge=0, le=95)] = 0
