"""The data sets of a run, read as one list of fields."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from mitokeras.data.fields import DataSet, Field, Window
from mitokeras.data.overlaps import overlaps_among
from mitokeras.data.readers import read_dataset
from mitokeras.data.sharing import joined
from mitokeras.data.synthetic.writer import write_synthetic
from mitokeras.data.views import views_of
from mitokeras.disk.files import sha256_of
from mitokeras.errors import ConfigError
from mitokeras.run.data_config import SourceConfig
from mitokeras.run.folder import RunFolder

SYNTHETIC = "synthetic"
"""Name of the drawn fields among the data sets."""

logger = logging.getLogger(__name__)


def read_mixture(run: RunFolder) -> tuple[list[Field], tuple[str, ...]]:
    """Read all data sets of a run, drawn fields among them.

    In a mixture a case belongs to its data set, and of images that are the same byte by byte the
    first is kept, as copies would come to both sides of a split. Fields that show the same tissue
    are `joined`.

    Returns:
        The fields, and what reading them had to say.

    Raises:
        DataError: A data set breaks a rule.
        ConfigError: `data.sources` names other data sets than those that are given, or two have
            the same name.
    """
    settings = run.settings
    sources = settings.config.data.sources
    folders = {Path(folder).name: Path(folder) for folder in settings.data}
    if len(folders) < len(settings.data):
        raise ConfigError(
            "the folders of the data sets must have different names. "
            f"Received: {', '.join(settings.data)}"
        )
    if SYNTHETIC in folders and (sources or len(folders) > 1):
        raise ConfigError(
            f"{folders[SYNTHETIC]}: in a mixture a data set must not be named {SYNTHETIC}, which "
            "are the drawn fields; rename the folder"
        )
    if not folders or SYNTHETIC in sources:
        folders[SYNTHETIC] = _draw(run)
    _check_names(folders, sources)
    datasets = {
        name: read_dataset(folder)
        if folder == run.synthetic_folder
        else read_dataset(folder, settings.layout, settings.spacing_um_px)
        for name, folder in folders.items()
    }
    if len(datasets) == 1 and not sources:
        ((name, dataset),) = datasets.items()
        fields, notes = list(dataset.fields), dataset.notes
        if name == SYNTHETIC:
            return fields, notes
    else:
        fields, notes = _mixed(datasets, sources)
    return _joined(fields, notes)


def _joined(fields: list[Field], notes: tuple[str, ...]) -> tuple[list[Field], tuple[str, ...]]:
    """Fields with what they show of each other; drawn ones show nothing of any other."""
    real = [index for index, field in enumerate(fields) if field.source != SYNTHETIC]
    own = [fields[index] for index in real]
    logger.info("looking for tissue that several of %d fields show", len(own))
    views = views_of(own)
    found, more = joined(own, overlaps_among(views))
    for index, field, view in zip(real, found, views, strict=True):
        fields[index] = replace(field, imprint=view.imprint)
    return fields, (*notes, *more)


def _check_names(folders: Mapping[str, Path], sources: Mapping[str, SourceConfig]) -> None:
    if sources and set(sources) != set(folders):
        raise ConfigError(
            f"data.sources must name the data sets {', '.join(sorted(folders))}. "
            f"Received: {', '.join(sorted(sources))}"
        )


def _mixed(
    datasets: Mapping[str, DataSet], sources: Mapping[str, SourceConfig]
) -> tuple[list[Field], tuple[str, ...]]:
    fields, notes = [], []
    seen: set[tuple[str, Window | None]] = set()
    for name, dataset in datasets.items():
        source = sources.get(name, SourceConfig())
        own = [
            replace(
                f,
                case=f"{name}/{f.case}",
                source=name,
                complete=f.complete
                and source.complete
                and not any(fnmatchcase(f.case, pattern) for pattern in source.incomplete_cases),
            )
            for f in dataset.fields
        ]
        kept = _without_copies(own, seen)
        fields += kept
        notes += [f"{name}: {note}" for note in dataset.notes]
        if len(kept) < len(own):
            notes.append(
                f"{name}: {len(own) - len(kept)} of {len(own)} images are copies of others and "
                "are left out"
            )
    return fields, tuple(notes)


def _without_copies(fields: Sequence[Field], seen: set[tuple[str, Window | None]]) -> list[Field]:
    kept = []
    file_sha256 = cache(sha256_of)  # many fields may be of one slide
    for field in fields:
        key = file_sha256(field.image), field.window
        if key not in seen:
            seen.add(key)
            kept.append(field)
    return kept


def _draw(run: RunFolder) -> Path:
    folder = run.synthetic_folder
    if not folder.is_dir():
        for left in run.root.glob(f".{folder.name}-*"):  # by a kill while drawing
            shutil.rmtree(left)
        synthetic = run.settings.config.synthetic
        logger.info("drawing %d synthetic fields", synthetic.fields)
        write_synthetic(
            folder,
            synthetic.fields,
            seed=run.settings.config.seed,
            field_px=synthetic.field_px,
            cases=synthetic.cases,
        )
    return folder
