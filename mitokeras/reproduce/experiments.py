"""Which rows the paper's tables and figure 6 have, and what each is trained as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["segmenter", "classifier"]
Target = Literal["table2", "table3", "table4", "figure6", "curve"]


@dataclass(frozen=True)
class Row:
    """A model to train and score.

    Attributes:
        name: Name as the paper writes it.
        kind: A segmenter is scored on its own; a classifier on the candidates that SCMitosis's
            segmenter gives.
        model: Name for `build_segmenter` or `build_classifier`.
        share: Share of the training cases that it learns from.
    """

    name: str
    kind: Kind
    model: str
    share: float = 1.0

    @property
    def base(self) -> Row:
        """The segmenter whose candidates a classifier is trained and scored on."""
        return replace(BASE, share=self.share)


@dataclass(frozen=True)
class Experiment:
    """A table or figure of the paper.

    Attributes:
        title: What it compares.
        rows: Rows to train, in the paper's order.
        reference: Name of the row that the others are compared with.
    """

    title: str
    rows: tuple[Row, ...]
    reference: str

    @property
    def kind(self) -> Kind:
        return self.rows[0].kind


BASE = Row("SCMitosis", "segmenter", "paper")
CHOSEN = "resnet34"
"""The classifier that the paper chooses."""

SHARES = (0.25, 0.5, 1.0)

EXPERIMENTS: Mapping[Target, Experiment] = {
    "table2": Experiment(
        "Table 2: parts of the segmenter, stage 1",
        (
            Row("DSC+CBAM", "segmenter", "dsc_cbam"),
            Row("DSC+CBAM+GRU", "segmenter", "dsc_cbam_gru"),
            Row("CBAM+DSCRB", "segmenter", "cbam_dscrb"),
            Row("CBAM+GRU+DSCRB", "segmenter", "cbam_gru_dscrb"),
            Row("DSCRB+CSAG", "segmenter", "paper"),
        ),
        reference="DSCRB+CSAG",
    ),
    "table3": Experiment(
        "Table 3: detectors, both stages",
        (Row("SCMitosis", "classifier", CHOSEN),),
        reference="SCMitosis",
    ),
    "table4": Experiment(
        "Table 4: segmenters, stage 1",
        (
            Row("U-Net", "segmenter", "unet"),
            Row("SegNet", "segmenter", "segnet"),
            Row("R2U-Net", "segmenter", "r2unet"),
            Row("LinkNet34", "segmenter", "linknet34"),
            Row("DeepLabV3+", "segmenter", "deeplabv3plus"),
            BASE,
        ),
        reference="SCMitosis",
    ),
    "figure6": Experiment(
        "Figure 6: classifiers of stage 2 on the same candidates, both stages",
        (
            Row("ResNet18", "classifier", "resnet18"),
            Row("ResNet34", "classifier", "resnet34"),
            Row("ResNet50", "classifier", "resnet50"),
            Row("MobileNetV3-Large", "classifier", "mobilenetv3_large"),
            Row("DenseNet201", "classifier", "densenet201"),
        ),
        reference="ResNet34",
    ),
    "curve": Experiment(
        "Learning curve: SCMitosis on shares of the training cases, both stages",
        tuple(
            Row(f"{100 * share:g} % of the cases", "classifier", CHOSEN, share) for share in SHARES
        ),
        reference="100 % of the cases",
    ),
}
