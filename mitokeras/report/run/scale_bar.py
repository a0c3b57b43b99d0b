"""How long a micrometre is in a picture of tissue."""

from __future__ import annotations

from matplotlib import patheffects
from matplotlib.axes import Axes
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

from mitokeras.report.colours import INK, WHITE
from mitokeras.report.numbers import round_length_um

LABELLED_SHARE = 0.12
"""Of the width of a field, what its bar has at most."""

BARE_SHARE = 0.45
"""Of the width of a small crop, whose bar has no room for its length."""


def labelled_bar(axes: Axes, width_px: int, spacing_um_px: float) -> None:
    """Draw a bar with its length into the lower left corner of an image of so many pixels."""
    length_um = round_length_um(LABELLED_SHARE * width_px * spacing_um_px)
    bar = AnchoredSizeBar(
        axes.transData, length_um / spacing_um_px, f"{length_um:g} µm", "lower left",
        size_vertical=0.005 * width_px, fill_bar=True, color=INK, label_top=True, pad=0.7, sep=4,
        borderpad=1.0,
    )  # fmt: skip
    bar.patch.set(alpha=0.85, edgecolor="none")
    axes.add_artist(bar)


def bare_length_um(side_um: float) -> float:
    """Length of the bar of `bare_bar`, for the words that go with it."""
    return round_length_um(BARE_SHARE * side_um)


def bare_bar(axes: Axes, side_um: float) -> None:
    """Draw a bar without its length into the lower left corner of a square crop."""
    end = 0.07 + bare_length_um(side_um) / side_um
    (bar,) = axes.plot(
        [0.07, end], [0.07, 0.07], transform=axes.transAxes, color=WHITE, linewidth=1.6,
        solid_capstyle="butt",
    )  # fmt: skip
    bar.set_path_effects([patheffects.withStroke(linewidth=3.0, foreground=INK)])
