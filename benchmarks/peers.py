"""A whole field beside other tools for nuclei and mitotic figures, on the same CPU threads.

Both stages of each MODEL, StarDist's 2D network for H&E and KongNet, which won MIDOG 2025, on one
drawn field, in turns. The peers run in Pythons of their own (see `peer_stardist.py` and
`peer_kongnet.py`), as their packages need not agree with these; each is left out without one:

    python3 -m venv peers && peers/bin/pip install stardist tensorflow-cpu tiatoolbox
    python benchmarks/peers.py --stardist peers/bin/python --kongnet peers/bin/python \\
        --out benchmarks/peers.csv

Both peers have random weights, as their trained ones are a download, so that only time is compared.

The side of the field is a multiple of 984 px, which is KongNet's stride: 492 px at 0.5 um/px. So
its patches are used to the full, and its time per mm2 is a slide's; a field of 2084 px would need
9 patches, as many as one of 2952 px.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import click
import numpy as np
from peer_process import PeerProcess
from turns import median_seconds, write_table

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.folder import model_folder
from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector

SPACING_UM_PX = 0.25
STRIDE_PX = 984
PEERS = {
    "stardist": "StarDist 2D, random weights",
    "kongnet": "KongNet (MIDOG 2025), random weights",
}
COLUMNS = (
    "system",
    "versions",
    "threads",
    "field_px",
    "candidates",
    "seconds_per_field",
    "seconds_per_mm2",
    "times_as_long_as_the_first",
)


def versions_of(model: str) -> str:
    """The package, the runtime of a TFLite file, and which stage 1 it was, by its SHA-256."""
    segmenter = read_spec(model_folder(model)).models["segmenter"]
    words = [f"mitokeras {version('mitokeras')}", f"{segmenter.file} {segmenter.sha256[:8]}"]
    if segmenter.file.endswith(".tflite"):
        words.insert(1, f"ai-edge-litert {version('ai-edge-litert')}")
    return "; ".join(words)


@click.command()
@click.argument("models", nargs=-1)
@click.option("--stardist", metavar="PYTHON", help="That has StarDist and TensorFlow.")
@click.option("--kongnet", metavar="PYTHON", help="That has tiatoolbox.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--field-px", default=4 * STRIDE_PX, show_default=True, help="Side of the field.")
@click.option("--threads", default=2, show_default=True)
@click.option("--repeats", default=3, show_default=True)
def main(
    models: tuple[str, ...],
    stardist: str | None,
    kongnet: str | None,
    out: Path,
    field_px: int,
    threads: int,
    repeats: int,
) -> None:
    """Measure MODELS, names or folders (default: edge), and the peers that have a Python."""
    if field_px % STRIDE_PX:
        raise click.BadParameter(f"must be a multiple of {STRIDE_PX}", param_hint="--field-px")
    models = models or ("edge",)
    pythons = {"stardist": stardist, "kongnet": kongnet}
    image = draw_field(field_px, field_px, seed=0, case=0).image
    versions = {model: versions_of(model) for model in models}
    finds: dict[str, Callable[[], int]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        field = Path(folder) / "field.npy"
        np.save(field, image)
        for model in models:
            detector = Detector.load(model, threads)
            finds[model] = lambda detector=detector: len(detector.find(image, SPACING_UM_PX))
        for peer, system in PEERS.items():
            if python := pythons[peer]:
                finds[system] = stack.enter_context(PeerProcess(python, peer, field, threads))
                versions[system] = finds[system].versions
        candidates: dict[str, int] = {}
        tasks = {
            name: lambda name=name, find=find: candidates.update({name: find()})
            for name, find in finds.items()
        }
        seconds = median_seconds(tasks, repeats)
    first = next(iter(seconds.values()))
    area_mm2 = (field_px * SPACING_UM_PX / 1000) ** 2
    rows = [
        (name, versions[name], threads, field_px, candidates[name], f"{took:.2f}",
         f"{took / area_mm2:.2f}", f"{took / first:.2f}")
        for name, took in seconds.items()
    ]  # fmt: skip
    write_table(out, COLUMNS, rows)


if __name__ == "__main__":
    main()
