"""What a run or bundle says of itself, as text for a terminal."""

from __future__ import annotations

import textwrap
from pathlib import Path

from mitokeras.counting.atypical import Subtyping
from mitokeras.detect.spec import DetectorSpec, read_spec
from mitokeras.errors import ModelError
from mitokeras.report.markdown_text import markdown_text
from mitokeras.report.score_table import format_report, gain_text
from mitokeras.score.scores import read_metrics
from mitokeras.text import printable, printable_lines

CARD_FILE = "MODEL_CARD.md"
METRICS_FILE = "metrics.json"
RUN_FILE = "run.json"

LONGEST_CARD = 1_000_000
"""In bytes; a longer one comes from something else."""


def model_text(folder: Path, width: int) -> str:
    """The model card or, of a run, the scores; then the facts of `detector.json`.

    Args:
        folder: A run or bundle.
        width: Width of the terminal in characters.

    Raises:
        ModelError: See `read_spec`; or the card, the scores or the record cannot be read.
    """
    spec = read_spec(folder)
    parts = [_card(folder / CARD_FILE, width)] if (folder / CARD_FILE).is_file() else []
    if not parts and (folder / METRICS_FILE).is_file():
        parts.append(_scores(folder / METRICS_FILE))
    return "\n".join([*parts, _facts(folder, spec, width)])


def networks_bytes(folder: Path, spec: DetectorSpec) -> int:
    """Size of all networks; a SavedModel has them in one file."""
    return sum((folder / name).stat().st_size for name in {m.file for m in spec.models.values()})


def _card(path: Path, width: int) -> str:
    with path.open("rb") as file:
        content = file.read(LONGEST_CARD + 1)
    if len(content) > LONGEST_CARD:
        raise ModelError(f"{path}: must have at most {LONGEST_CARD} bytes. Received: more")
    try:
        return markdown_text(content.decode("utf-8"), width)
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: must be text in UTF-8: {error}") from error


def _scores(path: Path) -> str:
    metrics = read_metrics(path)
    texts = [
        f"Scores on {split}\n{printable_lines(format_report(scores))}\n"
        for split, scores in metrics.scored().items()
    ]
    if metrics.gain:
        texts.append(f"Against its start\n{printable_lines(gain_text(metrics.gain))}.\n")
    return "\n".join(texts) if texts else "Not scored.\n"


def _facts(folder: Path, spec: DetectorSpec, width: int) -> str:
    stain = str(spec.stain["policy"])
    rows = [
        ("folder", str(folder)),
        ("spacing", f"{spec.spacing_um_px:g} um/px"),
        ("tile", f"{spec.tile_px} px, of which {spec.halo_px} px on each side are context"),
        *([("fields", "by averaged windows of a tile's size")] if spec.tiling == "windows" else []),
        ("crop", f"{spec.crop_px} px"),
        ("stain", "as it is" if stain == "none" else f"{stain} normalisation"),
        ("stage 1", f"pixels above {spec.segmenter_threshold:g}, more than {spec.min_area_px}"),
        ("stage 2", f"accepted from {spec.classifier_threshold:g}"),
        *([("stage 3", _stage_3(spec.subtyping))] if spec.subtyping else []),
        ("thresholds", f"chosen {spec.thresholds_chosen}"),
        ("protocol", spec.protocol),
        ("training data", f"SHA-256 {spec.data_sha256}"),
    ]
    if (folder / RUN_FILE).is_file():
        from mitokeras.run.record import read_record  # imports NumPy, which a bundle needs not

        start = read_record(folder).settings.start
        rows += [("started from", str(start))] if start else []
    for role, model in spec.models.items():
        size = (folder / model.file).stat().st_size
        rows.append((role, f"{model.file}, {size:,} bytes, SHA-256 {model.sha256}"))
    return "\n".join(["Facts of detector.json", *(fact_line(*row, width) for row in rows)])


def _stage_3(subtyping: Subtyping) -> str:
    """From where on a figure is called atypical, and how often rightly."""
    sensitivity, specificity = subtyping.sensitivity, subtyping.specificity
    if sensitivity is None or specificity is None:
        measured = "how often rightly was not measured"
    else:
        measured = f"sensitivity {sensitivity:.3f}, specificity {specificity:.3f}, as measured"
    return f"atypical from {subtyping.threshold:g}, chosen {subtyping.chosen}; {measured}"


def fact_line(name: str, value: str, width: int) -> str:
    """A name, and beside it a value that may take several lines."""
    return textwrap.fill(
        printable(value), width, initial_indent=f"  {name:15}", subsequent_indent=" " * 17,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
