"""The stages of a run, trained one after the other."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import islice

import keras

from mitokeras.data.protocols import get_protocol
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec, ModelFile, Thresholds, read_spec
from mitokeras.models.losses import CrossentropyTversky
from mitokeras.models.saving import save_model
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.train.batches.feed import Sampler, numpy_batches
from mitokeras.train.batches.samplers import as_detected, classifier_sampler, segmenter_sampler
from mitokeras.train.devices import distribution, fastest_precision
from mitokeras.train.epochs import StageTraining, Validate
from mitokeras.train.field_maps import Unseen
from mitokeras.train.mining import Mined, mine
from mitokeras.train.networks import crop_network, patch_network, segmenter_network
from mitokeras.train.prepare import RunData, normalizer_for
from mitokeras.train.splits import parts
from mitokeras.train.start import from_start
from mitokeras.train.statistics import estimate_statistics
from mitokeras.train.validation import (
    NO_VALIDATION,
    classifier_validation,
    segmenter_validation,
)

STATISTICS_BATCHES = 60

MINING_TRAINING = 0.5
"""Share of a stage's epochs that a network which judges what it has not seen is trained for."""

logger = logging.getLogger(__name__)


class Training:
    """The steps of a run; what an earlier, killed call has finished is read and not done again.

    Args:
        run: Where everything is kept.
        data: The fields that the networks learn from.
    """

    def __init__(self, run: RunFolder, data: RunData) -> None:
        self.run = run
        self.data = data
        self.config = run.settings.config
        self.protocol = get_protocol(self.config.detection.protocol)
        self._strategy = distribution()

    def segmenter(self) -> keras.Model:
        """Train stage 1.

        Returns:
            The best weights in a network of `detection.tile_px`, float32.
        """
        config = self.config
        if self.run.segmenter_file.is_file():
            return load_model(self.run.segmenter_file)
        tile_model = segmenter_network(config, config.detection.tile_px)
        best = self._train_segmenter(
            self.stage("segmenter"),
            self.data.of("train"),
            segmenter_validation(self.data.complete("validation"), config, tile_model),
        )
        tile_model.set_weights(best.get_weights())
        save_model(tile_model, self.run.segmenter_file)
        return tile_model

    def mine(self, segmenter: keras.Model, unseen: Sequence[Unseen] = ()) -> Mined:
        """Find stage 1's threshold and its candidates, the training material of stage 2.

        Args:
            segmenter: This run's stage 1.
            unseen: Networks of other runs that have not seen some of this run's fields; without
                any, `classifier.mining_folds` are trained here.
        """
        file = self.run.checkpoints / "candidates.npz"
        if not unseen and not file.is_file():
            unseen = self.unseen
        threshold = None
        if self.run.settings.start is not None and not self.data.complete("validation"):
            threshold = read_spec(self.run.start_folder).segmenter_threshold
        return mine(segmenter, self.data, self.config, file, unseen, threshold)

    @cached_property
    def unseen(self) -> list[Unseen]:
        """Stage 1 without each part of the training fields, trained when it is first asked for."""
        config = self.config
        train = [f for f in self.data.of("train") if f.index not in self.data.learned]
        always = [f for f in self.data.of("train") if f.index in self.data.learned]
        result = []
        folds = config.classifier.mining_folds
        held_out_parts = parts(train, folds)
        left = len(train) - sum(map(len, held_out_parts))
        if folds and left:
            logger.info("%d training fields are mined by a stage 1 that has seen them", left)
        for number, held_out in enumerate(held_out_parts, start=1):
            own = [*always, *(field for field in train if field.index not in held_out)]
            logger.info("stage 1 for mining, %d fields left out", len(held_out))
            model = segmenter_network(config, config.detection.tile_px)
            stage = self.mining_stage("segmenter", number)
            best = self._train_segmenter(stage, own, lambda _: dict(NO_VALIDATION))
            model.set_weights(best.get_weights())
            result.append(Unseen(model, held_out))
        return result

    def _train_segmenter(
        self, stage: StageTraining, fields: Sequence[StoredField], validate: Validate
    ) -> keras.Model:
        config = self.config
        return self.train(
            stage,
            lambda: from_start(
                self.run, "segmenter", segmenter_network(config, config.segmenter.patch_px)
            ),
            CrossentropyTversky(unlabelled_weight=config.segmenter.unlabelled_weight),
            segmenter_sampler(fields, config),
            segmenter_sampler(fields, as_detected(config)),
            validate,
        )

    def classifier(self, mined: Mined) -> keras.Model:
        """Train stage 2: each member of an ensemble by itself, but for a fine-tuning of it.

        Args:
            mined: Candidates of this run, or of another on the same fields.

        Returns:
            The best weights in a network that takes the crops as they are cut, float32.
        """
        if self.run.classifier_file.is_file():
            return load_model(self.run.classifier_file)
        validation = [(self.data.store.fields[i], found) for i, found in mined.validation.items()]
        weights = []
        for stage, config in self._classifiers():
            best = self.train_classifier(
                stage,
                self.data.of("train"),
                mined,
                classifier_validation(validation, config),
                config,
            )
            weights += best.get_weights()
        crop_model = crop_network(self.config.classifier, self.config.classifier.crop_px)
        crop_model.set_weights(weights)
        save_model(crop_model, self.run.classifier_file)
        return crop_model

    def _classifiers(self) -> list[tuple[StageTraining, Config]]:
        """The networks that stage 2 is trained as."""
        members = [self.config] if self.run.settings.start else self.config.members
        return list(zip(self.stages("classifier"), members, strict=True))

    def train_classifier(
        self,
        stage: StageTraining,
        fields: Sequence[StoredField],
        mined: Mined,
        validate: Validate,
        config: Config,
    ) -> keras.Model:
        """Train a stage 2 on some of the training fields.

        Args:
            stage: Its training.
            fields: Those that it learns from.
            mined: Candidates in all of them.
            validate: Scores it after each epoch.
            config: The run's, or that of a member of its ensemble.

        Returns:
            The network for training patches, with the best weights.
        """
        places = mined.places(fields, self.protocol)
        return self.train(
            stage,
            lambda: from_start(self.run, "classifier", patch_network(config.classifier)),
            keras.losses.BinaryCrossentropy(),
            classifier_sampler(fields, places, config),
            classifier_sampler(fields, places, as_detected(config)),
            validate,
        )

    def detector(
        self,
        segmenter: keras.Model,
        classifier: keras.Model,
        thresholds: Thresholds,
        chosen: str = "",
    ) -> FieldDetector:
        """The trained networks at work.

        Args:
            segmenter: Stage 1.
            classifier: Stage 2.
            thresholds: Those of both stages.
            chosen: How they were chosen, in words.
        """
        spec = self._spec(thresholds, chosen)
        return FieldDetector(spec, KerasRunner(segmenter), KerasRunner(classifier))

    def _spec(self, thresholds: Thresholds, chosen: str) -> DetectorSpec:
        config, run = self.config, self.run
        detection = config.detection
        normalizer = normalizer_for(config)
        return DetectorSpec(
            spacing_um_px=self.data.store.spacing_um_px,
            tile_px=detection.tile_px,
            halo_px=detection.halo_px,
            tiling=detection.tiling,
            stain={"policy": config.data.stain, **(normalizer.to_json() if normalizer else {})},
            segmenter_threshold=thresholds.segmenter,
            classifier_threshold=thresholds.classifier,
            thresholds_chosen=chosen,
            min_area_px=detection.min_area_px,
            crop_px=config.classifier.crop_px,
            protocol=detection.protocol,
            data_sha256=self.data.store.data_sha256,
            models={
                "segmenter": ModelFile.of(run.segmenter_file),
                "classifier": ModelFile.of(run.classifier_file),
            },
        )

    def stage(self, name: str) -> StageTraining:
        """The training of a stage by its role, as far as it has come."""
        (stage,) = self.stages(name)
        return stage

    def stages(self, role: str) -> list[StageTraining]:
        """The same of each network of a stage: an ensemble has several."""
        part = getattr(self.config, role)
        names = [role]
        if role == "classifier" and part.ensemble and not self.run.settings.start:
            names = [f"{role}-{number}" for number in range(1, len(part.ensemble) + 1)]
        return [
            StageTraining(name, self.run.checkpoints, part.schedule, self._strategy)
            for name in names
        ]

    def mining_stage(self, role: str, number: int) -> StageTraining:
        """The shorter training of a network that judges one part of the training fields."""
        schedule = getattr(self.config, role).schedule
        short = schedule.changed(epochs=math.ceil(schedule.epochs * MINING_TRAINING))
        name = f"{role}-mining-{number}"
        return StageTraining(name, self.run.checkpoints, short, self._strategy)

    def train(
        self,
        training: StageTraining,
        build: Callable[[], keras.Model],
        loss: keras.losses.Loss,
        sampler: Sampler,
        plain: Sampler,
        validate: Validate,
    ) -> keras.Model:
        """Train a network to the end, or take the one that an earlier call has trained.

        Args:
            training: Its stage.
            build: Gives it with its first weights.
            loss: To minimise.
            sampler: Gives the training samples.
            plain: The same unchanged, for the statistics of batch normalisation.
            validate: Scores it after each epoch.

        Returns:
            The network with the best weights.

        An average of weights gets statistics of its own, of what `plain` gives; a fine-tuning keeps
        those of its start.
        """

        def seeded() -> keras.Model:
            # Here, so that a resumed run starts this stage as an undisturbed one does.
            keras.utils.set_random_seed(self.config.seed)
            return build()

        with fastest_precision():
            training.run(seeded, loss, sampler, validate)
        model = keras.saving.load_model(training.best_file, compile=False, safe_mode=True)
        if training.schedule.ema and self.run.settings.start is None:
            batches = numpy_batches(plain, training.schedule.batch)
            estimate_statistics(model, islice((i for i, _ in batches), STATISTICS_BATCHES))
        return model
