"""The segmenter's loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from mitokeras.data.fields import OUTSIDE, UNLABELLED


@keras.saving.register_keras_serializable(package="mitokeras")
class CrossentropyTversky(keras.losses.Loss):
    """Binary cross-entropy plus Tversky loss, over all pixels of the batch.

    `w BCE + (1 - w) (1 - TP / (TP + a FP + b FN))` with soft counts TP, FP and FN summed over the
    whole batch: on a single patch without a mitotic figure the overlap is constant and its
    gradient zero. `b > a` punishes missed pixels harder, which is what keeps recall high.

    The overlap is written out because `keras.losses.Tversky` (3.15) weighs what it calls false
    positives with the false negatives' coefficient and the other way round.

    Where the mask is `UNLABELLED` a pixel is background of a lower weight, where it is `OUTSIDE`
    it counts nothing.

    Args:
        crossentropy_weight: w, in [0, 1].
        false_positive_weight: a.
        false_negative_weight: b.
        unlabelled_weight: Weight of an unlabelled pixel, in [0, 1).

    Example:
        >>> mask = keras.ops.convert_to_tensor([[[[1.0], [0.0]]]])
        >>> loss = CrossentropyTversky()
        >>> float(loss(mask, mask)) < 1e-6 < float(loss(mask, 1 - mask))
        True

    Source: SCMitosis (arXiv 2212.13401), eq. (9); Salehi et al. 2017 (arXiv 1706.05721).
    """

    def __init__(
        self,
        crossentropy_weight: float = 0.3,
        false_positive_weight: float = 0.3,
        false_negative_weight: float = 0.7,
        unlabelled_weight: float = 0.0,
        name: str = "crossentropy_tversky",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.crossentropy_weight = crossentropy_weight
        self.false_positive_weight = false_positive_weight
        self.false_negative_weight = false_negative_weight
        self.unlabelled_weight = unlabelled_weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_pred = ops.cast(y_pred, "float32")
        mask = ops.cast(y_true, "float32")
        weight = ops.where(mask == UNLABELLED, self.unlabelled_weight, 1.0)
        weight = ops.where(mask == OUTSIDE, 0.0, weight)
        y_true = ops.where(mask == 1, 1.0, 0.0)
        crossentropy = ops.sum(weight * ops.binary_crossentropy(y_true, y_pred))
        crossentropy = crossentropy / (ops.sum(weight) + keras.config.epsilon())
        true_positives = ops.sum(y_true * y_pred)
        false_positives = ops.sum(weight * (1 - y_true) * y_pred)
        false_negatives = ops.sum(y_true * (1 - y_pred))
        overlap = true_positives / (
            true_positives
            + self.false_positive_weight * false_positives
            + self.false_negative_weight * false_negatives
            + keras.config.epsilon()
        )
        return self.crossentropy_weight * crossentropy + (1 - self.crossentropy_weight) * (
            1 - overlap
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "crossentropy_weight": self.crossentropy_weight,
            "false_positive_weight": self.false_positive_weight,
            "false_negative_weight": self.false_negative_weight,
            "unlabelled_weight": self.unlabelled_weight,
        }
