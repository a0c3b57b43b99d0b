"""In which order candidates are shown."""

from __future__ import annotations

import numpy as np

from mitokeras.counting.prediction import Prediction

BAND_MM = 0.5
"""Height of the bands that a slide is gone through in, about a high-power field."""

_SURE = 1e-4  # a score nearer to 0 or 1 has no odds that mean anything


def by_worth(prediction: Prediction) -> list[int]:
    """Numbers of the candidates, those first where a look is worth most.

    That is where stage 2 is nearest to its threshold, by the odds: from 0.98 to 0.99 they double,
    as they do from 0.33 to 0.5.
    """
    scores = [one.classifier_score for one in prediction.detections]
    away = np.abs(_log_odds(scores) - _log_odds([prediction.model.classifier_threshold]))
    return (np.argsort(away, kind="stable") + 1).tolist()


def by_score(prediction: Prediction) -> list[int]:
    """Numbers of the candidates, accepted ones first, from the highest score down."""
    detections = prediction.detections
    numbers = range(1, len(detections) + 1)
    return sorted(
        numbers,
        key=lambda n: (not detections[n - 1].accepted, -detections[n - 1].classifier_score, n),
    )


def by_atypical_score(prediction: Prediction) -> list[int]:
    """Numbers of the candidates, the most atypical by stage 3 first, then as `by_score`."""
    scores = [one.atypical_score for one in prediction.detections]

    def key(number: int) -> float:
        score = scores[number - 1]
        return 1.0 if score is None else -score

    return sorted(by_score(prediction), key=key)


def by_place(prediction: Prediction) -> list[int]:
    """Numbers of the candidates as one goes through a slide: to the right, and back below."""
    band_px = BAND_MM * 1000 / prediction.image.pixel_um[1]

    def place(number: int) -> tuple[int, float]:
        one = prediction.detections[number - 1]
        band = int(one.y // band_px)
        return band, -one.x if band % 2 else one.x

    return sorted(range(1, len(prediction.detections) + 1), key=place)


def _log_odds(scores: list[float]) -> np.ndarray:
    inside = np.clip(np.array(scores, np.float64), _SURE, 1 - _SURE)
    return np.asarray(np.log(inside / (1 - inside)))
