import math

import pytest

from mitokeras.report.numbers import (
    UNDEFINED,
    about_text,
    duration_text,
    interval_text,
    listed_text,
    number_text,
    round_length_um,
)


@pytest.mark.parametrize(
    "value, digits, text",
    [
        (0.8776, 2, "0.88"),
        (3712001, 0, "3,712,001"),
        (0.0, 3, "0.000"),
        (None, 2, UNDEFINED),
        (math.nan, 2, UNDEFINED),
        (math.inf, 2, UNDEFINED),
    ],
)
def test_number(value: float | None, digits: int, text: str) -> None:
    assert number_text(value, digits) == text


@pytest.mark.parametrize(
    "bounds, text",
    [([0.25, 0.5], "0.250 to 0.500"), ([None, 0.5], ""), ([0.1, math.nan], ""), (None, "")],
)
def test_interval(bounds: list[float | None] | None, text: str) -> None:
    assert interval_text(bounds) == text


@pytest.mark.parametrize(
    "seconds, text", [(4.2, "4 s"), (59.0, "1 min"), (3599.0, "1 h 00 min"), (7321.0, "2 h 02 min")]
)
def test_duration(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    "most, length", [(0.3, 0.2), (1.0, 1.0), (4.9, 2.0), (50.0, 50.0), (999.0, 500.0)]
)
def test_scale_bars_have_round_lengths(most: float, length: float) -> None:
    assert round_length_um(most) == pytest.approx(length)


@pytest.mark.parametrize(
    "value, text", [(7.5, "7.5"), ((5.0, 7.5), "5, 7.5"), (None, ""), (0.2456, "0.2456")]
)
def test_listed(value: float | tuple[float, ...] | None, text: str) -> None:
    assert listed_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.0237, "0.024"), (3.14, "3.1"), (9.94, "9.9"), (9.96, "10"), (1091.4, "1,091")],
)
def test_about(value: float, text: str) -> None:
    assert about_text(value) == text
