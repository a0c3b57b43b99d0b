"""Reading one input: True for a valid result, False for a `MitokerasError`, raise for a finding."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from mitokeras.counting.kept import PREDICTION_FILE, Request
from mitokeras.data.inspect import inspect_dataset
from mitokeras.data.inspection_text import format_inspection
from mitokeras.data.loading import decode_image, decode_mask
from mitokeras.data.readers import read_labels
from mitokeras.detect.spec import DETECTOR_FILE, read_spec
from mitokeras.errors import MitokerasError, one_line
from mitokeras.predict.folder import OutputFolder
from mitokeras.run.config import Config, read_config
from mitokeras.slides import Slide
from mitokeras.slides.opening import open_slide
from mitokeras.verdicts.journal import Journal
from mitokeras.verdicts.standing import standing_of
from mitokeras.watch.state import State
from tests.fuzz import seeds

OVERVIEW_PX = 2**24
"""The whole of a larger slide is not read, which would take minutes and tell nothing new."""


class Folder:
    """A folder whose content is that of the last input only.

    Args:
        path: It is emptied.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self, files: seeds.Files) -> Path:
        shutil.rmtree(self.path, ignore_errors=True)
        for name, content in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_bytes(content)
        return self.path


def judged(read: Callable[[], object]) -> bool:
    try:
        read()
    except MitokerasError as error:
        line = one_line(error)
        if not line or "\n" in line:
            raise AssertionError(f"not one line: {line!r}") from error
        return False
    return True


def detector(folder: Folder, data: bytes) -> bool:
    files = {model["file"]: seeds.NETWORK for model in seeds.MODELS.values()}
    path = folder.fill({DETECTOR_FILE: data, **files})

    def read() -> None:
        spec = read_spec(path)
        for model in spec.models.values():
            assert (path / model.file).resolve().parent == path.resolve()
        assert 0 <= spec.segmenter_threshold <= 1 and spec.tile_px > 2 * spec.halo_px
        normalizer = spec.normalizer()
        assert normalizer is None or np.isfinite(normalizer.max_concentrations).all()

    return judged(read)


def config(folder: Folder, data: bytes) -> bool:
    path = folder.fill({"c.json": data}) / "c.json"
    return judged(lambda: read_config(path, Config()))


def review_line(folder: Folder, data: bytes) -> bool:
    """Lines after the first of a journal."""
    head = seeds.REVIEW_HEAD.model_dump_json().encode()
    path = folder.fill({"review.anna.jsonl": head + b"\n" + data + b"\n"}) / "review.anna.jsonl"

    def read() -> None:
        events = Journal(path, seeds.REVIEW_HEAD).events()
        standing_of(events, "ab")
        assert Journal(path, seeds.REVIEW_HEAD).append(lambda _: []) == events

    return judged(read)


def watch_state(folder: Folder, data: bytes) -> bool:
    path = folder.fill({"watch.json": data})
    return judged(lambda: State(path / "watch.json", path / "state.lock").read())


def kept_prediction(folder: Folder, data: bytes) -> bool:
    path = folder.fill({f"out/{PREDICTION_FILE}": data}) / "out"
    request = Request(**seeds.REQUEST)
    return judged(lambda: OutputFolder(path).prediction(request))


def dataset(layout: str, damaged: str, folder: Folder, data: bytes) -> bool:
    """A data set with one damaged file, read and inspected."""
    files, _ = seeds.datasets()[layout]
    root = folder.fill({**files, damaged: data})

    def read() -> None:
        found = read_labels(root, layout)
        for field in found.fields:
            assert field.image.is_relative_to(root) and ".." not in field.image.parts
        format_inspection(inspect_dataset(found))

    judged(lambda: read_labels(root))
    return judged(read)


def picture(folder: Folder, data: bytes) -> bool:
    path = folder.fill({"a.png": data}) / "a.png"
    judged(lambda: decode_mask(path, (30, 40)))
    judged(lambda: _look(path, 0.25))
    return judged(lambda: decode_image(path))


def slide(name: str, folder: Folder, data: bytes) -> bool:
    path = folder.fill({name: data}) / name
    opened = judged(lambda: _look(path, None))
    return judged(lambda: _look(path, 0.25)) or opened


def _look(path: Path, spacing_um_px: float | None) -> None:
    with closing(open_slide(path, spacing_um_px)) as found:
        width, height = min(found.width, 50), min(found.height, 40)
        _window(found, 0, 0, width, height)
        _window(found, found.width - width, found.height - height, width, height)
        if found.width * found.height <= OVERVIEW_PX:
            shape = found.overview(8).shape
            assert shape == (-(-found.height // 8), -(-found.width // 8), 3)


def _window(found: Slide, x: int, y: int, width: int, height: int) -> None:
    window = found.read(x, y, width, height)
    assert (window.shape, window.dtype) == ((height, width, 3), np.uint8)


Target = Callable[[Folder, bytes], bool]


def all_targets() -> dict[str, tuple[Target, list[bytes]]]:
    """Each target with its seeds."""
    found: dict[str, tuple[Target, list[bytes]]] = {
        "detector": (detector, [seeds.detector_json()]),
        "config": (config, [seeds.config_json()]),
        "watch_state": (watch_state, [seeds.watch_json()]),
        "review_line": (review_line, seeds.review_lines()),
        "kept_prediction": (kept_prediction, [seeds.prediction_json()]),
        "picture": (picture, list(seeds.pictures().values())),
    }
    for layout, (files, damaged) in seeds.datasets().items():
        for name in damaged:
            found[f"{layout}/{name}"] = (_dataset(layout, name), [files[name]])
    for name, data in seeds.slides().items():
        found[f"slide/{name}"] = (_slide(name), [data])
    return found


def _dataset(layout: str, name: str) -> Target:
    return lambda folder, data: dataset(layout, name, folder, data)


def _slide(name: str) -> Target:
    return lambda folder, data: slide(name, folder, data)
