"""Draw `synthetic_field.jpg`: one synthetic field, and below it one cell of each kind.

Run from the root of the repository: python docs/images/make_synthetic_field.py
"""

from pathlib import Path

import cv2
import numpy as np

from mitokeras.data.synthetic.field import SyntheticField, SyntheticObject, draw_field

KINDS = {
    "prometaphase": "prometaphase",
    "metaphase": "metaphase",
    "anaphase": "anaphase",
    "ring": "ring form",
    "apoptosis": "apoptosis",
    "pyknosis": "pyknosis",
    "smudge": "smudge",
    "lymphocyte": "lymphocyte",
    "tumor_nucleus": "tumour nucleus",
}
CASE, SEEDS = 1, range(1, 11)
FIELD_PX = 1080, 720
CROP_PX, TILE_PX, CAPTION_PX = 64, 120, 24
WHITE = (255, 255, 255)


def crop(field: SyntheticField, o: SyntheticObject) -> np.ndarray:
    """The square about an object, enlarged, with a white frame."""
    part = cv2.getRectSubPix(field.image, (CROP_PX, CROP_PX), (o.x, o.y))
    part = cv2.resize(part, (TILE_PX - 4, TILE_PX - 4), interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(part, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=WHITE)


def detail(tile: np.ndarray) -> float:
    """Fine detail in the middle of a tile; contrast counts, but less than in proportion."""
    middle = tile[TILE_PX // 4 : -TILE_PX // 4, TILE_PX // 4 : -TILE_PX // 4]
    return cv2.Laplacian(middle, cv2.CV_64F).var() / middle.std()


def sharpest(fields: list[SyntheticField], kind: str) -> np.ndarray:
    """The crop with the most detail of one kind, away from the border."""
    margin = CROP_PX / 2
    crops = [
        crop(field, o)
        for field in fields
        for o in field.objects
        if kind in (o.label, o.phase)
        and margin < o.x < field.mask.shape[1] - margin
        and margin < o.y < field.mask.shape[0] - margin
    ]
    return max(crops, key=detail)


def caption(text: str) -> np.ndarray:
    """Black text in the middle of a white strip as wide as a tile."""
    strip = np.full((CAPTION_PX, TILE_PX, 3), 255, np.uint8)
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)
    at = ((TILE_PX - width) // 2, 15)
    cv2.putText(strip, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return strip


def main() -> None:
    width, height = FIELD_PX
    fields = [draw_field(height, width, seed=seed, case=CASE) for seed in SEEDS]
    tiles = [np.vstack([sharpest(fields, k), caption(v)]) for k, v in KINDS.items()]
    sheet = np.vstack([fields[0].image, np.full((6, width, 3), 255, np.uint8), np.hstack(tiles)])
    out = Path(__file__).with_name("synthetic_field.jpg")
    cv2.imwrite(str(out), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
