"""The segmenters that SCMitosis is compared with, one file per paper."""

from __future__ import annotations

from collections.abc import Mapping

from mitokeras.models.baselines import (
    attention_unet,
    cbam_unet,
    deeplabv3plus,
    linknet34,
    r2unet,
    segnet,
    u2net,
    unet,
    unet3plus,
    unet_plus_plus,
)
from mitokeras.models.baselines.baseline import Baseline

BASELINES: Mapping[str, Baseline] = {
    "unet": unet.BASELINE,
    "segnet": segnet.BASELINE,
    "r2unet": r2unet.BASELINE,
    "linknet34": linknet34.BASELINE,
    "deeplabv3plus": deeplabv3plus.BASELINE,
    "unet_plus_plus": unet_plus_plus.BASELINE,
    "unet3plus": unet3plus.BASELINE,
    "attention_unet": attention_unet.BASELINE,
    "cbam_unet": cbam_unet.BASELINE,
    "u2net": u2net.BASELINE,
}
