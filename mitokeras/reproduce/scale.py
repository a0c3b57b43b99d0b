"""By how much a workspace's trainings are smaller than the full budget, in a table."""

from __future__ import annotations

from mitokeras.report.numbers import about_text
from mitokeras.reproduce.budgets import FULL
from mitokeras.run.config import Config

NETWORKS_OWN = 64
"""Width of the first level in the presets of the paper's tables, which None stands for."""

TITLES = ["Setting", "This run", "Full budget", "Share"]


def scale_grid(config: Config) -> list[list[str]]:
    """Titles, then one line a setting: its value here, in the full budget, and their ratio."""
    here, full = _numbers(config), _numbers(FULL)
    return [
        TITLES,
        *([name, f"{here[name]:,}", f"{full[name]:,}", _share(here[name], full[name])]
          for name in full),
    ]  # fmt: skip


def _numbers(config: Config) -> dict[str, int]:
    segmenter, classifier = config.segmenter, config.classifier
    patches, crops = segmenter.schedule, classifier.schedule
    steps = {"segmenter": patches.steps_per_epoch * patches.epochs,
             "classifier": crops.steps_per_epoch * crops.epochs}  # fmt: skip
    return {
        "Segmenters' width, first level": segmenter.width or NETWORKS_OWN,
        "Segmenters' patch, px": segmenter.patch_px,
        "Segmenters' steps, at most": steps["segmenter"],
        "Segmenters' patches seen, at most": steps["segmenter"] * patches.batch,
        "Classifiers' input, px": classifier.input_px,
        "Classifiers' steps, at most": steps["classifier"],
        "Classifiers' crops seen, at most": steps["classifier"] * crops.batch,
    }


def _share(here: int, full: int) -> str:
    if here == full:
        return "the same"
    if here > full:
        return f"{here / full:.3g} times"
    return f"1/{about_text(full / here)}"
