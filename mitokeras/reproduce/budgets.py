"""How much training a row gets."""

from __future__ import annotations

from collections.abc import Mapping

from mitokeras.run.config import Config
from mitokeras.run.presets import PAPER

FULL = PAPER
"""As the paper trains: classifiers start from ImageNet, segmenters at random."""

SMOKE = FULL.updated(
    {
        "segmenter": {
            "width": 8,
            "patch_px": 96,
            "schedule": {
                "batch": 8,
                "steps_per_epoch": 30,
                "epochs": 2,
                "learning_rate": 4e-3,
                "weight_decay": 1e-2,
                "decay": "cosine",
            },
        },
        "classifier": {
            "weights": "none",
            "input_px": 64,
            "schedule": {
                "batch": 16,
                "steps_per_epoch": 10,
                "epochs": 2,
                "learning_rate": 1e-3,
                "weight_decay": 1e-2,
                "decay": "cosine",
            },
        },
        "detection": {"tile_px": 288, "halo_px": 16},
    }
)
"""Sees that every row runs from its data to its table: segmenters of width 8, 60 steps of 8
patches of 96 px; classifiers from random weights, 20 steps of 16 crops of 64 px. What it scores
means nothing."""

BUDGETS: Mapping[str, Config] = {"full": FULL, "smoke": SMOKE}
