"""The annotations of all slides in a folder of predictions, a file a slide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from unicodedata import normalize

from mitokeras.annotations.formats import FORMATS, Format, Subject
from mitokeras.counting.kept import OUTDATED, OUTDATED_FILE, read_kept
from mitokeras.counting.prediction import Prediction
from mitokeras.disk.files import atomic_path
from mitokeras.disk.locks import sole_writer
from mitokeras.errors import ConfigError, DataError, MitokerasError, one_line
from mitokeras.review.corrected import Corrected
from mitokeras.review.server.desk import Desk
from mitokeras.verdicts.finding import Found, slide_source
from mitokeras.verdicts.reviewer import journal_path, reviewers_of

_HEAD_BYTES = 4096
"""In which a file of ours has its mark."""


class Outcome(NamedTuple):
    """What became of one slide.

    Attributes:
        name: Of the slide in the folder of predictions, with slashes.
        path: The file that was written; None where it failed.
        error: Why, in one line.
    """

    name: str
    path: Path | None
    error: str = ""


def write_annotations(
    folder: Path,
    out: Path,
    form: str,
    reviewer: str = "",
    slides: Path | None = None,
    atypical_class: bool = False,
) -> Iterator[Outcome]:
    """Write a file a slide. Where one fails, its file of before is as it was.

    Args:
        folder: What `predict` or `watch` wrote, of one slide or many.
        out: Folder of the files, in which they lie as the predictions do in `folder`.
        form: Name in `FORMATS`.
        reviewer: Whose corrected figures are written, of the slides that have a review by that
            name; empty for what the model found.
        slides: Where the slides lie, see `slide_source`; not looked for where neither the format
            nor a review needs them.
        atypical_class: Give figures that the model calls atypical a class of their own.

    Raises:
        DataError: There is no prediction, or no review by that name.
        ConfigError: Two slides would have one file.
        MissingExtraError: Packages that the format needs are not installed.
    """
    kind = FORMATS[form]
    kind.check()
    source, folders = slide_source(folder, slides)
    if reviewer:
        folders = _reviewed(folder, folders, reviewer)
    predicted = {source.name_of(each): each for each in folders}
    paths = _paths(predicted, out, kind)
    with sole_writer(out):
        for name, path in paths.items():
            try:
                needs_slide = bool(reviewer) or kind.needs_slide
                found = source.find(predicted[name]) if needs_slide else None
                subject = _subject(predicted[name], found, reviewer)
                _write(path, kind, subject._replace(atypical_class=atypical_class))
            except (MitokerasError, OSError) as error:
                yield Outcome(name, None, one_line(error, path))
            else:
                yield Outcome(name, path)
        if kind.beside is not None and out.is_dir():
            beside, content = kind.beside(out)
            with atomic_path(out / beside) as partial:
                partial.write_bytes(content)


def _reviewed(folder: Path, folders: Sequence[Path], reviewer: str) -> list[Path]:
    """Those that have a review by that name."""
    found = [each for each in folders if journal_path(each, reviewer).is_file()]
    if not found:
        others = sorted({name for each in folders for name in reviewers_of(each)})
        raise DataError(
            f"{folder}: no slide has a review by {reviewer}. There are reviews by "
            f"{', '.join(others) or 'nobody'}"
        )
    return found


def _paths(names: Iterable[str], out: Path, kind: Format) -> dict[str, Path]:
    """The file of each slide."""
    paths = {}
    of_path: dict[str, str] = {}
    for name in names:
        slide = PurePosixPath(name)
        file = slide.with_name(kind.file_name(slide.name))
        other = of_path.setdefault(normalize("NFC", str(file)).casefold(), name)
        if other != name:
            raise ConfigError(
                f"{out / file}: each slide must have a file of its own, so one of these has to be "
                f"written to another --out. Received: {other} and {name}"
            )
        paths[name] = out / file
    return paths


def _subject(folder: Path, found: Found | None, reviewer: str) -> Subject:
    if (folder / OUTDATED_FILE).is_file():
        raise DataError(f"{folder}: {OUTDATED}")
    if found is None:
        return Subject(read_kept(folder).prediction, None)
    if found.slide is None:
        raise DataError(found.trouble)
    said: Prediction | Corrected = found.slide.prediction
    if reviewer:
        desk = Desk(found.name, found.slide, reviewer)
        try:
            said = desk.corrected()
        finally:
            desk.close()
    return Subject(said, found.slide.path)


def _write(path: Path, kind: Format, subject: Subject) -> None:
    """Write the file in place of one that was written before.

    Raises:
        DataError: It cannot be written in this format, or another file lies there.
        OSError: The folder cannot be written.
    """
    slide = subject.slide
    if kind.needs_slide and slide is not None and path.parent.resolve() == slide.parent.resolve():
        raise DataError(f"{path}: --out must not be the slide's folder, all of which is the slide")
    content = kind.write(subject)
    if path.exists() and not (path.is_file() and kind.mark in _head(path)):
        raise DataError(
            f"{path}: must be a file that was written here and not saved by another program since; "
            "it is left as it is. Move it away, or choose another --out"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as partial:
        partial.write_bytes(content)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
