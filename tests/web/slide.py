"""A slide for the end-to-end tests of the page, and what Python finds on it.

python -m tests.web.slide PATH
"""

import json
import sys
from pathlib import Path

import numpy as np

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detector import Detector
from tests.slides import write_aperio

SIDE_PX = 1200


def main(path: Path) -> None:
    """Write the slide, and its candidates as JSON beside it."""
    image = draw_field(SIDE_PX, SIDE_PX, seed=8, case=8).image.copy()
    image[:, SIDE_PX - 150 :] = np.array((243, 242, 244), np.uint8)
    write_aperio(path, image)
    found = Detector.load("edge").predict_slide(path)
    candidates = [one.model_dump(include={"x", "y", "accepted"}) for one in found.detections]
    Path(f"{path}.json").write_text(json.dumps(candidates))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
