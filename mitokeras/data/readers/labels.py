"""What the name of a label means."""

from __future__ import annotations

import re
from typing import Literal

from mitokeras.data.fields import Subtype
from mitokeras.errors import DataError

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

ATYPICAL = frozenset({"atypical mitosis", "atypical mitotic figure"})

NOT_NUCLEI = frozenset({"tubule", "non tubule"})


def kind_of(label: str) -> Kind:
    """What an object of this label is to the detector.

    Upper case, `_` and `-` make no difference. Whatever is neither a mitosis nor an ordinary
    nucleus (a name that ends in "nucleus") nor a tubule is taken for a look-alike.
    """
    name = _plain(label)
    if name in MITOSIS:
        return "figure"
    if name in NOT_NUCLEI:
        return "other"
    return "nucleus" if name.endswith("nucleus") else "lookalike"


def subtype_of(label: str, stated: str, where: str) -> Subtype:
    """The subtype of an object: what a data set states, else what its label says.

    Args:
        label: What the data set calls the object.
        stated: "normal", "atypical", in upper case as well, or empty.
        where: File and line, for the error.

    Raises:
        DataError: Another subtype of a mitotic figure is stated.
    """
    if kind_of(label) != "figure":
        return ""
    subtype = stated.lower() or ("atypical" if _plain(label) in ATYPICAL else "")
    if subtype == "normal":
        return "normal"
    if subtype == "atypical":
        return "atypical"
    if subtype:
        raise DataError(f"{where}: subtype must be normal, atypical or empty. Received: {stated}")
    return ""


def _plain(label: str) -> str:
    return " ".join(re.split(r"[\s_-]+", label.strip().lower()))
