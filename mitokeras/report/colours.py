"""The colours of all pictures and pages.

They are those of Okabe and Ito, which people with any colour vision can tell apart.
"""

from __future__ import annotations

GREEN = "#009E73"
VERMILION = "#D55E00"
YELLOW = "#F0E442"
BLUE = "#0072B2"
SKY = "#56B4E9"
GREY = "#8A8F98"
INK = "#1F2430"
FAINT = "#D9DCE1"
WHITE = "#FFFFFF"


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour written as "#RRGGBB", each 0 to 255."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
