"""U-Net++ (Zhou et al. 2018, arXiv 1807.10165)."""

from __future__ import annotations

from keras import layers

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.baselines.unet import LEVELS, conv_level, encoder, up_conv
from mitokeras.models.packing import Tensor


def _body(image: Tensor, width: int) -> Tensor:
    """The nested skips of eq. (1).

    Node (i, j) of level i reads all nodes before it in its level, and node (i + 1, j - 1), which
    comes up from the level below.
    """
    nodes = [[x] for x in encoder(image, width, conv_level)]
    for column in range(1, LEVELS):
        for level in range(LEVELS - column):
            name = f"node_{level}_{column}"
            filters = width * 2**level
            up = up_conv(nodes[level + 1][-1], filters, f"{name}_up")
            x = layers.Concatenate(name=f"{name}_concat")([*nodes[level], up])
            nodes[level].append(conv_level(x, filters, name))
    return nodes[0][-1]


BASELINE = Baseline(
    description=(
        "U-Net++ (Zhou et al. 2018, arXiv 1807.10165) with one output, that of node (0, 4): no "
        "deep supervision. Published are the paper's 9.04 M, as the authors' code counts them "
        "on gray images"
    ),
    parameters=9_042_177,
    macs=119_151_788_032,
    published_parameters=9_041_601,
    body=_body,
    width=32,
)
