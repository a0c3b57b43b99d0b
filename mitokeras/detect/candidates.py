"""From a probability map to candidates, and from a candidate to the classifier's crop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

Classifier = Callable[[np.ndarray], np.ndarray]
"""RGB crops, uint8 (n, crop, crop, 3) -> probabilities, float32 (n,)."""

CROPS_A_CALL = 64  # bounds the memory on a field full of candidates


@dataclass(frozen=True, eq=False)
class Candidates:
    """The candidates of one field, one row each in every array.

    Attributes:
        xy: Centroids (x, y) in pixels of the field, float64, shape (n, 2).
        area_px: Pixels above the threshold, int64, shape (n,).
        segmenter_score: Highest probability inside, float32, shape (n,).
        classifier_score: Probability of mitotic figure by the second stage, float32, shape (n,);
            NaN where the second stage has not run.
        accepted: Taken for a mitotic figure, bool, shape (n,); all true before the second stage.
        atypical_score: Probability of an atypical mitotic figure by the third stage, float32,
            shape (n,); NaN where it has not run, which it does on accepted ones alone.
    """

    xy: np.ndarray
    area_px: np.ndarray
    segmenter_score: np.ndarray
    classifier_score: np.ndarray
    accepted: np.ndarray
    atypical_score: np.ndarray

    @classmethod
    def none(cls) -> Candidates:
        return cls(
            xy=np.zeros((0, 2)),
            area_px=np.zeros(0, dtype=np.int64),
            segmenter_score=np.zeros(0, dtype=np.float32),
            classifier_score=np.zeros(0, dtype=np.float32),
            accepted=np.zeros(0, dtype=bool),
            atypical_score=np.zeros(0, dtype=np.float32),
        )

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        """All of one or more sets, in order."""
        return cls(
            **{
                each.name: np.concatenate([getattr(part, each.name) for part in parts])
                for each in fields(cls)
            }
        )

    def __len__(self) -> int:
        return len(self.xy)

    def only(self, which: np.ndarray) -> Candidates:
        """Those of a mask, bool, shape (n,)."""
        return replace(
            self, **{each.name: getattr(self, each.name)[which] for each in fields(self)}
        )

    def judged(self, classifier_score: np.ndarray, threshold: float) -> Candidates:
        """With the second stage's scores; those at or above the threshold are accepted."""
        return replace(
            self, classifier_score=classifier_score, accepted=classifier_score >= threshold
        )

    def subtyped(self, atypical_score: np.ndarray) -> Candidates:
        """With the third stage's scores of the accepted ones, in their order."""
        scores = np.full(len(self), np.nan, dtype=np.float32)
        scores[self.accepted] = atypical_score
        return replace(self, atypical_score=scores)

    def scaled(self, factor: float) -> Candidates:
        """The same candidates on a grid whose pixels are `1 / factor` as large.

        Pixel centres are at whole coordinates, so half a pixel is shifted before scaling.
        """
        return replace(
            self,
            xy=(self.xy + 0.5) * factor - 0.5,
            area_px=np.rint(self.area_px * factor**2).astype(np.int64),
        )


def find_candidates(probability: np.ndarray, threshold: float, min_area_px: int) -> Candidates:
    """Connected regions above the threshold.

    Args:
        probability: Map of the field, float32, shape (height, width).
        threshold: A pixel belongs to a region when its probability is greater.
        min_area_px: A region is kept when its area is greater (the paper: 100).

    Returns:
        The regions (8-connected), by the row of their topmost pixel, then by the column of the
        leftmost of those.
    """
    foreground = probability > threshold
    count, labels, stats, centroids = cv2.connectedComponentsWithStats(
        foreground.view(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    own = labels[foreground]
    peak = np.zeros(count, dtype=np.float32)
    np.maximum.at(peak, own, probability[foreground])
    # OpenCV scans blocks of 2 x 2 pixels, so its own order is not by rows.
    first = np.zeros(count, dtype=np.int64)
    first[own[::-1]] = np.arange(len(own))[::-1]  # of several writes the last one stays
    area = stats[:, cv2.CC_STAT_AREA].astype(np.int64)
    kept = np.flatnonzero(area[1:] > min_area_px) + 1  # label 0 is the background
    kept = kept[np.argsort(first[kept])]
    return Candidates(
        xy=centroids[kept].astype(np.float64).reshape(-1, 2),
        area_px=area[kept],
        segmenter_score=peak[kept],
        classifier_score=np.full(len(kept), np.nan, dtype=np.float32),
        accepted=np.ones(len(kept), dtype=bool),
        atypical_score=np.full(len(kept), np.nan, dtype=np.float32),
    )


def crop_corners(xy: np.ndarray, crop_px: int) -> np.ndarray:
    """Top left (y, x) of the square about each centre (x, y), int64, shape (n, 2).

    It is `crop_px / 2` up and left of the pixel that the centre lies in.
    """
    return np.floor(xy[:, ::-1] + 0.5).astype(np.int64) - crop_px // 2


def cut_crops(image: np.ndarray, xy: np.ndarray, crop_px: int) -> np.ndarray:
    """Cut a square about each centre; outside the field the image is mirrored.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        xy: Centres, shape (n, 2).
        crop_px: Edge of the square, even; where it starts, `crop_corners` says.

    Returns:
        uint8, shape (n, crop_px, crop_px, 3).
    """
    crops = np.empty((len(xy), crop_px, crop_px, 3), dtype=np.uint8)
    half = crop_px // 2
    rows, columns = (np.pad(np.arange(length), half, "reflect") for length in image.shape[:2])
    for crop, (y, x) in zip(crops, crop_corners(xy, crop_px) + half, strict=True):
        crop[:] = image[rows[y : y + crop_px, None], columns[x : x + crop_px]]
    return crops


def classifier_scores(
    image: np.ndarray, xy: np.ndarray, classifier: Classifier, crop_px: int
) -> np.ndarray:
    """What a network of stage 2 or 3 says about the crop at each centre, float32, shape (n,)."""
    scores = [np.zeros(0, dtype=np.float32)]
    for start in range(0, len(xy), CROPS_A_CALL):
        scores.append(classifier(cut_crops(image, xy[start : start + CROPS_A_CALL], crop_px)))
    return np.concatenate(scores)
