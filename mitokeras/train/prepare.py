"""The first step of a run: the data set becomes a store with splits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mitokeras.data.fields import SPLITS, Field, Split
from mitokeras.data.marked_lookalikes import notes_on_marked
from mitokeras.data.masks import notes_on_soft
from mitokeras.data.stain import DEFAULT_NORMALIZER, MacenkoNormalizer
from mitokeras.data.store import Store, write_store
from mitokeras.data.stored_field import StoredField
from mitokeras.data.views import View
from mitokeras.detect.learned import Learned
from mitokeras.errors import DataError
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.score.scored_field import scored_figures
from mitokeras.train.mixture import SYNTHETIC, read_mixture
from mitokeras.train.splits import SplitItem, fine_tuning_splits, split_fields

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class RunData:
    """The fields of a run by their use.

    Attributes:
        store: All fields.
        splits: Split of each field of the store.
        notes: One line each on what was missing, assumed or passed over.
        learned: Indices of the fields of cases of which the start of a fine-tuning has learned.
        left_out: Indices of the fields that are not used at all.
    """

    store: Store
    splits: tuple[Split, ...]
    notes: tuple[str, ...]
    learned: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()

    def of(self, split: Split) -> list[StoredField]:
        """The fields of a split."""
        return [
            field
            for field, own in zip(self.store.fields, self.splits, strict=True)
            if own == split and field.index not in self.left_out
        ]

    def complete(self, split: Split) -> list[StoredField]:
        """Those fields of a split in which every mitotic figure is labelled."""
        return [field for field in self.of(split) if field.complete]


def prepare_store(
    run: RunFolder, check: Callable[[Sequence[Field]], None] = lambda fields: None
) -> tuple[str, ...]:
    """Write the run's store, or see that the one there is still that of the data sets.

    Args:
        run: Its data sets, and where the store is to be.
        check: Looks at the fields before hours of copying.

    Returns:
        What reading the data sets had to say.

    Raises:
        DataError: A data set breaks a rule, or has changed since the store was written.
        ConfigError: `data.sources` names other data sets than those that are given.
    """
    fields, notes = read_mixture(run)
    if run.store_file.is_file():
        with Store(run.store_file) as store:
            store.check_source(fields)
        return notes
    check(fields)
    config = run.settings.config
    logger.info("storing %d fields of %s", len(fields), run.dataset)
    write_store(fields, run.store_file, config.data.spacing_um_px, normalizer_for(config))
    return notes


def split_store(store: Store, config: Config, notes: Sequence[str]) -> RunData:
    """Give each field of the store its split.

    Raises:
        DataError: See `split_fields`; or a split has no completely labelled field, or validation
            or test no mitotic figure that is scored.
    """
    items = [SplitItem(f.case, len(f.figures), f.prescribed, f.tissue) for f in store.fields]
    splits, split_notes = _split([f.source for f in store.fields], items, config)
    data = RunData(store, tuple(splits), (*notes, *_notes_on_labels(store), *split_notes))
    for split in SPLITS:
        if not data.complete(split):
            raise DataError(
                f"the {split} fields must have one of a data set whose mitotic figures are all "
                "labelled (data.sources, complete). Received: none"
            )
    for split in SPLITS[1:]:
        _check_scored(data, split)
    return data


def split_store_to_tune(
    store: Store, config: Config, notes: Sequence[str], learned: Learned
) -> RunData:
    """Give each field of the store its split in a fine-tuning; see `fine_tuning_splits`.

    Args:
        store: All fields.
        config: Configuration of the run.
        notes: What reading the data sets had to say.
        learned: What the start has learned from.

    Raises:
        DataError: See `fine_tuning_splits`; or no training field has a mitotic figure, or
            validation, where there is one, none that is scored.
    """
    cases = {field.case for field in store.fields if _is_learned(field, learned)}
    again = frozenset(field.index for field in store.fields if field.case in cases)
    items = [
        SplitItem(f.case, len(f.figures), f.prescribed, f.tissue, f.index in again)
        for f in store.fields
    ]
    more = (
        f"the start has learned from tissue of the cases of {len(again)} fields: these only train"
    )
    data = RunData(
        store,
        tuple(fine_tuning_splits(items, config.data)),
        (*notes, *_notes_on_labels(store), *([more] if again else ())),
        again,
    )
    if not sum(len(field.figures) for field in data.of("train")):
        raise DataError("the training fields must have a mitotic figure. Received: none")
    if data.complete("validation"):
        _check_scored(data, "validation")
    return data


def _check_scored(data: RunData, split: Split) -> None:
    if not scored_figures(data.complete(split)):
        raise DataError(
            f"the {split} fields must have a mitotic figure that is scored, in a completely "
            f"labelled field or region; data.{split}_cases names others. Received: none"
        )


def _is_learned(field: StoredField, learned: Learned) -> bool:
    return learned.has_file(field.image_sha256) or learned.has_tissue(
        View.at(field.image(), field.spacing_um_px).keypoints
    )


def _notes_on_labels(store: Store) -> tuple[str, ...]:
    return (*notes_on_soft(store.soft_masks), *notes_on_marked(store.marked_lookalikes))


def _split(
    sources: Sequence[str], items: Sequence[SplitItem], config: Config
) -> tuple[list[Split], list[str]]:
    """Split each data set of a mixture by itself, so that each has a part in every split.

    Drawn fields among others only train: a score on them says nothing about tissue.
    """
    splits: list[Split] = ["train"] * len(items)
    notes: list[str] = []
    names = dict.fromkeys(sources)
    split_of: dict[str, Split] = {}
    for name in names:
        if name == SYNTHETIC and len(names) > 1:
            continue
        own = [index for index, source in enumerate(sources) if source == name]
        others = tuple(f"{source}/" for source in set(sources) - {name})
        part = config.data.changed(
            **{
                key: tuple(c for c in getattr(config.data, key) if not c.startswith(others))
                for key in ("test_cases", "validation_cases")
            }
        )
        try:
            own_splits, own_notes = split_fields([items[i] for i in own], part, config.seed)
        except DataError as error:
            raise DataError(f"{name}: {error}" if name else str(error)) from error
        # A case of two data sets, whose fields show the same tissue, stays on one side.
        for index, split in zip(own, own_splits, strict=True):
            splits[index] = split_of.get(items[index].case, split)
        split_of |= {items[index].case: splits[index] for index in own}
        notes += [f"{name}: {note}" if name else note for note in own_notes]
    return splits, notes


def normalizer_for(config: Config) -> MacenkoNormalizer | None:
    """What each field is normalised by, or None."""
    return DEFAULT_NORMALIZER if config.data.stain == "macenko" else None


def splittable(config: Config) -> Callable[[Sequence[Field]], None]:
    """A check of `prepare_store`: that the cases can be split, as far as is known without masks."""

    def check(fields: Sequence[Field]) -> None:
        items = [
            SplitItem(f.case, 1 if f.mask else len(f.figures), f.split, f.tissue) for f in fields
        ]
        if any(item.figures for item in items):
            _split([field.source for field in fields], items, config)

    return check
