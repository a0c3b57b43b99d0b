"""A data set whose figures are of two subtypes that a network tells apart in a few steps."""

from pathlib import Path

import cv2
import numpy as np

SIDE_PX = 256
STEP_PX = 64


def write_subtyped(folder: Path, images: int = 8, cases: int = 4, known: int | None = None) -> Path:
    """Write images of 16 mitotic figures each: dark discs are normal, bars are atypical.

    Args:
        folder: New.
        images: How many.
        cases: How many they are of.
        known: Figures whose subtype is labelled, the others' is not; None for all.
    """
    (folder / "images").mkdir(parents=True)
    rows = ["image,x,y,label,case,subtype"]
    for number in range(images):
        rng = np.random.default_rng(number)
        # Coarse spots that no other image has, or all would be taken for one tissue.
        spots = rng.integers(110, 250, (32, 32, 3)).astype(np.uint8)
        image = cv2.resize(spots, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)
        for place in range((SIDE_PX // STEP_PX) ** 2):
            middle = [STEP_PX // 2 + STEP_PX * part for part in divmod(place, SIDE_PX // STEP_PX)]
            x, y = (int(c) for c in middle + rng.integers(-12, 13, 2))
            if atypical := place % 2:
                cv2.rectangle(image, (x - 15, y - 4), (x + 15, y + 4), (90, 30, 110), -1)
            else:
                cv2.circle(image, (x, y), 10, (90, 30, 110), -1)
            subtype = ("normal", "atypical")[atypical]
            told = known is None or len(rows) <= known
            rows.append(f"{number}.png,{x},{y},mitosis,case_{number % cases},{subtype * told}")
        cv2.imwrite(str(folder / "images" / f"{number}.png"), image[..., ::-1])
    (folder / "labels.csv").write_text("\n".join(rows))
    return folder
