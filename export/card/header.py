"""The header of a model card, which the Hugging Face Hub reads."""

from __future__ import annotations

import re

from mitokeras.export.card.facts import CardFacts
from mitokeras.report.numbers import listed_text
from mitokeras.score.scores import STAGE_NAMES

LIBRARIES = {"tflite": "litert", "onnx": "onnx", "savedmodel": "tensorflow"}
"""Format -> `library_name` of the Hub. Its `keras` opens `.keras` files only."""

RATES = {"f1": "F1", "precision": "Precision", "recall": "Recall"}


def header(facts: CardFacts) -> dict[str, object]:
    """The metadata that the Hub reads.

    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    parity, known = facts.parity, facts.record.settings.licence
    other = {"license": "other", "license_name": "see-training-data"}
    tags = ["mitosis", "histopathology", "digital-pathology", "mitokeras", parity.format]
    results = _index(facts)
    return {
        "language": ["en"],
        **(other if known is None else {"license": known.lower()}),
        "library_name": LIBRARIES[parity.format],
        "pipeline_tag": "image-segmentation",
        "tags": tags + [parity.quantize] * (parity.quantize != "none"),
        "metrics": list(RATES),
        **({"model-index": [{"name": facts.title, "results": results}]} if results else {}),
    }


def _index(facts: CardFacts) -> list[dict[str, object]]:
    """The results of the Hub's `model-index`; a rate that is not defined is left out."""
    parity, dataset = facts.parity, facts.dataset
    measured = "" if parity.quantize == "none" else ", before quantisation"
    results: list[dict[str, object]] = []
    for split, scores in reversed(facts.metrics.scored().items()):
        rule = f"protocol {scores.protocol}, {listed_text(scores.match_radius_um)} um"
        metrics = [
            {
                "type": rate,
                "value": round(getattr(own, rate), 4),
                "name": f"{name}, {STAGE_NAMES[stage]} ({rule}{measured})",
            }
            for stage, own in reversed(scores.by_stage().items())
            for rate, name in RATES.items()
            if getattr(own, rate) is not None
        ]
        own_f1 = None if parity.validation is None else parity.validation.artefact_f1
        if split == "validation" and measured and own_f1 is not None:
            name = f"F1, both stages ({rule}, {parity.quantize})"
            metrics.append({"type": "f1", "value": round(own_f1, 4), "name": name})
        if metrics:
            results.append(
                {
                    "task": {"type": "object-detection", "name": "Detection of mitotic figures"},
                    "dataset": {
                        "type": re.sub(r"[^a-z0-9]+", "-", dataset.lower()).strip("-") or "own",
                        "name": f"{dataset}, {split} fields",
                        "split": split,
                    },
                    "metrics": metrics,
                }
            )
    return results
