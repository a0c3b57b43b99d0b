"""One look for all figures of a run: type and the frame of a figure.

Figures are built without pyplot, so nothing is shared between two of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mitokeras.disk.files import atomic_path
from mitokeras.report.colours import FAINT, GREY, INK

DPI = 200
COMPRESS_LEVEL = 4
"""Of PNG: a field took 2.7 times as long to write at Pillow's own 6, and was 6 % smaller."""

MAX_TITLE = 90

_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": "white",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Artists made inside the block take the look of this module."""
    with matplotlib.rc_context(_STYLE):
        yield


def new_figure(width_in: float, height_in: float) -> Figure:
    """Give an empty figure that draws itself with Agg."""
    figure = Figure(figsize=(width_in, height_in), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def axes_at(
    figure: Figure, left_in: float, top_in: float, width_in: float, height_in: float
) -> Axes:
    """Place axes by inches from the top left corner of the figure."""
    width, height = figure.get_size_inches()
    bottom = height - top_in - height_in
    return figure.add_axes((left_in / width, bottom / height, width_in / width, height_in / height))


def text_at(figure: Figure, left_in: float, top_in: float, text: str, **style: Any) -> None:
    """Write text with its top left corner at inches from the top left corner of the figure."""
    width, height = figure.get_size_inches()
    options = {"ha": "left", "va": "top", **style}
    figure.text(left_in / width, 1.0 - top_in / height, text, **options)


def headline(figure: Figure, left_in: float, text: str) -> None:
    """Write the title of a figure that places its axes by inches; a long one is cut."""
    text_at(figure, left_in, 0.16, cut(text, MAX_TITLE), fontsize=12, fontweight="bold")


def cut(text: str, most: int) -> str:
    """Shorten a text to so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def save_png(figure: Figure, path: Path) -> None:
    """Write the figure as a PNG, atomically."""
    _save(figure, path, "png", pil_kwargs={"compress_level": COMPRESS_LEVEL})


def save_png_and_svg(figure: Figure, stem: Path) -> None:
    """Write the figure as STEM.png and STEM.svg; the same figure, the same bytes."""
    save_png(figure, stem.with_name(f"{stem.name}.png"))
    with matplotlib.rc_context({"svg.hashsalt": "mitokeras"}):
        _save(figure, stem.with_name(f"{stem.name}.svg"), "svg", metadata={"Date": None})


def _save(figure: Figure, path: Path, kind: str, **options: Any) -> None:
    with atomic_path(path) as partial, warnings.catch_warnings():
        # A title may hold a name in a script that the font lacks; a box is drawn instead.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        figure.savefig(partial, format=kind, dpi=DPI, **options)
