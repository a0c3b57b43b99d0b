"""What the SCMitosis paper states, to stand beside what is measured. Nothing here is measured.

Source: Wang et al., "A novel dataset and a deep learning method for mitosis nuclei segmentation
and classification", arXiv 2212.13401, Tables 2, 3 and 4. The values of its Figure 6 are not
printed in numbers, so they are left out; its text chooses ResNet34.

Each F1 follows from its precision and recall within their rounding, but for two rows of Table 3:
NEC's would be 0.660 (0.6592 stated) and HC+CNN's 0.733 (0.7345 stated). The paper's abstract
gives SCMitosis an F1 of 0.8687 on ICPR 2012, its Table 3 0.8643; the table's is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mitokeras.reproduce.experiments import Target
from mitokeras.reproduce.results import Rates, RowResult

PAPER = "Wang et al., arXiv 2212.13401"
CONTEST = "Roux et al., J. Pathol. Inform. 4:8, 2013"


@dataclass(frozen=True)
class Published:
    """A row of a table of the paper.

    Attributes:
        name: Name as the paper writes it.
        rates: Rates as stated, to the digits stated.
        source: The system's own publication where it has one, and where its rates are quoted from.
    """

    name: str
    rates: Rates
    source: str

    def as_row(self) -> RowResult:
        """A row that is only published."""
        return RowResult(name=self.name, published=self.rates, published_source=self.source)


def _row(
    table: int, name: str, precision: float, recall: float, f1: float, citation: str = ""
) -> Published:
    quoted = f"{PAPER}, Table {table}"
    source = f"{citation}; as quoted in {quoted}" if citation else quoted
    return Published(name, Rates(precision=precision, recall=recall, f1=f1), source)


TABLE_2 = (
    _row(2, "DSC+CBAM", 0.2069, 0.9505, 0.3398),
    _row(2, "DSC+CBAM+GRU", 0.3973, 0.8812, 0.5477),
    _row(2, "CBAM+DSCRB", 0.4387, 0.9208, 0.5942),
    _row(2, "CBAM+GRU+DSCRB", 0.2939, 0.9604, 0.4501),
    _row(2, "DSCRB+CSAG", 0.5137, 0.9307, 0.6620),
)
"""Parts of the segmenter on ICPR 2012, stage 1."""

TABLE_3 = (
    _row(3, "NEC", 0.750, 0.590, 0.6592,
         "Malon and Cosatto, J. Pathol. Inform. 4:9, 2013"),
    _row(3, "SUTECH", 0.700, 0.720, 0.7094,
         f"a team of the contest, {CONTEST}"),
    _row(3, "IPAL", 0.6981, 0.740, 0.7184,
         "Irshad, J. Pathol. Inform. 4:10, 2013"),
    _row(3, "IDSIA", 0.886, 0.700, 0.782,
         "Cireşan et al., MICCAI 2013"),
    _row(3, "HC+CNN", 0.840, 0.650, 0.7345,
         "Wang et al., J. Med. Imaging 1(3):034003, 2014"),
    _row(3, "CasNN", 0.804, 0.772, 0.788,
         "Chen et al., AAAI 2016"),
    _row(3, "RRF", 0.835, 0.811, 0.823,
         "Paul et al., MICCAI 2015"),
    _row(3, "DeepMitosis", 0.854, 0.812, 0.832,
         "Li et al., Med. Image Anal. 45:121-133, 2018"),
    _row(3, "SegMitosis-8s", 0.8461, 0.7624, 0.8021,
         "Li et al., Med. Image Anal. 53:165-178, 2019"),
    _row(3, "MaskMitosis", 0.921, 0.811, 0.863,
         "Sebai et al., Med. Biol. Eng. Comput. 58:1603-1623, 2020"),
    _row(3, "CPCN", 0.8447, 0.8614, 0.8529,
         "Han et al., IEEE Access 9:71954-71967, 2021"),
    _row(3, "SCMitosis", 0.8776, 0.8515, 0.8643),
)  # fmt: skip
"""Eleven other systems and SCMitosis on ICPR 2012, both stages."""

TABLE_4 = (
    _row(4, "U-Net", 0.3022, 0.7784, 0.4353),
    _row(4, "SegNet", 0.2904, 0.8304, 0.4304),
    _row(4, "R2U-Net", 0.3164, 0.8054, 0.4543),
    _row(4, "LinkNet34", 0.3623, 0.7225, 0.4826),
    _row(4, "DeepLabV3+", 0.2937, 0.7900, 0.4282),
    _row(4, "SCMitosis", 0.4278, 0.7325, 0.5402),
)
"""Segmenters on GZMH, stage 1."""

PUBLISHED: Mapping[Target, tuple[Published, ...]] = {
    "table2": TABLE_2,
    "table3": TABLE_3,
    "table4": TABLE_4,
    "figure6": (),
    "curve": (),
}
"""In the paper's order."""

PUBLISHED_ON: Mapping[Target, str] = {
    "table2": "ICPR 2012",
    "table3": "ICPR 2012",
    "table4": "GZMH",
}
"""The data set that a table's published rates were measured on."""
