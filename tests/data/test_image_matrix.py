"""Images of every combination of properties, read alike by training and by prediction or refused.

`fit`, `evaluate` and `data inspect` read by `decode_image`, `predict` and `watch` by `open_slide`.
"""

import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from mitokeras.data.loading import decode_image
from mitokeras.errors import DataError
from mitokeras.slides.opening import open_slide
from tests.slides import APERIO, noise_image

DOCS = Path(__file__).parent.parent.parent / "docs" / "data.md"

IMAGE = noise_image(72, 80, grain_px=20)
HEIGHT, WIDTH = IMAGE.shape[:2]
ALPHA = np.full((HEIGHT, WIDTH), 255, np.uint8)
ALPHA[:, 40:] = 51
ON_WHITE = IMAGE.astype(float)
ON_WHITE[:, 40:] = IMAGE[:, 40:] * 0.2 + 255 * 0.8
MULTIPLIED = np.rint(IMAGE * (ALPHA[..., None] / 255)).astype(np.uint8)

INDICES = (np.arange(HEIGHT * WIDTH) % 256).astype(np.uint8).reshape(HEIGHT, WIDTH)
COLOURS = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)

YCBCR = cv2.cvtColor(IMAGE, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]]

LOSS = {"jpeg": 6.0, "webp": 2.0, "jpeg2000": 2.0, 33005: 2.0}
"""Mean difference in grey levels that a codec may cause, here with half of the colours."""
ROUNDING = 0.6

READ: dict[Any, str] = dict.fromkeys((None, "lzw", "zlib", "packbits", "lzma", "zstd"), "all")
READ |= {"jpeg": "rgb", "webp": "all", "jpeg2000": "all", 33005: "all"}
REFUSED = (33003, "jpegxl", "jpegxr", "png", "lerc")

# Kind -> photometric interpretation, ExtraSamples, samples, and what is to be seen, or None.
KINDS: dict[str, tuple[str, str | None, np.ndarray, np.ndarray | None]] = {
    "rgb": ("rgb", None, IMAGE, IMAGE),
    "alpha": ("rgb", "unassalpha", np.dstack([IMAGE, ALPHA]), ON_WHITE),
    "multiplied": ("rgb", "assocalpha", np.dstack([MULTIPLIED, ALPHA]), ON_WHITE),
    "unspecified": ("rgb", "unspecified", np.dstack([IMAGE, ALPHA]), None),
    "palette": ("palette", None, INDICES, COLOURS[INDICES]),
    "grey": ("minisblack", None, IMAGE[..., 0], None),
    "white is zero": ("miniswhite", None, IMAGE[..., 0], None),
    "ycbcr": ("ycbcr", None, YCBCR, None),
    "cmyk": ("separated", None, np.dstack([IMAGE, ALPHA]), None),
    "cielab": ("cielab", None, IMAGE, None),
}

Case = tuple[str, Callable[[Path], None], np.ndarray | None, float]
"""Name with suffix, what writes it, what is to be seen or None for a refusal, the codec's loss."""


def outcome(path: Path) -> np.ndarray | None:
    """What every command sees of an image; None where all refuse it, in the same words."""
    try:
        with closing(open_slide(path, 0.25)) as slide:
            predicted = slide.read(0, 0, slide.width, slide.height)
    except DataError as error:
        line = str(error)
        assert line.startswith(f"{path}: ") and "\n" not in line
        with pytest.raises(DataError) as caught:
            decode_image(path)
        assert str(caught.value) == line
        return None
    trained = decode_image(path)
    assert np.array_equal(trained, predicted), path
    assert trained.dtype == np.uint8 and trained.flags.writeable
    return trained


def judge(cases: Iterator[Case], folder: Path) -> tuple[int, int, int]:
    """Combinations tried, read and refused; each as it must be."""
    counts: Counter[bool] = Counter()
    for number, (name, write, expected, loss) in enumerate(cases):
        path = folder / f"{number} {name}"
        write(path)
        seen = outcome(path)
        counts[seen is not None] += 1
        assert (seen is None) == (expected is None), f"{name}: {'refused' if seen is None else ''}"
        if seen is not None and expected is not None:
            assert np.abs(seen - expected.astype(float)).mean() <= max(loss, ROUNDING), name
        path.unlink()
    return counts.total(), counts[True], counts[False]


def tiff_cases() -> Iterator[Case]:
    """Orientation and byte order go round, as all of them with all of these would take minutes."""
    turns = itertools.cycle(itertools.product(range(1, 9), "<>"))
    properties = itertools.product(
        (*READ, *REFUSED), KINDS, (8, 16), ("contig", "separate"), (None, 32)
    )
    for compression, kind, bits, planar, tile_px in properties:
        if not can_be_written(compression, kind, bits, planar):
            continue
        orientation, byteorder = next(turns)
        yield tiff_case(compression, kind, bits, planar, tile_px, orientation, byteorder)


def turned_cases() -> Iterator[Case]:
    for compression, tile_px, orientation, byteorder in itertools.product(
        (None, "jpeg", "jpeg2000"), (None, 32), range(1, 9), "<>"
    ):
        yield tiff_case(compression, "rgb", 8, "contig", tile_px, orientation, byteorder)


def scanner_cases() -> Iterator[Case]:
    """The same, as OpenSlide takes it for Aperio's: it looks at few of the tags."""
    turns = itertools.cycle((1, 1, 2, 3, 6, 8))
    for compression, kind, bits, planar in itertools.product(
        (None, "lzw", "zlib", "jpeg", 33005), KINDS, (8, 16), ("contig", "separate")
    ):
        if not can_be_written(compression, kind, bits, planar):
            continue
        for orientation in (1, next(turns)):
            name, write, expected, loss = tiff_case(
                compression, kind, bits, planar, 32, orientation, "<", APERIO
            )
            is_scan = kind == "rgb" or (kind, compression, planar) == ("ycbcr", "jpeg", "contig")
            is_turned = orientation != 1 and compression not in ("jpeg", 33005)
            is_read = is_scan and not is_turned and (compression, planar) != (33005, "separate")
            yield name, write, expected if is_read else None, loss


def can_be_written(compression: Any, kind: str, bits: int, planar: str) -> bool:
    samples = KINDS[kind][2]
    if samples.ndim == 2 and planar == "separate":
        return False
    if compression == "webp":  # only has RGB and RGBA of 8 bits
        return bits == 8 and samples.ndim == 3 and planar == "contig"
    if compression == "jpeg":  # of 8 bits; tifffile writes no fourth sample
        return bits == 8 and (samples.ndim == 2 or samples.shape[2] == 3)
    return True


def tiff_case(
    compression: Any,
    kind: str,
    bits: int,
    planar: str,
    tile_px: int | None,
    orientation: int,
    byteorder: str,
    description: str | None = None,
) -> Case:
    photometric, extra, samples, expected = KINDS[kind]
    options: dict[str, Any] = {} if extra is None else {"extrasamples": [extra]}
    if samples.ndim == 3:
        options["planarconfig"] = planar
        if planar == "separate":
            samples = np.ascontiguousarray(np.moveaxis(samples, 2, 0))
    if kind == "palette":
        table = np.zeros((3, 2**bits), np.uint16)
        table[:, : len(COLOURS)] = COLOURS.T.astype(np.uint16) * 257
        options["colormap"] = table
    if bits == 16:
        samples = samples.astype(np.uint16) * (1 if kind == "palette" else 257)
        byteorder = "<"  # the codecs of images take no other
    if tile_px is None:
        options["rowsperstrip"] = 16
    else:
        options["tile"] = (tile_px, tile_px)

    def write(path: Path) -> None:
        tifffile.imwrite(
            path, samples, photometric=photometric, compression=compression, metadata=None,
            byteorder=byteorder, description=description,
            extratags=[(274, "H", 1, orientation, True)], **options,
        )  # fmt: skip

    is_read = compression in READ and (bits == 8 or kind == "palette")
    if compression == "jpeg" and kind == "ycbcr" and planar == "contig":
        expected = IMAGE  # what JPEG has inside
    if compression in LOSS and kind == "palette":
        is_read = False
    name = f"{compression} {kind} {bits} {planar} {tile_px} {orientation} {byteorder}.tif"
    name = name.replace("<", "little").replace(">", "big")
    return name, write, expected if is_read else None, LOSS.get(compression, 0)


def pillow_cases() -> Iterator[Case]:
    rgb, rgba = Image.fromarray(IMAGE), Image.fromarray(np.dstack([IMAGE, ALPHA]))
    indexed = Image.fromarray(INDICES, "L").convert("P")
    indexed.putpalette(COLOURS.tobytes())
    keyed = indexed.copy()
    keyed.info["transparency"] = bytes([255] * 255 + [0])
    on_white = np.where((INDICES == 255)[..., None], 255, COLOURS[INDICES])
    seen: dict[str, tuple[Image.Image, np.ndarray | None]] = {
        "RGB": (rgb, IMAGE),
        "RGBA": (rgba, ON_WHITE),
        "P": (indexed, COLOURS[INDICES]),
        "P with alpha": (keyed, on_white),
        "L": (rgb.convert("L"), None),
        "LA": (rgba.convert("LA"), None),
        "1": (rgb.convert("1"), None),
        "I;16": (Image.fromarray(IMAGE[..., 0].astype(np.uint16) * 257), None),
        "CMYK": (rgb.convert("CMYK"), None),
    }
    exif = Image.Exif()
    exif[274] = 6
    formats: dict[str, tuple[str, tuple[dict[str, Any], ...]]] = {
        "png": ("RGB RGBA P L LA 1 I;16", ({}, {"compress_level": 0}, {"exif": exif})),
        "jpg": (
            "RGB L CMYK",
            tuple(
                {"quality": 95, "subsampling": subsampling, "progressive": progressive} | more
                for subsampling in (0, 1, 2)
                for progressive in (False, True)
                for more in ({}, {"exif": exif})
            ),
        ),
        "bmp": ("RGB RGBA P L 1", ({},)),
        "tif": (
            "RGB RGBA P L 1 I;16 CMYK",
            ({}, {"compression": "tiff_lzw"}, {"compression": "tiff_adobe_deflate"},
             {"compression": "packbits"}, {"compression": "zstd"}),
        ),
    }  # fmt: skip
    for suffix, (modes, options) in formats.items():
        names = [*modes.split(), *(["P with alpha"] if suffix == "png" else [])]
        for mode, option in itertools.product(names, options):
            image, expected = seen[mode]
            loss = 3.0 if suffix == "jpg" else 0
            if (mode, suffix) == ("RGBA", "bmp"):
                expected = IMAGE  # Pillow writes alpha where BMP has a byte without a meaning
            yield f"{mode.replace(';', '')}.{suffix}", pillow_writer(image, option), expected, loss


def pillow_writer(image: Image.Image, options: dict[str, Any]) -> Callable[[Path], None]:
    return lambda path: image.save(path, **options)


def opencv_cases() -> Iterator[Case]:
    bgr = IMAGE[..., ::-1]
    arrays: dict[str, tuple[np.ndarray, np.ndarray | None]] = {
        "rgb": (bgr, IMAGE),
        "rgba": (np.dstack([bgr, ALPHA]), ON_WHITE),
        "grey": (IMAGE[..., 0], None),
        "rgb of 16 bits": (bgr.astype(np.uint16) * 257, None),
        "grey of 16 bits": (IMAGE[..., 0].astype(np.uint16) * 257, None),
    }
    codes = (1, 5, 8, 32773, 32946)
    tiff = [(cv2.IMWRITE_TIFF_COMPRESSION, code) for code in codes]
    for suffix, options in (("png", [()]), ("bmp", [()]), ("jpg", [()]), ("tif", tiff)):
        for (name, (array, expected)), option in itertools.product(arrays.items(), options):
            if array.dtype == np.uint16 and suffix in ("bmp", "jpg"):
                continue
            if suffix == "jpg":
                expected = None if array.ndim == 2 else IMAGE  # which has no alpha
            if (name, suffix) == ("rgba", "tif"):
                expected = None  # OpenCV does not write what the fourth sample is
            loss = 3.0 if suffix == "jpg" else 0
            yield f"{name}.{suffix}", opencv_writer(array, f".{suffix}", option), expected, loss


def opencv_writer(
    array: np.ndarray, suffix: str, options: tuple[int, ...]
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        encoded, data = cv2.imencode(suffix, array, options)
        assert encoded
        path.write_bytes(data.tobytes())

    return write


@pytest.mark.parametrize(
    ("written_by", "cases"),
    [
        ("tifffile", tiff_cases),
        ("tifffile, turned", turned_cases),
        ("tifffile, as Aperio's", scanner_cases),
        ("Pillow", pillow_cases),
        ("OpenCV", opencv_cases),
    ],
)
def test_read_alike_or_refused_alike(
    tmp_path: Path, written_by: str, cases: Callable[[], Iterator[Case]]
) -> None:
    tried, read, refused = judge(cases(), tmp_path)
    assert f"| {written_by} | {tried} | {read} | {refused} |" in DOCS.read_text("utf-8")


def stack(**options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.stack([IMAGE, IMAGE]), photometric="rgb", **options)
    return file.getvalue()


def pages(*images: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for image in images:
            writer.write(image, photometric="rgb", metadata=None, **options)
    return file.getvalue()


def animation() -> bytes:
    file = io.BytesIO()
    second = Image.fromarray(255 - IMAGE)
    Image.fromarray(IMAGE).save(file, "png", save_all=True, append_images=[second])
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        stack(),
        stack(metadata=None),
        stack(imagej=True),
        stack(tile=(32, 32), compression="jpeg", metadata=None),
        stack(ome=True, metadata={"axes": "ZYXS"}),
        pages(IMAGE, IMAGE[:60, :70]),
        pages(IMAGE[:60, :70], IMAGE, tile=(16, 16), compression="jpeg"),
        animation(),
    ],
    ids=["stack", "pages", "ImageJ", "tiles", "OME", "two sizes", "two of tiles", "animation"],
)
def test_several_pictures_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    assert outcome(path) is None
    with pytest.raises(DataError, match=r"a\.tif: an image must be one picture\. Received: "):
        decode_image(path)


@pytest.mark.parametrize("compression", [None, "jpeg"])
@pytest.mark.parametrize("is_first", [False, True])
def test_a_thumbnail_is_no_picture_of_its_own(
    tmp_path: Path, compression: str | None, is_first: bool
) -> None:
    images = (IMAGE, np.zeros((16, 16, 3), np.uint8))
    path = tmp_path / "a.tif"
    path.write_bytes(
        pages(*(images[::-1] if is_first else images), tile=(32, 32), compression=compression)
    )
    seen = outcome(path)
    assert seen is not None
    assert np.abs(seen.astype(int) - IMAGE).mean() <= (6 if compression else 0)


@pytest.mark.parametrize("channels", [3, 4])
def test_one_channel_a_page(tmp_path: Path, channels: int) -> None:
    planes = np.moveaxis(np.dstack([IMAGE, ALPHA])[..., :channels], 2, 0)
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, planes, photometric="minisblack", metadata={"axes": "CYX"})
    seen = outcome(path)
    if channels == 3:
        assert np.array_equal(seen, IMAGE)
    else:
        assert seen is None
        with pytest.raises(DataError, match=r"in colour, RGB\. Received: 4 channels, MINISBLACK"):
            decode_image(path)


def test_alpha_of_zero_throughout_is_a_mistake(tmp_path: Path) -> None:
    hidden = np.dstack([IMAGE, np.zeros_like(ALPHA)])
    for path in (tmp_path / "a.tif", tmp_path / "a.png"):
        Image.fromarray(hidden).save(path)
        assert outcome(path) is None
        with pytest.raises(DataError, match="an alpha channel of 0 throughout"):
            decode_image(path)
