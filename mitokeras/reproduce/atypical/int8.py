"""A trained stage 3 as int8 TFLite, and what that says about the same figures."""

from __future__ import annotations

from mitokeras.disk.files import atomic_path, write_json
from mitokeras.errors import one_line
from mitokeras.export.tflite.calibration import figure_crops
from mitokeras.export.tflite.check import check
from mitokeras.export.tflite.convert import convert
from mitokeras.export.trained.frozen import frozen
from mitokeras.reproduce.atypical.results import Int8Figures
from mitokeras.reproduce.atypical.training import SetFields, judge_others
from mitokeras.reproduce.atypical.workspace import INT8_FILE, Workspace
from mitokeras.runners.keras import load_model
from mitokeras.runners.litert import LitertRunner, open_network

NETWORK_FILE = "subtyper-int8.tflite"


def judge_in_int8(workspace: Workspace, sets: SetFields, trained: str, seed: int) -> Int8Figures:
    """Convert the network of a training, calibrated on its set, and write `int8.json`.

    A network that does not convert has the reason there.
    """
    run = workspace.run(trained, seed)
    crop_px = run.settings.config.classifier.crop_px
    try:
        crops = figure_crops(sets[trained], seed, crop_px)
        network = frozen(load_model(run.subtyper_file))
        content = convert(network, "int8", list(crops))
        check(content, "subtyper", NETWORK_FILE)
    except Exception as error:  # what the converter raises has no base
        reason = f"{type(error).__name__}: {one_line(error)}"[:300]
        result = Int8Figures(size_bytes=0, tested={}, failure=reason)
    else:
        with atomic_path(run.root / NETWORK_FILE) as partial:
            partial.write_bytes(content)
        runner = LitertRunner(open_network(content, "subtyper", NETWORK_FILE))
        tested = judge_others(sets, trained, runner, crop_px)
        result = Int8Figures(size_bytes=len(content), tested=tested, failure="")
    write_json(run.root / INT8_FILE, result.to_json(), indent=None)
    return result
