"""How many of a slide's figures may be false, by what was measured of the model."""

from __future__ import annotations

import math

import numpy as np

from mitokeras.disk.records import Record

DOUBT = 0.05
"""What is said to hold "at most" is exceeded on so many slides: 1 of 20."""


class ByChance(Record):
    """False figures in the circle of a slide that holds the most of them.

    Attributes:
        expected: On average over slides with as much tissue.
        most: No more than that on 19 of 20 such slides.
    """

    expected: float
    most: int

    def of(self, figures: int) -> ByChance:
        """Where only so many figures can be false at all."""
        return ByChance(expected=min(self.expected, figures), most=min(self.most, figures))


class FalseFigures(Record):
    """False figures that a model makes on as much tissue.

    Attributes:
        per_mm2: By mm2 of tissue, as it was measured.
        expected: On all of the tissue.
        hotspot: In the fullest circle as large as the hotspot.
        ten_fields: In the fullest circle as large as ten high-power fields.
    """

    per_mm2: float
    expected: float
    hotspot: ByChance
    ten_fields: ByChance

    def of(self, figures: int) -> FalseFigures:
        """Where only so many figures can be false at all, as a reader has judged the others."""
        return self.changed(
            expected=min(self.expected, figures),
            hotspot=self.hotspot.of(figures),
            ten_fields=self.ten_fields.of(figures),
        )


def false_figures(
    per_mm2: float, tissue_mm2: float, hotspot_mm2: float, ten_fields_mm2: float
) -> FalseFigures:
    """What a rate of false figures comes to on a slide.

    Args:
        per_mm2: False figures per mm2 of tissue.
        tissue_mm2: Area of the tissue.
        hotspot_mm2: Area of the hotspot.
        ten_fields_mm2: Area of ten high-power fields.
    """
    return FalseFigures(
        per_mm2=per_mm2,
        expected=round(per_mm2 * tissue_mm2, 3),
        hotspot=by_chance(per_mm2, tissue_mm2, hotspot_mm2),
        ten_fields=by_chance(per_mm2, tissue_mm2, ten_fields_mm2),
    )


def by_chance(per_mm2: float, tissue_mm2: float, circle_mm2: float) -> ByChance:
    """False figures in the fullest circle of a slide, see `chance_of`."""
    chance = chance_of(per_mm2, tissue_mm2, circle_mm2)
    return ByChance(
        expected=round(float(chance[1:].sum()), 3),
        most=int(np.flatnonzero(chance > DOUBT)[-1]),
    )


def chance_of(per_mm2: float, tissue_mm2: float, circle_mm2: float) -> np.ndarray:
    """The chance that the fullest circle of a slide holds so many false figures.

    The figures are thought to lie anywhere on one square of tissue, each without regard to the
    others (Poisson). The circle is where they are densest, so it holds more than a circle that
    is laid without looking; the more so, the more tissue there is to choose from.

    A circle of area a that is laid without looking holds m = `per_mm2` * a figures on average, and
    k with the Poisson probability p(k). The regions of centres whose circles hold k or more are
    counted by their leftmost points less their junctions: their expected Euler characteristic is
    k (k - m) p(k) / a per mm2 that the centre has to move in, and 2 r `per_mm2` p(k - 1) per mm
    along a line. As each figure comes with a jump, one crowd makes several such regions; that
    is made good by a factor 1 - m / k on the line and by its square in the plane (compare
    Alm 1997 for rectangles). Crowds come independently of one another, so there is none with
    the chance exp(-expected crowds), times that of fewer than k in the circle at the start.

    Against slides that were drawn, the number that 1 of 20 exceeds is right or one too many, and
    the average right to a sixth (tests). False figures that come in groups, as at a fold or in
    necrosis, make fuller circles than this.

    Args:
        per_mm2: False figures per mm2 of tissue.
        tissue_mm2: Area of tissue.
        circle_mm2: Area of the circle; where there is less tissue, it covers all of it.

    Returns:
        At index k the chance of k or more, from 0 to where it vanishes.
    """
    area = min(circle_mm2, tissue_mm2)
    mean = per_mm2 * area
    if mean <= 0:
        return np.ones(1)
    radius = math.sqrt(area / math.pi)
    side = math.sqrt(tissue_mm2) - math.sqrt(area)  # of the square that the centre moves in
    number = np.arange(int(mean + 12 * math.sqrt(mean)) + 40)
    exactly = np.array(
        [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in number.tolist()]
    )
    one_fewer = np.append(0.0, exactly[:-1])
    single = np.maximum(0.0, 1 - mean / np.maximum(number, 1))
    crowds = side**2 * number**2 * single**3 * exactly / area
    crowds += 2 * side * 2 * radius * per_mm2 * one_fewer * single
    # Where k is less there are no fewer; near the mean the crowds run into one another.
    crowds = np.maximum.accumulate(crowds[::-1])[::-1]
    fewer = np.minimum(np.cumsum(one_fewer), 1.0)
    return np.asarray(1 - fewer * np.exp(-crowds))
