"""GZMH, breast cancer of Ganzhou Municipal Hospital: images of 2084 x 2084 px and binary masks.

Source: https://www.scidb.cn/en/detail?dataSetId=da31601544ce42ec8badf85b689f64d2 (1534 images, 2355
mitoses, 55 slides); Wang et al., arXiv 2212.13401 and J Image Graph 29(3), 2024.

What is published states neither the folder structure nor the spacing. Assumed: folders of images
and of masks side by side, in train/ and test/ or not, and the slide first in the file name.
"""

from __future__ import annotations

from pathlib import Path

from mitokeras.data.fields import DataSet
from mitokeras.data.readers.pairs import PairFolders, has_pairs, read_pairs

LOOKS_FOR = "a folder with gzmh in its name, with images/ and masks/ (or label/) side by side"

NAMES = PairFolders(
    images=("images", "image", "imgs", "img"),
    masks=("masks", "mask", "labels", "label", "gt"),
)


def recognises(root: Path) -> bool:
    """Whether the folder is named after the data set and holds images beside masks."""
    return "gzmh" in root.resolve().name.lower() and has_pairs(root, NAMES)


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """Every image with the mask of its name; cases.csv, where there is one, gives the slides."""
    return read_pairs(root, spacing_um_px, "gzmh", NAMES)
