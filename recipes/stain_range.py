"""Measure the range of the stains that a bundle of before has learned from: `learned_stain.json`.

    python recipes/stain_range.py BUNDLE DATA...

Of the fields of the data sets, those that the bundle's `learned_images.json` names. `mitokeras fit`
and `export` measure and write the same of a new run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mitokeras.data.fields import Field
from mitokeras.data.loading import decode_image
from mitokeras.data.readers import read_dataset
from mitokeras.data.stain_range import STAIN_FILE, StainRange, sampled
from mitokeras.detect.learned import read_learned
from mitokeras.disk.files import sha256_of, write_json


def cases_of(fields: list[Field]) -> Iterator[tuple[list[np.ndarray], float]]:
    """Pixels and area of each case."""
    cases: dict[str, list[Field]] = {}
    for field in fields:
        cases.setdefault(field.case, []).append(field)
    for own in cases.values():
        images = [(decode_image(field.image), field.spacing_um_px) for field in own]
        mm2 = sum(image[..., 0].size * spacing**2 / 1e6 for image, spacing in images)
        yield [sampled(image) for image, _ in images], mm2


def main(bundle: Path, data: list[Path]) -> None:
    learned = read_learned(bundle)
    found, seen = [], set()
    for folder in data:
        fields = []
        for field in read_dataset(folder).fields:
            sha256 = sha256_of(field.image)
            if learned.has_file(sha256) and sha256 not in seen:
                seen.add(sha256)
                fields.append(field)
        found.extend(cases_of(fields))
    if seen != learned.images:
        sys.exit(f"{len(learned.images or ()) - len(seen)} images of the bundle are not there")
    stains = StainRange.of(found)
    if stains is None:
        sys.exit("no case has two stains")
    write_json(bundle / STAIN_FILE, stains.to_json())
    print(f"{stains.cases} of {len(found)} cases")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
