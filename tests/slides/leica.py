"""Writing a slide as Leica's SCN, whose scanned area lies somewhere on the glass."""

from pathlib import Path

import numpy as np
import tifffile

from tests.slides import cut, encode, shrink

_NM_PX = 250

_IMAGE = (
    '<image name="{name}" uuid="urn:uuid:{name}"><creationDate>2020-01-01T00:00:00Z</creationDate>'
    '<device model="Leica SCN400" version="1.0"/><pixels sizeX="{width}" sizeY="{height}">'
    '<dimension sizeX="{width}" sizeY="{height}" r="0" ifd="{page}"/></pixels>'
    '<view sizeX="{wide}" sizeY="{high}" offsetX="{left}" offsetY="{top}" spacingZ="0"/>'
    "<scanSettings><objectiveSettings><objective>{objective}</objective></objectiveSettings>"
    "<illuminationSettings><numericalAperture>0.7</numericalAperture><illuminationSource>"
    "brightfield</illuminationSource></illuminationSettings></scanSettings></image>"
)


def write_scn(
    path: Path, image: np.ndarray, glass_px: tuple[int, int], corner_px: tuple[int, int]
) -> Path:
    """Write RGB, uint8, at 0.25 um/px as the area at `corner_px` (x, y) of a glass.

    Args:
        path: To write.
        image: The scanned area, sides multiples of 16.
        glass_px: Width and height of the glass in its pixels, multiples of 16.
        corner_px: The area's upper left corner there.
    """
    height, width = image.shape[:2]
    macro = np.full((glass_px[1] // 16, glass_px[0] // 16, 3), 240, np.uint8)
    small = shrink(image, 16)
    left, top = (side // 16 for side in corner_px)
    macro[top : top + small.shape[0], left : left + small.shape[1]] = small
    whole = tuple(side * _NM_PX for side in glass_px)
    images = [
        _IMAGE.format(
            name="macro", page=0, width=macro.shape[1], height=macro.shape[0], wide=whole[0],
            high=whole[1], left=0, top=0, objective=0.6,
        ),
        _IMAGE.format(
            name="area", page=1, width=width, height=height, wide=width * _NM_PX,
            high=height * _NM_PX, left=corner_px[0] * _NM_PX, top=corner_px[1] * _NM_PX,
            objective=40,
        ),
    ]  # fmt: skip
    text = (
        '<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01" '
        f'uuid="urn:uuid:scn"><collection name="c" uuid="urn:uuid:c" sizeX="{whole[0]}" '
        f'sizeY="{whole[1]}" barcode="">{"".join(images)}</collection></scn>'
    )
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        for page, description in ((macro, text), (image, None)):
            tiff.write(
                map(encode, cut(page, 256)), shape=page.shape, dtype=np.uint8, tile=(256, 256),
                compression="jpeg", photometric="ycbcr", subsampling=(1, 1), metadata=None,
                description=description, resolution=(1e7 / _NM_PX,) * 2,
                resolutionunit="CENTIMETER",
            )  # fmt: skip
    return path
