"""What the name of a label means."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["figure", "lookalike", "nucleus", "other"]

MEANING: dict[Kind, str] = {
    "figure": "mitotic figures",
    "lookalike": "look-alikes",
    "nucleus": "ordinary nuclei",
    "other": "not nuclei, left out",
}

MITOSIS = frozenset(
    {
        "mitosis",
        "mitoses",
        "mitotic",
        "mitotic cell",
        "mitotic figure",
        "mitotic figures",
        "mitotic nucleus",
        "atypical mitosis",
        "atypical mitotic figure",
    }
)

NOT_NUCLEI = frozenset({"tubule", "non tubule"})


def kind_of(label: str) -> Kind:
    """What an object of this label is to the detector.

    Upper case, `_` and `-` make no difference. Whatever is neither a mitosis nor an ordinary
    nucleus (a name that ends in "nucleus") nor a tubule is taken for a look-alike.
    """
    name = " ".join(re.split(r"[\s_-]+", label.strip().lower()))
    if name in MITOSIS:
        return "figure"
    if name in NOT_NUCLEI:
        return "other"
    return "nucleus" if name.endswith("nucleus") else "lookalike"
