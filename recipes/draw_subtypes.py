"""Pictures of what stage 3 gets right and wrong, for the model card.

    python recipes/draw_subtypes.py WORK

WORK is a folder of `add_subtyper.py` or `mitokeras crossvalidate`: each figure is shown to a stage
3 that has not seen its case. All are of MIDOG++ (CC0); mistakes are those of which it is most sure,
what is right is drawn at random.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from draw_pictures import CROP_PX, FAILURES, MOST, draw_sheet

from mitokeras.counting.atypical import SUBTYPES
from mitokeras.crossvalidation.workspace import Workspace
from mitokeras.detect.candidates import classifier_scores, cut_crops
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.score.subtypes import JudgedFigures, score_subtype_folds
from mitokeras.train.subtyping import judge_by_source

SOURCE = "midogpp_patches"


def main(root: Path) -> None:
    workspace = Workspace.open(root)
    crop_px = workspace.settings.run.config.classifier.crop_px
    shown: list[tuple[bool, float, np.ndarray]] = []
    with workspace.store() as store:
        networks = [KerasRunner(load_model(run.subtyper_file)) for run in workspace.folds]
        tests = [workspace.data(store, run).of("test") for run in workspace.folds]
        judged = [
            judge_by_source(fields, network, crop_px)
            for fields, network in zip(tests, networks, strict=True)
        ]
        chosen = score_subtype_folds(judged).of_folds
        for fields, network, subtyping in zip(tests, networks, chosen, strict=True):
            for field in fields:
                known = np.isin(field.subtypes, SUBTYPES)
                if field.source != SOURCE or not known.any():
                    continue
                image, xy = field.image(), field.figures[known]
                score = classifier_scores(image, xy, network, crop_px)
                of_field = JudgedFigures.of_known(field.subtypes[known], score, field.case)
                moved = of_field.at(subtyping.threshold).score.tolist()
                crops = cut_crops(image, xy, CROP_PX)
                shown += zip(of_field.atypical.tolist(), moved, crops, strict=True)
    order = np.random.default_rng(0).permutation(len(shown))
    drawn = [shown[i] for i in order]
    right = [crop for atypical, score, crop in drawn if atypical and score >= 0.5]
    missed = sorted((score, i) for i, (a, score, _) in enumerate(drawn) if a and score < 0.5)
    false = sorted((-score, i) for i, (a, score, _) in enumerate(drawn) if not a and score >= 0.5)
    draw_sheet(right, FAILURES / "atypical_found.jpg")
    draw_sheet([drawn[i][2] for _, i in missed[:MOST]], FAILURES / "atypical_missed.jpg")
    draw_sheet([drawn[i][2] for _, i in false[:MOST]], FAILURES / "normal_called_atypical.jpg")
    print(f"{len(right)} found, {len(missed)} missed, {len(false)} normal called atypical")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
