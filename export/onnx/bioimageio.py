"""The description of an ONNX bundle for bioimage.io."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from mitokeras.detect.spec import DETECTOR_FILE, DetectorSpec
from mitokeras.disk.files import atomic_path
from mitokeras.export.onnx.write import OPSET

RDF_FILE = "rdf.yaml"
TEST_INPUT_FILE = "test_input.npy"
TEST_OUTPUT_FILE = "test_output.npy"
SAMPLE_INPUT_FILE = "sample_input.png"
SAMPLE_OUTPUT_FILE = "sample_output.png"
LEAST_PROBABILITY = 1e-4
"""That the test output of a bioimage.io description must reach somewhere."""

_FORMAT_VERSION = "0.5.4"  # the oldest with tolerances; newer readers take it

_PAPER = {
    "text": "Wang et al., A Novel Dataset and a Deep Learning Method for Mitosis Nuclei "
    "Segmentation and Classification (SCMitosis), 2022",
    "doi": "10.48550/arXiv.2212.13401",
}

_TAGS = [
    "mitosis",
    "histopathology",
    "h-and-e",
    "nuclei",
    "2d",
    "transmission-light-microscopy",
    "semantic-segmentation",
    "tensorflow",
]


def write_bioimageio(
    folder: Path,
    spec: DetectorSpec,
    tile: np.ndarray,
    probability: np.ndarray,
    *,
    name: str,
    license_id: str | None,
) -> None:
    """Write the bioimage.io description of an ONNX bundle's segmenter, its tensors and samples.

    Args:
        folder: The bundle, with its model files, detector.json and MODEL_CARD.md.
        spec: Content of its detector.json.
        tile: Input of the segmenter, uint8, shape (1, tile, tile, 3). It is published with the
            bundle, so it should be a drawn one, not a patient's; with a mitotic figure, because
            the format wants a probability of at least 1e-4 somewhere.
        probability: What the ONNX file answers to it, float32, shape (1, tile, tile, 1).
        name: What tells this model from others; characters that the format forbids are replaced.
        license_id: SPDX id of the licence of the weights, or None where it is to be stated.

    Source: https://github.com/bioimage-io/spec-bioimage-io, model description 0.5.
    """
    np.save(folder / TEST_INPUT_FILE, tile)
    np.save(folder / TEST_OUTPUT_FILE, probability)
    grey = np.round(255 * probability[0, ..., 0]).astype(np.uint8)
    Image.fromarray(tile[0]).save(folder / SAMPLE_INPUT_FILE)
    Image.fromarray(grey).save(folder / SAMPLE_OUTPUT_FILE)
    description = _description(spec, name, license_id, float(probability.max()))
    with atomic_path(folder / RDF_FILE) as partial:
        text = yaml.safe_dump(description, sort_keys=False, allow_unicode=True)
        partial.write_text(text, encoding="utf-8")


def _description(
    spec: DetectorSpec, name: str, license_id: str | None, highest: float
) -> dict[str, object]:
    """Content of `rdf.yaml`; `highest` is the highest probability of the test output."""
    segmenter, *others = (spec.models[role] for role in spec.sides)
    tolerance = {
        "output_ids": ["probability"],
        "relative_tolerance": 0.001,
        # The format allows no more than 1 % of the highest value.
        "absolute_tolerance": min(0.001, 0.01 * highest),
        "mismatched_elements_per_million": 100,
    }
    return {
        "format_version": _FORMAT_VERSION,
        "type": "model",
        "name": re.sub(r"[^A-Za-z0-9_+() -]", "-", f"mitokeras segmenter {name}")[:64].strip(),
        "description": _summary(spec),
        "authors": [{"name": "the mitokeras authors"}],
        "cite": [_PAPER],
        **({"license": license_id} if license_id else {}),
        "tags": _TAGS,
        "documentation": {"source": "MODEL_CARD.md"},
        "attachments": [
            *({"source": model.file, "sha256": model.sha256} for model in others),
            {"source": DETECTOR_FILE},
        ],
        "inputs": [_input(spec)],
        "outputs": [_output(spec)],
        "weights": {
            "onnx": {
                "source": segmenter.file,
                "sha256": segmenter.sha256,
                "opset_version": OPSET,
            }
        },
        "config": {"bioimageio": {"reproducibility_tolerance": [tolerance]}},
    }


def _summary(spec: DetectorSpec) -> str:
    stain = spec.stain["policy"]
    then = "" if spec.subtyping is None else ", the subtyper (attached) tells atypical figures"
    first = "" if stain == "none" else f" after {stain} stain normalisation (detector.json)"
    return (
        "Stage 1 of a detector of mitotic figures in H&E histology after SCMitosis: the "
        f"probability of each pixel to lie in a mitotic figure. Takes RGB 0 to 255 at "
        f"{spec.spacing_um_px:g} um per pixel{first}. It marks too much by design: the "
        f"classifier (attached) rejects the false candidates{then}. Research software, not a "
        "medical device."
    )


def _input(spec: DetectorSpec) -> dict[str, object]:
    """The tile. Scaling of the values is inside the graph, so there is no preprocessing."""
    return {
        "id": "image",
        "description": "RGB tile of H&E histology",
        "axes": [
            {"type": "batch"},
            *(
                {"type": "space", "id": axis, "size": spec.tile_px, **_pixel(spec)}
                for axis in ("y", "x")
            ),
            {"type": "channel", "channel_names": ["red", "green", "blue"]},
        ],
        "data": {"type": "uint8", "range": list(spec.value_range)},
        "test_tensor": {"source": TEST_INPUT_FILE},
        "sample_tensor": {"source": SAMPLE_INPUT_FILE},
    }


def _output(spec: DetectorSpec) -> dict[str, object]:
    # A halo of 0 has no spelling in the format: it is left out.
    halo = {"halo": spec.halo_px} if spec.halo_px else {}
    return {
        "id": "probability",
        "description": "Probability of each pixel to lie in a mitotic figure",
        "axes": [
            {"type": "batch"},
            *(
                {
                    "type": "space",
                    "id": axis,
                    "size": {"tensor_id": "image", "axis_id": axis},
                    **halo,
                    **_pixel(spec),
                }
                for axis in ("y", "x")
            ),
            {"type": "channel", "channel_names": ["mitosis"]},
        ],
        "data": {"type": "float32", "range": [0.0, 1.0]},
        "test_tensor": {"source": TEST_OUTPUT_FILE},
        "sample_tensor": {"source": SAMPLE_OUTPUT_FILE},
    }


def _pixel(spec: DetectorSpec) -> dict[str, object]:
    return {"unit": "micrometer", "scale": spec.spacing_um_px}
