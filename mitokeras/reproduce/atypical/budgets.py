"""How much training stage 3 gets."""

from __future__ import annotations

from collections.abc import Mapping

from mitokeras.run.config import Config
from mitokeras.run.presets import EDGE

FULL = EDGE.updated(
    {
        "augment": {
            "scale": [0.75, 1.35],
            "blur_px": 1.5,
            "stain": 0.15,
            "stain_exchange": 0.6,
            "light": 0.15,
            "noise": 3,
            "jpeg": 50,
        },
        "subtyper": {
            "schedule": {"batch": 32, "steps_per_epoch": 100, "epochs": 8, "learning_rate": 1e-3}
        },
    }
)
"""The `edge` preset's stage 3 for 800 steps, under the random changes of the model that ships."""

SMOKE = FULL.updated(
    {
        "subtyper": {
            "model": "edge",
            "weights": "none",
            "input_px": 64,
            "flips": False,
            "schedule": {"batch": 16, "steps_per_epoch": 20, "epochs": 1},
        }
    }
)
"""Sees that all runs, from data to table, in 20 steps of a small network; what it scores means
nothing."""

BUDGETS: Mapping[str, Config] = {"full": FULL, "smoke": SMOKE}
