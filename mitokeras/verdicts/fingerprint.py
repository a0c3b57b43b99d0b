"""What a verdict is tied to, so that another prediction does not take it unasked."""

from __future__ import annotations

import hashlib
import json

from mitokeras.counting.prediction import Prediction


def fingerprint(prediction: Prediction) -> str:
    """SHA-256 of what was found where, by which model, on which image.

    The counts are not in it: another diameter of the high-power field leaves the candidates as
    they are. Nor are the folders of the slide's name, which hang on the input that was given.
    """
    facts = prediction.model_dump(mode="json", include={"image", "model", "detections"})
    facts["image"]["name"] = prediction.image.file_name
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
