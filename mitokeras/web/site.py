"""The site: the page, and a model for it. Any static server can serve it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from mitokeras import __version__
from mitokeras.detect.curve import RESULT_FILE, read_curve
from mitokeras.detect.folder import is_shipped, model_folder
from mitokeras.detect.spec import DETECTOR_FILE, DetectorSpec, ModelFile, read_spec
from mitokeras.disk.files import atomic_folder
from mitokeras.errors import ConfigError, ModelError
from mitokeras.text import printable
from mitokeras.web.card_page import card_page
from mitokeras.web.fixed_batch import with_fixed_batch
from mitokeras.web.page_files import page_files

CARD_FILE = "MODEL_CARD.md"
SITE_FILE = "site.json"
"""What the page is told of itself: version, name of the model, and its files beside the page's."""

PICTURES = (".png", ".jpg", ".jpeg")
"""Suffixes of what a card shows."""


def site_files(model: str | Path) -> dict[str, bytes]:
    """The files of a site, by their names in it.

    Args:
        model: A TFLite bundle, or the name of a shipped model. The site's networks take one image
            at a time; its `detector.json` states their hashes, and is the bundle's otherwise.

    Raises:
        ModelError: It is no TFLite bundle, is damaged, or wants a stain normalisation, which the
            page does not know.
        ConfigError: This copy of mitokeras has no page.
    """
    page = page_files()
    folder = model_folder(model)
    spec = read_spec(folder)
    _check(folder, spec)
    name = printable(folder.resolve().name)
    files = _card(folder, name)
    models = {}
    for role in spec.sides:
        file = spec.models[role].file
        files[file] = with_fixed_batch((folder / file).read_bytes(), role, str(folder / file))
        models[role] = ModelFile(file=file, sha256=sha256(files[file]).hexdigest())
    files[DETECTOR_FILE] = _json(spec.changed(models=models).to_json())
    if read_curve(folder, spec) is not None:
        files[RESULT_FILE] = (folder / RESULT_FILE).read_bytes()
    files[SITE_FILE] = _json({"mitokeras": __version__, "model": name, "files": sorted(files)})
    return page | files


def write_site(model: str | Path, out: Path) -> dict[str, bytes]:
    """Write a site into a new or empty folder, all of it or nothing.

    Returns:
        Its files.

    Raises:
        ConfigError: `out` is in use; or as `site_files`, as does ModelError.
    """
    check_out(out)
    files = site_files(model)
    with atomic_folder(out.resolve()) as folder:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return files


def check_out(out: Path) -> None:
    """Raises ConfigError unless a site can be written there."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out}: --out must be a new or empty folder")


def is_tflite_bundle(model: str | Path) -> bool:
    """Whether a model is one, a damaged one as well; a run or another bundle is none."""
    if not is_shipped(model) and not (Path(model) / DETECTOR_FILE).is_file():
        return False
    return _is_tflite(read_spec(model_folder(model)))


def _is_tflite(spec: DetectorSpec) -> bool:
    return all(spec.models[role].file.endswith(".tflite") for role in spec.sides)


def _check(folder: Path, spec: DetectorSpec) -> None:
    if not _is_tflite(spec):
        names = [spec.models[role].file for role in spec.sides]
        raise ModelError(
            f"{folder}: a browser runs TFLite networks. Received: {', '.join(names)}; "
            "mitokeras export --format web takes a run as well"
        )
    if spec.stain["policy"] != "none":
        raise ModelError(
            f"{folder}: the page does not normalise stains, so the model's policy must be none. "
            f"Received: {spec.stain['policy']}"
        )


def _card(folder: Path, name: str) -> dict[str, bytes]:
    path = folder / CARD_FILE
    if not path.is_file():
        return {}
    pictures = [each for each in sorted(folder.rglob("*")) if each.suffix.lower() in PICTURES]
    return {
        CARD_FILE: path.read_bytes(),
        "card.html": card_page(path.read_text("utf-8"), name),
        **{each.relative_to(folder).as_posix(): each.read_bytes() for each in pictures},
    }


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False) + "\n").encode("utf-8")
