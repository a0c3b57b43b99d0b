"""The first step of a run: the data set becomes a store with splits."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mitokeras.candidates import Candidates
from mitokeras.config import Config
from mitokeras.data.fields import DataSet, Split
from mitokeras.data.readers import read_dataset
from mitokeras.data.splits import SplitItem, split_fields
from mitokeras.data.stain import DEFAULT_NORMALIZER, MacenkoNormalizer
from mitokeras.data.store import Store, write_store
from mitokeras.data.synthetic import write_synthetic
from mitokeras.evaluation import ScoredField
from mitokeras.fit.run import RunFolder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunData:
    """The fields of a run by their use.

    Attributes:
        splits: Of each field of the store.
        notes: One line each on what was missing, assumed or passed over.
    """

    splits: tuple[Split, ...]
    notes: tuple[str, ...]

    def of(self, split: Split) -> list[int]:
        """Indices of the fields of a split."""
        return [index for index, own in enumerate(self.splits) if own == split]


def prepare_store(run: RunFolder) -> tuple[str, ...]:
    """Write the run's store, or see that the one there is still that of the data set.

    Returns:
        What reading the data set had to say.

    Raises:
        DataError: The data set breaks a rule, or has changed since the store was written.
    """
    settings = run.settings
    if settings.data is not None:
        dataset = read_dataset(Path(settings.data), settings.layout, settings.spacing_um_px)
    else:
        dataset = _synthetic(run)
    if run.store_file.is_file():
        with Store(run.store_file) as store:
            store.check_source(dataset.fields)
        return dataset.notes
    data = settings.config.data
    _check_splittable(dataset, settings.config)
    logger.info("storing %d fields of layout %s", len(dataset.fields), dataset.layout)
    write_store(dataset.fields, run.store_file, data.spacing_um_px, normalizer_for(settings.config))
    return dataset.notes


def split_store(store: Store, config: Config, notes: Sequence[str]) -> RunData:
    """Give each field of the store its split.

    Raises:
        DataError: See `split_fields`.
    """
    items = [SplitItem(f.case, len(f.figures), f.prescribed) for f in store.fields]
    splits, split_notes = split_fields(items, config.data, config.seed)
    data = RunData(tuple(splits), (*notes, *split_notes))
    for note in data.notes:
        logger.warning("%s", note)
    return data


def normalizer_for(config: Config) -> MacenkoNormalizer | None:
    return DEFAULT_NORMALIZER if config.data.stain == "macenko" else None


def truth_of(store: Store, index: int, candidates: Candidates | None = None) -> ScoredField:
    """A field of the store for scoring."""
    field = store.fields[index]
    return ScoredField(
        name=field.name,
        case=field.case,
        spacing_um_px=store.spacing_um_px,
        area_mm2=store.area_mm2(index),
        truths=field.figures,
        candidates=Candidates.none() if candidates is None else candidates,
    )


def _synthetic(run: RunFolder) -> DataSet:
    config = run.settings.config
    if not run.synthetic_folder.is_dir():
        for left in run.root.glob(f".{run.synthetic_folder.name}-*"):  # by a kill while drawing
            shutil.rmtree(left)
        synthetic = config.synthetic
        logger.info("drawing %d synthetic fields", synthetic.fields)
        write_synthetic(
            run.synthetic_folder,
            synthetic.fields,
            seed=config.seed,
            field_px=synthetic.field_px,
            cases=synthetic.cases,
        )
    return read_dataset(run.synthetic_folder)


def _check_splittable(dataset: DataSet, config: Config) -> None:
    """See before hours of copying that the cases can be split, as far as is known without masks."""
    items = [SplitItem(f.case, 1 if f.mask else len(f.figures), f.split) for f in dataset.fields]
    if any(item.figures for item in items):
        split_fields(items, config.data, config.seed)
