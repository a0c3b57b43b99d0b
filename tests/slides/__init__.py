"""Writing slides: pyramids in the form that Aperio's scanners give them, OME-TIFF, plain TIFF."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import tifffile

CENTIMETRE_UM = 10_000
TILE_PX = 240
QUALITY = 90
LEVELS = (4, 16)
GRAIN_PX = 3840  # of all levels' tiles

APERIO = "Aperio Image Library v12.0.15\r\n128x96 [0,0 128x96] (32x32) |AppMag = 40|MPP = 0.25"
"""By such a description OpenSlide knows a slide of Aperio's scanners."""


def write_aperio(
    path: Path,
    image: np.ndarray,
    spacing_um_px: float | None = 0.25,
    app_mag: float | None = 40,
    tile_px: int = TILE_PX,
    levels: Sequence[int] = LEVELS,
) -> Path:
    """Write an RGB image, uint8 (height, width, 3), as an SVS of JPEG tiles.

    Args:
        path: To write.
        image: Level 0.
        spacing_um_px: For MPP in the description, or None for a slide that states none.
        app_mag: For AppMag in the description, or None.
        tile_px: Edge of a tile, a multiple of 16.
        levels: Shrinking factors of the levels beyond the first.
    """
    height, width = image.shape[:2]
    description = _description(width, height, spacing_um_px, app_mag)
    with tifffile.TiffWriter(path) as tiff:
        _write_tiles(tiff, map(encode, cut(image, tile_px)), (height, width), tile_px, description)
        tiff.write(
            _thumbnail(image),
            compression="jpeg",
            photometric="ycbcr",
            subsampling=(1, 1),
            rowsperstrip=16,
            description=_page_description(width, height, "-> thumbnail"),
            metadata=None,
        )
        for factor in levels:
            level = shrink(image, factor)
            text = _page_description(width, height, f"-> {level.shape[1]}x{level.shape[0]}")
            _write_tiles(tiff, map(encode, cut(level, tile_px)), level.shape[:2], tile_px, text)
    return path


def write_huge_aperio(
    path: Path,
    block: np.ndarray,
    width: int,
    height: int,
    tissue: tuple[float, float, float, float] = (0.25, 0.25, 0.75, 0.75),
) -> Path:
    """Write an SVS of any size that repeats a block of tissue on white glass.

    Each different tile is encoded once, so that time and memory are those of writing the file.
    The block repeats from (0, 0): pixel (x, y) in the tissue is `block[y % rows, x % columns]`.

    Args:
        path: To write.
        block: RGB, uint8; its sides are multiples of `TILE_PX`.
        width: Width of level 0, pixels.
        height: Height of level 0, pixels.
        tissue: Left, top, right, bottom of the tissue as shares of width and height; each is
            rounded to a multiple of `GRAIN_PX`.
    """
    left, top, right, bottom = tissue_px(width, height, tissue)
    bigtiff = width * height > 2**31
    with tifffile.TiffWriter(path, bigtiff=bigtiff) as tiff:
        for factor in (1, *LEVELS):
            shape = height // factor, width // factor
            region = left // factor, top // factor, right // factor, bottom // factor
            tiles = _repeated(shrink(block, factor), shape, region)
            if factor == 1:
                text = _description(width, height, 0.25, 40)
            else:
                text = _page_description(width, height, f"-> {shape[1]}x{shape[0]}")
            _write_tiles(tiff, tiles, shape, TILE_PX, text)
    return path


def tissue_px(
    width: int,
    height: int,
    tissue: tuple[float, float, float, float] = (0.25, 0.25, 0.75, 0.75),
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the tissue of `write_huge_aperio`, pixels of level 0."""
    left, top, right, bottom = (
        round(share * side / GRAIN_PX) * GRAIN_PX
        for share, side in zip(tissue, (width, height) * 2, strict=True)
    )
    return left, top, min(right, width), min(bottom, height)


def write_plain_tiff(
    path: Path,
    image: np.ndarray,
    spacing_um_px: float | None = None,
    tile_px: int | None = None,
    compression: str | None = None,
) -> Path:
    """Write a TIFF of one page, in strips unless `tile_px` is given."""
    per_cm = None if spacing_um_px is None else CENTIMETRE_UM / spacing_um_px
    tifffile.imwrite(
        path,
        image,
        tile=None if tile_px is None else (tile_px, tile_px),
        resolution=None if per_cm is None else (per_cm, per_cm),
        resolutionunit=None if per_cm is None else "CENTIMETER",
        compression=compression,
        photometric="rgb",
        metadata=None,
    )
    return path


def write_ome_tiff(
    path: Path,
    image: np.ndarray,
    spacing_um_px: float | tuple[float, float] | None = 0.25,
    tile_px: int | None = 256,
    levels: Sequence[int] = (),
    compression: str | None = "zlib",
    unit: str = "µm",
) -> Path:
    """Write an OME-TIFF, its further levels as SubIFDs; in strips where `tile_px` is None.

    `spacing_um_px` may be (x, y), and is in `unit`.
    """
    metadata: dict[str, object] = {"axes": "YXS"}
    if spacing_um_px is not None:
        x, y = spacing_um_px if isinstance(spacing_um_px, tuple) else (spacing_um_px,) * 2
        metadata |= {"PhysicalSizeX": x, "PhysicalSizeY": y}
        metadata |= {"PhysicalSizeXUnit": unit, "PhysicalSizeYUnit": unit}
    tags: dict[str, Any] = {
        "photometric": "rgb",
        "tile": None if tile_px is None else (tile_px, tile_px),
        "compression": compression,
    }
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(image, subifds=len(levels), metadata=metadata, **tags)
        for factor in levels:
            tiff.write(shrink(image, factor), subfiletype=1, metadata=None, **tags)
    return path


def shrink(image: np.ndarray, factor: int) -> np.ndarray:
    """Mean of `factor` x `factor` pixels; a rest at the right and below is left out."""
    height, width = image.shape[0] // factor, image.shape[1] // factor
    whole = image[: height * factor, : width * factor]
    return cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)


def noise_image(height: int, width: int, seed: int = 0, grain_px: int = 32) -> np.ndarray:
    """Smooth coloured noise, which JPEG keeps to within a few grey levels if the grain is big."""
    rows, columns = height // grain_px + 2, width // grain_px + 2
    coarse = np.random.default_rng(seed).integers(60, 250, (rows, columns, 3), np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def encode(tile: np.ndarray) -> bytes:
    """One tile as a JPEG file of its own, without subsampling."""
    return bytes(
        imagecodecs.jpeg8_encode(
            tile, level=QUALITY, colorspace="RGB", outcolorspace="YCbCr", subsampling=(1, 1)
        )
    )


def _description(
    width: int, height: int, spacing_um_px: float | None, app_mag: float | None
) -> str:
    fields = [f"{width}x{height} [0,0 {width}x{height}] (240x240) JPEG/RGB Q=90"]
    fields += [] if app_mag is None else [f"AppMag = {app_mag:g}"]
    fields += [] if spacing_um_px is None else [f"MPP = {spacing_um_px:.4f}"]
    return "Aperio Image Library v12.0.15\r\n" + "|".join(fields)


def _page_description(width: int, height: int, rest: str) -> str:
    return f"Aperio Image Library v12.0.15\r\n{width}x{height} {rest}"


def _thumbnail(image: np.ndarray) -> np.ndarray:
    longest = max(image.shape[:2])
    return shrink(image, max(1, math.ceil(longest / 512)))


def _write_tiles(
    tiff: tifffile.TiffWriter,
    tiles: Iterator[bytes],
    shape: tuple[int, int],
    tile_px: int,
    description: str,
) -> None:
    tiff.write(
        tiles,
        shape=(*shape, 3),
        dtype=np.uint8,
        tile=(tile_px, tile_px),
        compression="jpeg",
        photometric="ycbcr",
        subsampling=(1, 1),
        description=description,
        metadata=None,
    )


def cut(image: np.ndarray, tile_px: int) -> Iterator[np.ndarray]:
    """Tiles row by row, the last ones filled up with their outermost pixels."""
    height, width = image.shape[:2]
    padded = cv2.copyMakeBorder(
        image, 0, -height % tile_px, 0, -width % tile_px, cv2.BORDER_REPLICATE
    )
    for y in range(0, height, tile_px):
        for x in range(0, width, tile_px):
            yield np.ascontiguousarray(padded[y : y + tile_px, x : x + tile_px])


def _repeated(
    block: np.ndarray, shape: tuple[int, int], region: tuple[int, int, int, int]
) -> Iterator[bytes]:
    """Tiles of one level, tissue in the region (left, top, right, bottom) and white elsewhere."""
    rows, columns = (math.lcm(side, TILE_PX) for side in block.shape[:2])
    pattern = np.tile(block, (rows // block.shape[0], columns // block.shape[1], 1))
    tissue = [encode(tile) for tile in cut(pattern, TILE_PX)]
    across = columns // TILE_PX
    white = encode(np.full((TILE_PX, TILE_PX, 3), 255, np.uint8))
    left, top, right, bottom = region
    for y in range(0, shape[0], TILE_PX):
        for x in range(0, shape[1], TILE_PX):
            if left <= x < right and top <= y < bottom:
                yield tissue[y % rows // TILE_PX * across + x % columns // TILE_PX]
            else:
                yield white


def corrupt_tile(path: Path, x: int, y: int, level: int = 0) -> None:
    """Overwrite the data of the tile that holds pixel (x, y) of a level with zeros."""
    with tifffile.TiffFile(path) as tiff:
        pages = [p for p in tiff.pages if isinstance(p, tifffile.TiffPage) and p.is_tiled]
        page = pages[level]
        index = y // page.tilelength * math.ceil(page.imagewidth / page.tilewidth)
        index += x // page.tilewidth
        offset, count = page.dataoffsets[index], page.databytecounts[index]
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(count))


def set_tag(path: Path, name: str, value: float, dtype: str = "I") -> None:
    """Overwrite a number in the first directory of a TIFF."""
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tag = tiff.pages.first.tags[name]
        tag.overwrite(value, dtype=dtype, erase=False)


def write_mha(
    path: Path,
    image: np.ndarray,
    *,
    spacing_mm: tuple[float, ...] = (0.00025, 0.00025),
    compressed: bool = False,
    vector: bool = True,
    origin: tuple[float, ...] | None = None,
) -> Path:
    """Write an MHA by ITK.

    Args:
        path: The file.
        image: Grey or in colour, or a stack of such.
        spacing_mm: Size of a pixel.
        compressed: By zlib.
        vector: Whether the last axis is that of the channels.
        origin: Where the image lies.
    """
    import SimpleITK as itk

    written = itk.GetImageFromArray(image, isVector=vector)
    written.SetSpacing(spacing_mm)
    if origin is not None:
        written.SetOrigin(origin)
    itk.WriteImage(written, str(path), compressed)
    return path
